internal import Codec
public import Cryptography
public import Ledger

/// What an author needs to know of a scope: the card that the patient sealed to them.
public struct AuthorScope: Sendable {
    /// The scope.
    public let scope: PublicKey
    /// Its epoch.
    public let epoch: UInt64
    /// A, under which capsules are made.
    public let delegatingKey: PublicKey
    /// S, 32 bytes.
    public let secret: SecretBytes

    /// A scope to write to.
    public init(scope: PublicKey, epoch: UInt64, delegatingKey: PublicKey, secret: SecretBytes) {
        self.scope = scope
        self.epoch = epoch
        self.delegatingKey = delegatingKey
        self.secret = secret
    }
}

/// Seals documents and sends them, fetches documents and opens them; in the memory of a few blocks, whatever their size.
///
/// Storing is: ``seal(file:metadata:into:organization:staff:replaces:progress:)``, put the operation into a transaction
/// and keep it there (``PendingRecord/keep(transaction:)``), ``upload(_:progress:)``, submit, ``PendingRecord/discard()``.
/// A wallet that was killed finds what it had begun in ``pending()`` and goes on at the upload.
public struct RecordKeeper: Sendable {
    /// Blocks in hand at a time, whether they are sealed or sent.
    private static let window = 4
    /// Seconds for which an acknowledgement is relied on: well within the week in which nodes keep what nothing names.
    private static let acknowledgementLifetime: Int64 = 3 * 24 * 60 * 60

    private let uploads: String
    private let clock: @Sendable () -> Int64
    let transport: any ContentTransport

    /// - Parameters:
    ///   - home: The wallet's directory.
    ///   - transport: The nodes.
    ///   - clock: Seconds since 1970.
    public init(
        home: String, transport: any ContentTransport, clock: @escaping @Sendable () -> Int64 = SystemClock.seconds
    ) {
        uploads = home + "/uploads"
        self.transport = transport
        self.clock = clock
    }

    // MARK: Storing

    /// Seals a file into the home and makes the operation that commits it.
    ///
    /// - Parameters:
    ///   - metadata: What may be read by whoever holds the scope secret.
    ///   - organization: The author.
    ///   - staff: Who of the author's staff.
    ///   - replaces: The version before.
    public func seal(
        file path: String, metadata: DocumentMetadata, into scope: AuthorScope, organization: OrganizationID,
        staff: StaffID, replaces: DocumentID? = nil, progress: (TransferProgress) -> Void = { _ in }
    ) throws -> PendingRecord {
        let encapsulation = Encapsulation(for: scope.delegatingKey)
        let key = DocumentKey(
            keySeed: encapsulation.keySeed, scopeSecret: scope.secret, capsule: encapsulation.capsule,
            scope: scope.scope)
        let sealedMetadata = SealedMetadata(
            metadata, scopeSecret: scope.secret, capsule: encapsulation.capsule, scope: scope.scope)
        let context = DocumentContext(scope: scope.scope, author: organization.digest)

        let directory = uploads + "/sealing-" + SystemRandom.bytes(8).hex
        try LocalFile.makeDirectory(directory)
        do {
            let manifest = try sealBlocks(of: path, key, context, into: directory, progress)
            let terms = DocumentTerms(
                scope: ScopeID(scope.scope), epoch: scope.epoch, organization: organization, staff: staff,
                manifest: manifest.id, paddedSize: manifest.layout.size, capsule: encapsulation.capsule,
                keyCommitment: manifest.commitment, replaces: replaces, metadata: sealedMetadata.id)
            let operation = CommitDocument(terms) { encapsulation.bind($0) }
            try LocalFile.create(directory + "/manifest", manifest.encoded)
            try LocalFile.create(directory + "/metadata", sealedMetadata.encoded)
            try LocalFile.create(directory + "/operation", Operation.commitDocument(operation).encoded)
            // Complete from here on: a directory under the document's id has everything.
            let final = uploads + "/" + operation.document.digest.hex
            try LocalFile.move(directory, to: final)
            return PendingRecord(operation: operation, manifest: manifest, directory: final)
        } catch {
            LocalFile.remove(directory)
            throw error
        }
    }

    private func sealBlocks(
        of path: String, _ key: DocumentKey, _ context: DocumentContext, into directory: String,
        _ progress: (TransferProgress) -> Void
    ) throws -> Manifest {
        let source = try LocalFile(path, .reading)
        let blocks = try LocalFile(directory + "/blocks", .replacing)
        do {
            var sealer = try DocumentSealer(contentSize: source.size(), key: key, context: context) { buffer in
                try source.read(into: buffer)
            }
            let total = sealer.layout.size
            var completed: UInt64 = 0
            while true {
                let count = try sealer.sealBlocks(atMost: Self.window) { index, bytes in
                    try blocks.write(bytes, at: UInt64(index) * UInt64(DocumentLayout.maximumBlockLength))
                }
                if count == 0 { break }
                completed += UInt64(count) * UInt64(DocumentLayout.maximumBlockLength)
                progress(TransferProgress(completed: min(completed, total), total: total))
            }
            try blocks.sync()
            return sealer.finish()
        } catch let failure as SealingFailure {
            throw RecordFailure.source(failure)
        }
    }

    /// What was sealed and not discarded, in the order of the documents' ids; what a kill left half sealed is removed.
    public func pending() -> [PendingRecord] {
        LocalFile.names(in: uploads).compactMap { name in
            if let record = PendingRecord(directory: uploads + "/" + name), record.document.digest.hex == name {
                return record
            }
            LocalFile.remove(uploads + "/" + name)
            return nil
        }
    }

    /// Sends what has not been acknowledged yet, or is gone again; the manifest last.
    ///
    /// - Returns: How many nodes have every piece of what was sent, by their own account; nothing if nothing was left to
    ///   send.
    @discardableResult
    public func upload(
        _ record: PendingRecord, progress: (TransferProgress) -> Void = { _ in }
    ) async throws -> Int? {
        let contents = record.contents
        let recent = record.acknowledged(since: clock() - Self.acknowledgementLifetime)
        let kept = try await recent.subtracting(missing(contents))
        let total = contents.indices.reduce(UInt64(0)) { $0 + record.length(at: $1) }
        var completed = kept.reduce(UInt64(0)) { $0 + record.length(at: $1) }
        var holders: Int?
        progress(TransferProgress(completed: completed, total: total))
        func finish(_ index: Int, _ count: Int) throws {
            try record.acknowledge(index, at: clock())
            completed += record.length(at: index)
            holders = min(holders ?? count, count)
            progress(TransferProgress(completed: completed, total: total))
        }
        let last = contents.count - 1
        let rest = (0..<last).filter { !kept.contains($0) }
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for (place, index) in rest.enumerated() {
                if place >= Self.window, let (sent, count) = try await group.next() { try finish(sent, count) }
                group.addTask { (index, try await send(index, of: record)) }
            }
            while let (sent, count) = try await group.next() { try finish(sent, count) }
        }
        if !kept.contains(last) { try finish(last, try await send(last, of: record)) }
        return holders
    }

    /// The places of what a node has not.
    private func missing(_ contents: [ContentID]) async throws -> [Int] {
        let missing = Set(try await transport.missing(among: contents))
        return contents.indices.filter { missing.contains(contents[$0]) }
    }

    private func send(_ index: Int, of record: PendingRecord) async throws -> Int {
        try await transport.put(try record.bytes(at: index), named: record.contents[index])
    }
}
