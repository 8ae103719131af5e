/// A piece of a sealed document, the unit of upload, storage and replication.
public struct SealedBlock: Sendable {
    /// Its place in the document, from 0.
    public let index: Int
    /// Its name: the raw content id of ``bytes``.
    public let id: ContentID
    /// At most ``DocumentLayout/maximumBlockLength`` bytes.
    public let bytes: [UInt8]

    package init(index: Int, id: ContentID, bytes: [UInt8]) {
        self.index = index
        self.id = id
        self.bytes = bytes
    }
}

/// Why a document could not be sealed; the source's doing.
public enum SealingFailure: Error, Hashable, Sendable {
    /// The document is above ``DocumentLayout/maximumSize``.
    case tooLarge
    /// The source ended after so many bytes, before the size that was announced.
    case sourceEnded(at: UInt64)
    /// The source has more bytes than were announced.
    case sourceContinues(after: UInt64)
}

/// Seals a document block by block in a block's memory, whatever the document's size.
///
/// Ask for blocks until there is none, then for the manifest. About 1 ms a block.
public struct DocumentSealer: ~Copyable {
    /// How the document is cut up.
    public let layout: DocumentLayout
    /// Names the key; goes on the chain beside the manifest's content id.
    public var commitment: Digest { keys.commitment }

    private let contentSize: UInt64
    private let salt: [UInt8]
    private let context: DocumentContext
    private let keys: DocumentKeySchedule
    private let cipher: AESGCM
    private let read: (UnsafeMutableRawBufferPointer) throws -> Int
    private var contentRead: UInt64 = 0
    private var blocks: [ContentID] = []

    /// - Parameters:
    ///   - contentSize: The document's size, which the source must keep to.
    ///   - context: Where the document belongs.
    ///   - read: Fills the beginning of the buffer with the bytes that come next and returns how many, 0 at the end.
    public init(
        contentSize: UInt64, key: DocumentKey, context: DocumentContext,
        read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(SealingFailure) {
        try self.init(
            contentSize: contentSize, key: key, context: context, salt: SystemRandom.bytes(Manifest.saltLength),
            read: read)
    }

    /// - Parameter salt: 16 bytes, never used twice with one key.
    package init(
        contentSize: UInt64, key: DocumentKey, context: DocumentContext, salt: [UInt8],
        read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(SealingFailure) {
        precondition(salt.count == Manifest.saltLength, "a salt has 16 bytes")
        guard let layout = DocumentLayout(contentSize: contentSize) else { throw .tooLarge }
        self.layout = layout
        self.contentSize = contentSize
        self.salt = salt
        self.context = context
        keys = key.schedule(salt: salt)
        cipher = AESGCM(key: keys.payload)
        self.read = read
    }

    /// Seals the next block, or returns nothing after the last.
    ///
    /// - Throws: What the source throws, or ``SealingFailure``; the sealer is then of no further use.
    public mutating func nextBlock() throws -> SealedBlock? {
        let index = blocks.count
        guard index < layout.blockCount else { return nil }
        let length = layout.sealedLength(ofBlock: index)
        let bytes = try [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            try seal(block: index, into: UnsafeMutableRawBufferPointer(buffer))
            count = length
        }
        if index == layout.blockCount - 1 { try expectEnd() }
        let id = ContentID(of: bytes)
        blocks.append(id)
        return SealedBlock(index: index, id: id, bytes: bytes)
    }

    /// The manifest of the blocks that were handed out, all of them.
    public consuming func finish() -> Manifest {
        precondition(blocks.count == layout.blockCount, "every block has been handed out")
        return Manifest(
            layout: layout, salt: salt, commitment: keys.commitment, context: context.digest, blocks: blocks,
            authenticate: keys.authenticate)
    }

    /// Reads each segment to where it is sealed in place.
    private mutating func seal(block: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        var offset = 0
        for segment in layout.segments(ofBlock: block) {
            let length = layout.length(ofSegment: segment)
            let output = UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<(offset + length + AESGCM.tagLength)])
            let plaintext = UnsafeMutableRawBufferPointer(rebasing: output[..<length])
            var content = plaintext
            if segment == 0 {
                plaintext.storeBytes(of: contentSize.bigEndian, as: UInt64.self)
                content = UnsafeMutableRawBufferPointer(rebasing: plaintext[DocumentLayout.headerLength...])
            }
            try fill(content)
            cipher.seal(UnsafeRawBufferPointer(plaintext), nonce: layout.nonce(ofSegment: segment), into: output)
            offset += length + AESGCM.tagLength
        }
    }

    /// Fills the buffer from the source, and behind the source's end with zeros.
    private mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws {
        let wanted = Int(min(UInt64(buffer.count), contentSize - contentRead))
        var filled = 0
        while filled < wanted {
            let count = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<wanted]))
            guard count > 0 else { throw SealingFailure.sourceEnded(at: contentRead) }
            precondition(count <= wanted - filled, "a source fills no more than the buffer")
            filled += count
            contentRead += UInt64(count)
        }
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).initializeMemory(as: UInt8.self, repeating: 0)
    }

    private func expectEnd() throws {
        let more = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try read($0) }
        guard more == 0 else { throw SealingFailure.sourceContinues(after: contentSize) }
    }
}
