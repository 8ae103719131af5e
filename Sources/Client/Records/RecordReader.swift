internal import Codec
public import Cryptography
public import Ledger

/// What opens a document: the seed from its capsule and the scope's secret.
public struct RecordSecrets: Sendable {
    /// What the capsule hides, by the delegating key or by re-encryption.
    public let keySeed: SecretBytes
    /// S, 32 bytes.
    public let scopeSecret: SecretBytes

    /// What opens a document.
    public init(keySeed: SecretBytes, scopeSecret: SecretBytes) {
        self.keySeed = keySeed
        self.scopeSecret = scopeSecret
    }
}

extension RecordKeeper {
    /// Fetches and checks a document's manifest, and learns its size.
    ///
    /// - Parameters:
    ///   - record: As proved by the ledger.
    ///   - share: The same, where the document is a share.
    public func open(
        _ record: DocumentRecord, share: SharedDocumentRecord? = nil, with secrets: RecordSecrets
    ) async throws -> RecordReader {
        guard let scope = record.scope.key.publicKey else { throw RecordFailure.invalidRecord(field: "scope") }
        guard let capsule = try? Capsule(parsing: record.capsuleBytes) else {
            throw RecordFailure.invalidRecord(field: "capsule")
        }
        let key: DocumentKey
        var origin = scope
        if let share {
            // The content was sealed for the scope that it was first put into.
            guard let source = share.sourceScope.key.publicKey else {
                throw RecordFailure.invalidRecord(field: "scope")
            }
            origin = source
            let opened = share.wrappedKey.open(
                keySeed: secrets.keySeed, scopeSecret: secrets.scopeSecret, capsule: capsule, scope: scope)
            guard let opened else { throw RecordFailure.rejected(.wrongKey) }
            key = opened
        } else {
            key = DocumentKey(
                keySeed: secrets.keySeed, scopeSecret: secrets.scopeSecret, capsule: capsule, scope: scope)
        }
        let context = DocumentContext(scope: origin, author: record.sealedAuthor)
        return try await RecordReader(
            manifest: record.manifest, key: key, context: context, commitment: record.keyCommitment,
            fetcher: ContentFetcher(transport: transport))
    }

    /// Fetches and opens a document's metadata.
    public func metadata(of record: DocumentRecord, scopeSecret: SecretBytes) async throws -> DocumentMetadata {
        guard let scope = record.scope.key.publicKey else { throw RecordFailure.invalidRecord(field: "scope") }
        guard let capsule = try? Capsule(parsing: record.capsuleBytes) else {
            throw RecordFailure.invalidRecord(field: "capsule")
        }
        let fetcher = ContentFetcher(transport: transport)
        return try await fetcher.fetch(record.metadata) { (bytes) throws(DocumentRejection) in
            guard record.metadata.names(bytes), let sealed = try? SealedMetadata(decoding: bytes) else {
                throw .wrongContent(record.metadata)
            }
            guard let metadata = sealed.open(scopeSecret: scopeSecret, capsule: capsule, scope: scope) else {
                throw .wrongKey
            }
            return metadata
        }
    }
}

/// An open document: reads any range of it, fetching the segments that hold it.
public struct RecordReader: Sendable {
    /// Pieces fetched and opened ahead. Each holds a block.
    private static let window = 4

    /// The content's bytes.
    public var size: UInt64 { content.size }

    private let manifest: ContentID
    private let content: SealedContent
    private let fetcher: ContentFetcher

    init(
        manifest id: ContentID, key: DocumentKey, context: DocumentContext, commitment: Digest, fetcher: ContentFetcher
    ) async throws {
        let document = try await fetcher.fetch(id) { (bytes) throws(DocumentRejection) in
            try SealedDocument(manifest: bytes, id: id, key: key, context: context, commitment: commitment)
        }
        let beginning = document.beginning
        content = try await fetcher.fetch(
            beginning.id, range: beginning.isWholeBlock ? nil : beginning.sealedRange
        ) { (bytes) throws(DocumentRejection) in try document.content(beginning: bytes) }
        manifest = id
        self.fetcher = fetcher
    }

    /// Reads a range in order, piece by piece; what is handed out has been checked.
    ///
    /// - Parameters:
    ///   - range: Cut to what there is.
    ///   - take: Gets the bytes and where they stand in the document.
    public func read(_ range: Range<UInt64>, take: (ArraySlice<UInt8>, UInt64) throws -> Void) async throws {
        let pieces = content.pieces(covering: range)
        try await withThrowingTaskGroup(of: (Int, Result<ArraySlice<UInt8>, any Error>).self) { group in
            // A later piece that cannot be had does not keep an earlier one from being handed out.
            var opened: [Int: Result<ArraySlice<UInt8>, any Error>] = [:]
            var started = 0
            for (index, piece) in pieces.enumerated() {
                while started < min(pieces.count, index + Self.window) {
                    let (number, next) = (started, pieces[started])
                    group.addTask { (number, await open(next)) }
                    started += 1
                }
                while opened[index] == nil, let (number, result) = try await group.next() { opened[number] = result }
                guard let bytes = try opened.removeValue(forKey: index)?.get() else { return }
                let lies = content.range(of: piece)
                let wanted = lies.clamped(to: range)
                let cut = bytes.dropFirst(Int(wanted.lowerBound - lies.lowerBound)).prefix(wanted.count)
                try take(cut, wanted.lowerBound)
            }
        }
    }

    /// Fetches and opens a piece; other nodes are asked if what comes is nothing or wrong.
    private func open(_ piece: SealedPiece) async -> Result<ArraySlice<UInt8>, any Error> {
        do {
            let opened = try await fetcher.fetch(piece.id, range: piece.fetchRange) {
                (bytes) throws(DocumentRejection) in
                try content.open(piece, bytes)
            }
            return .success(opened)
        } catch {
            return .failure(error)
        }
    }

    /// Writes the whole content to a file, which appears under its name when it is complete.
    ///
    /// An interrupted download leaves `<path>.<manifest>.part` and is resumed from it by the next one.
    public func download(to path: String, progress: (TransferProgress) -> Void = { _ in }) async throws {
        let partial = "\(path).\(manifest.description.suffix(12)).part"
        let file = try LocalFile(partial, .writing)
        // Pieces were written in order: what is there is whole up to the last piece.
        let present = try file.size()
        let pieces = content.pieces(covering: 0..<size)
        let resumed = pieces.map { content.range(of: $0).upperBound }.last { $0 <= present } ?? 0
        try file.truncate(to: resumed)
        progress(TransferProgress(completed: resumed, total: size))
        try await read(resumed..<size) { bytes, offset in
            try file.write(bytes, at: offset)
            progress(TransferProgress(completed: offset + UInt64(bytes.count), total: size))
        }
        try file.sync()
        try LocalFile.move(partial, to: path)
    }
}

extension SealedPiece {
    /// What to ask a node for: nothing in particular when it is the whole block.
    fileprivate var fetchRange: Range<Int>? { isWholeBlock ? nil : sealedRange }
}
