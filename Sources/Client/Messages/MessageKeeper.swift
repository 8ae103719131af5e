internal import API
internal import Codec
public import Cryptography
public import Ledger

/// Messages between a patient and those who treat them: sealed documents in threads, whose order and number the ledger
/// keeps. One of the two sides.
public struct MessageKeeper: Sendable {
    /// The most bytes of a message; what is longer is a document.
    public static let maximumLength = 64 * 1024
    /// What the sealed metadata says that it is.
    public static let type = "message"

    private let ledger: LedgerClient
    private let key: SigningKey
    /// Who of a hospital this side is; nothing for the patient.
    public let author: MessageAuthor?

    /// The patient, in a scope of theirs.
    public init(_ ledger: LedgerClient, _ scope: ScopeKeys) {
        self.ledger = ledger
        key = scope.signing
        author = nil
    }

    /// A member of staff.
    ///
    /// - Throws: ``WalletFailure/wrongIdentity(needed:)`` for keys that are not registered.
    public init(_ ledger: LedgerClient, _ keys: StaffKeys) throws(WalletFailure) {
        guard let registration = keys.registration else { throw .wrongIdentity(needed: "registered staff") }
        self.ledger = ledger
        key = keys.device
        author = MessageAuthor(organization: registration.organization, staff: registration.staff)
    }

    /// What the readers of the scope see of a message without opening it; nothing for a subject that is empty or too long.
    ///
    /// - Parameter date: A day, `2026-12-31`.
    public static func metadata(subject: String, date: String) -> DocumentMetadata? {
        DocumentMetadata(title: subject, type: type, date: date, mediaType: "text/plain; charset=utf-8")
    }

    // MARK: Writing

    /// Seals a message, stores it on the nodes and makes the operation that puts it at the end of a thread.
    ///
    /// - Parameters:
    ///   - text: 1 to ``maximumLength`` bytes of UTF-8.
    ///   - thread: Nothing to begin another one.
    /// - Returns: The message. The ledger refuses it if somebody else writes in the thread first.
    public func letter(
        _ text: [UInt8], _ metadata: DocumentMetadata, into scope: AuthorScope, thread: ThreadID? = nil
    ) async throws -> Letter {
        guard (1...Self.maximumLength).contains(text.count) else {
            throw WalletFailure.messageLength(maximum: Self.maximumLength)
        }
        var earlier: ThreadRecord?
        if let thread { earlier = try await record(of: thread) }
        let encapsulation = Encapsulation(for: scope.delegatingKey)
        let document = DocumentKey(
            keySeed: encapsulation.keySeed, scopeSecret: scope.secret, capsule: encapsulation.capsule,
            scope: scope.scope)
        let context = DocumentContext(scope: scope.scope, author: author?.organization.digest ?? .zero)
        let (manifest, blocks) = try Self.seal(text, document, context)
        let sealed = SealedMetadata(
            metadata, scopeSecret: scope.secret, capsule: encapsulation.capsule, scope: scope.scope)
        let transport = NodeContentTransport(ledger.nodes, signedBy: key)
        // The manifest last: whoever finds it finds all.
        for block in blocks { _ = try await transport.put(block.bytes, named: block.id) }
        _ = try await transport.put(sealed.encoded, named: sealed.id)
        _ = try await transport.put(manifest.encoded, named: manifest.id)
        let terms = MessageTerms(
            scope: ScopeID(scope.scope), author: author, thread: thread, epoch: scope.epoch,
            number: (earlier?.count ?? 0) + 1, previous: earlier?.last, manifest: manifest.id,
            paddedSize: manifest.layout.size, capsule: encapsulation.capsule, keyCommitment: manifest.commitment,
            metadata: sealed.id)
        return Letter(terms) { encapsulation.bind($0) }
    }

    private static func seal(
        _ text: [UInt8], _ key: DocumentKey, _ context: DocumentContext
    ) throws -> (Manifest, [SealedBlock]) {
        var rest = text[...]
        var sealer = try DocumentSealer(contentSize: UInt64(text.count), key: key, context: context) { buffer in
            let piece = rest.prefix(buffer.count)
            buffer.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
        var blocks: [SealedBlock] = []
        while let block = try sealer.nextBlock() { blocks.append(block) }
        return (sealer.finish(), blocks)
    }

    /// That this side has read a thread up to a message.
    public func receipt(of message: DocumentID, in scope: ScopeID) -> PostMessage {
        .receipt(MessageReceipt(scope: scope, reader: author, message: message))
    }

    // MARK: Reading

    /// How far a thread has come, as the ledger's state says.
    public func record(of thread: ThreadID) async throws -> ThreadRecord {
        guard let record = try await leaf(of: thread) else { throw WalletFailure.unknown("thread \(thread)") }
        return record
    }

    /// All threads of a scope with all their messages, oldest first. Needs the right to read the scope's history.
    ///
    /// Complete twice over: the history has the length and head that the state commits to, and each thread the number of
    /// messages and the last one that its own leaf of the state names. What does not fit is in the threads' findings.
    ///
    /// - Throws: ``ClientFailure/proof(_:node:)`` when no node shows a history that is proved.
    public func threads(in scope: ScopeID) async throws -> [MessageThread] {
        var threads = try await ledger.events(of: .scope(scope), signedBy: key).messageThreads
        var records: [ThreadID: ThreadRecord?] = [:]
        for thread in threads { records.updateValue(try await leaf(of: thread.id), forKey: thread.id) }
        func checked() -> [MessageThread] {
            threads.compactMap { thread in records[thread.id].map { thread.checked(against: $0) } }
        }
        let first = checked()
        if first.allSatisfy(\.isComplete) { return first }
        // Something may have been written since: a history that is read after the leaves has all that they tell.
        threads = try await ledger.events(of: .scope(scope), signedBy: key).messageThreads
        return checked()
    }

    /// Nothing where the state has no such thread, or a node says so.
    private func leaf(of thread: ThreadID) async throws(ClientFailure) -> ThreadRecord? {
        do throws(ClientFailure) {
            return try await ledger.record(thread, at: .readThread(thread), signedBy: key)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// What a message's metadata says, as far as the scope's secret opens it.
    public func metadata(of message: DocumentID, scopeSecret: SecretBytes) async throws -> DocumentMetadata {
        let record = try await ledger.document(message, signedBy: key).record
        return try await records(message).metadata(of: record, scopeSecret: scopeSecret)
    }

    /// Fetches and opens a message's text.
    public func text(
        of message: DocumentID, _ record: DocumentRecord, with secrets: RecordSecrets
    ) async throws -> [UInt8] {
        let reader = try await records(message).open(record, with: secrets)
        guard reader.size <= UInt64(Self.maximumLength) else {
            throw WalletFailure.messageLength(maximum: Self.maximumLength)
        }
        var text: [UInt8] = []
        try await reader.read(0..<reader.size) { piece, _ in text += piece }
        return text
    }

    private func records(_ message: DocumentID) -> RecordKeeper {
        // Nothing is kept on the way: a message is small enough to be fetched again.
        RecordKeeper(
            home: "",
            transport: NodeContentTransport(ledger.nodes, signedBy: key, entitlement: .document(message)))
    }
}

extension AuthorScope {
    /// A patient's own scope.
    public init(_ scope: ScopeKeys) {
        self.init(
            scope: scope.verifying, epoch: scope.name.epoch, delegatingKey: scope.delegating.publicKey,
            secret: scope.secret)
    }

    /// What a scope card says.
    public init(_ card: ScopeCard) {
        self.init(scope: card.scope, epoch: card.epoch, delegatingKey: card.delegatingKey, secret: card.secret)
    }
}
