internal import API
internal import Codec
public import Cryptography
public import Ledger

extension ConsentKeeper {
    /// Puts a document into another own scope, so that it can be granted alone. Its content stays where it is, however
    /// large: a new capsule carries its key.
    ///
    /// - Parameters:
    ///   - source: The document's scope, in the epoch of the document.
    ///   - target: The scope that it is put into, which is open.
    /// - Returns: The share, a document of its own.
    public func share(
        _ document: DocumentID, of source: ScopeKeys, into target: ScopeKeys
    ) async throws -> DocumentID {
        let state = try await ledger.state(.readSubject(.document(document)), signedBy: source.signing)
        guard let record: DocumentRecord = try state.record(document) else {
            throw WalletFailure.unknown("document \(document)")
        }
        let key = DocumentKey(
            keySeed: try source.delegating.open(record.capsule), scopeSecret: source.secret, capsule: record.capsule,
            scope: source.verifying)
        let metadata = try await RecordKeeper(
            home: home.path,
            transport: NodeContentTransport(
                ledger.nodes, signedBy: source.signing, entitlement: .document(document))
        ).metadata(of: record, scopeSecret: source.secret)

        let scope = target.verifying
        let encapsulation = Encapsulation(for: target.delegating.publicKey)
        let sealed = SealedMetadata(
            metadata, scopeSecret: target.secret, capsule: encapsulation.capsule, scope: scope)
        try await ledger.upload(sealed.encoded, named: sealed.id, signedBy: target.signing)
        let wrapped = WrappedDocumentKey(
            key, keySeed: encapsulation.keySeed, scopeSecret: target.secret, capsule: encapsulation.capsule,
            scope: scope)
        let terms = ShareTerms(
            source: document, scope: target.id, epoch: target.name.epoch, capsule: encapsulation.capsule,
            wrappedKey: wrapped, metadata: sealed.id)
        let operation = ShareDocument(terms) { encapsulation.bind($0) }
        try await ledger.apply(.shareDocument(operation), signedBy: [source.signing, target.signing])
        return operation.document
    }
}

extension LedgerClient {
    /// What the chain says of a document, and of the document that it shares if it is a share.
    public func document(
        _ id: DocumentID, signedBy key: SigningKey
    ) async throws -> (record: DocumentRecord, share: SharedDocumentRecord?) {
        let state = try await state(.readSubject(.document(id)), signedBy: key)
        guard let record: DocumentRecord = try state.record(id) else { throw WalletFailure.unknown("document \(id)") }
        return (record, try state.record(id))
    }
}
