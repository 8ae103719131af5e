internal import Cryptography

extension WorkingState {
    /// Capsule and binding signature depend on the bytes alone: ``Transaction/signatureChecks()`` lists them.
    func apply(_ operation: ShareDocument) throws(Refusal) -> [Subject] {
        let terms = operation.terms
        guard let source = documents[terms.source] else { throw .unknownDocument }
        guard source.erased == nil else { throw .documentErased }
        guard shares[terms.source] == nil else { throw .alreadyShared }
        guard source.scope != terms.scope else { throw .sameScope }
        try checkEpoch(terms.epoch, of: terms.scope)
        let capsule = terms.capsule.bytes
        let point = try unusedPoint(of: capsule)

        let id = operation.document
        var record = source
        record.scope = terms.scope
        record.epoch = terms.epoch
        record.capsuleBytes = capsule
        record.replaces = nil
        record.replacedBy = nil
        record.metadata = terms.metadata
        record.committed = block.height
        record.time = block.time
        documents[id] = record
        shares[id] = SharedDocumentRecord(operation, sourceScope: source.scope)
        capsules[point] = CapsuleRecord(document: id)
        return [.document(id), .scope(terms.scope), .document(terms.source), .scope(source.scope)]
    }

    /// Whether nothing of the document's content may be opened any more.
    func checkNotErased(_ id: DocumentID, _ record: DocumentRecord) throws(Refusal) {
        guard record.erased == nil else { throw .documentErased }
        // A share lives no longer than what it shares.
        if let source = shares[id]?.source, documents[source]?.erased != nil { throw .documentErased }
    }
}
