internal import Cryptography

extension WorkingState {
    /// Capsule and binding signature depend on the bytes alone: ``Transaction/signatureChecks()`` lists them.
    func apply(_ operation: CommitDocument) throws(Refusal) -> [Subject] {
        let terms = operation.terms
        try checkEpoch(terms.epoch, of: terms.scope)
        let author = authors[AuthorRecord.ID(scope: terms.scope, organization: terms.organization)]
        guard let author, author.epoch == terms.epoch else { throw .authorNotAuthorized }
        guard Padme.isPadded(terms.paddedSize) else { throw .sizeNotPadded }
        let replaced = try replacedDocument(of: terms)
        let capsule = terms.capsule.bytes
        guard let point = KeyID(capsule[..<PublicKey.length]) else {
            preconditionFailure("a capsule begins with a point")
        }
        guard capsules[point] == nil else { throw .capsuleUsed }

        let id = operation.document
        documents[id] = DocumentRecord(terms, capsule: capsule, at: block.height, block.time)
        capsules[point] = CapsuleRecord(document: id)
        var subjects: [Subject] = [.document(id), .scope(terms.scope), .staff(terms.staff)]
        if var replaced, let old = terms.replaces {
            replaced.replacedBy = id
            documents[old] = replaced
            subjects.append(.document(old))
        }
        return subjects
    }

    private func replacedDocument(of terms: DocumentTerms) throws(Refusal) -> DocumentRecord? {
        guard let id = terms.replaces else { return nil }
        guard let record = documents[id] else { throw .unknownDocument }
        guard record.scope == terms.scope else { throw .replacesOtherScope }
        guard record.erased == nil else { throw .documentErased }
        guard record.replacedBy == nil else { throw .alreadyReplaced }
        return record
    }
}
