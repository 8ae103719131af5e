internal import Codec
public import Cryptography
public import Ledger

/// A document that has been sealed and is on its way: its ciphertext stands in the home until the ledger has it.
///
/// A directory `<home>/uploads/<document id>` with the files `blocks` (one after the other), `manifest`, `metadata`,
/// `operation`, `transaction` once there is one, and `acknowledged`. There is no key among them and nothing that is not to be published,
/// so a killed upload resumes without sealing again, which would need another key.
public struct PendingRecord: Sendable {
    /// What commits the document.
    public let operation: CommitDocument
    /// What the document consists of.
    public let manifest: Manifest
    let directory: String

    /// The document that the operation makes.
    public var document: DocumentID { operation.document }

    /// What is named by the operation and the manifest: the blocks, the metadata and the manifest last, so that whoever
    /// finds the manifest finds all.
    var contents: [ContentID] { manifest.blocks + [operation.metadata, operation.manifest] }

    /// Reads content from the directory.
    func bytes(at index: Int) throws(RecordFailure) -> [UInt8] {
        switch index - manifest.blocks.count {
        case 0: return try LocalFile.contents(directory + "/metadata")
        case 1: return try LocalFile.contents(directory + "/manifest")
        default:
            let start = UInt64(index) * UInt64(DocumentLayout.maximumBlockLength)
            let length = UInt64(manifest.layout.sealedLength(ofBlock: index))
            return try LocalFile(directory + "/blocks", .reading).read(start..<(start + length))
        }
    }

    /// How many bytes that is.
    func length(at index: Int) -> UInt64 {
        index < manifest.blocks.count ? UInt64(manifest.layout.sealedLength(ofBlock: index)) : 0
    }

    // MARK: What has been sent

    /// An index in 4 bytes and a time in 8, big-endian.
    private static let entryLength = 12

    /// Which contents have been acknowledged since a time, by as many nodes as must have them.
    ///
    /// That a node has content does not say so: it may have stored it and found nobody for a copy. And nodes remove what
    /// no document has named for a week.
    ///
    /// - Parameter time: Seconds since 1970.
    func acknowledged(since time: Int64) -> Set<Int> {
        guard let bytes = try? LocalFile.contents(directory + "/acknowledged") else { return [] }
        let whole = bytes.count - bytes.count % Self.entryLength
        return Set(
            stride(from: 0, to: whole, by: Self.entryLength).compactMap { offset in
                let index = Self.integer(bytes[offset..<(offset + 4)])
                return Self.integer(bytes[(offset + 4)..<(offset + Self.entryLength)]) >= time ? Int(index) : nil
            })
    }

    /// Notes an acknowledgement; what a power cut takes away is sent again.
    func acknowledge(_ index: Int, at time: Int64) throws(RecordFailure) {
        let file = try LocalFile(directory + "/acknowledged", .writing)
        let size = try file.size()
        let entry = Self.bytes(Int64(index)).suffix(4) + Self.bytes(time)
        try file.write(entry[...], at: size - size % UInt64(Self.entryLength))
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }

    private static func bytes(_ integer: Int64) -> [UInt8] { withUnsafeBytes(of: integer.bigEndian) { Array($0) } }

    // MARK: The transaction

    /// The transaction that carries the operation, if one was kept.
    public var transaction: [UInt8]? { try? LocalFile.contents(directory + "/transaction") }

    /// Keeps the transaction, signed by one or by all who must, so that the same one is submitted after a kill.
    public func keep(transaction bytes: [UInt8]) throws(RecordFailure) {
        try LocalFile.create(directory + "/transaction.new", bytes)
        try LocalFile.move(directory + "/transaction.new", to: directory + "/transaction")
    }

    /// Removes the directory: the ledger has the document, or never will.
    public func discard() { LocalFile.remove(directory) }

    /// - Returns: Nothing unless the directory is complete.
    init?(directory: String) {
        guard let operationBytes = try? LocalFile.contents(directory + "/operation"),
            case .commitDocument(let operation)? = try? Operation(decoding: operationBytes),
            let manifestBytes = try? LocalFile.contents(directory + "/manifest"),
            let manifest = try? Manifest(decoding: manifestBytes)
        else { return nil }
        self.operation = operation
        self.manifest = manifest
        self.directory = directory
    }

    init(operation: CommitDocument, manifest: Manifest, directory: String) {
        self.operation = operation
        self.manifest = manifest
        self.directory = directory
    }
}
