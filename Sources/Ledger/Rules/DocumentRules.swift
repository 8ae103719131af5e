internal import Cryptography

extension WorkingState {
    /// Capsule and binding signature depend on the bytes alone: ``Transaction/signatureChecks()`` lists them.
    func apply(_ operation: CommitDocument) throws(Refusal) -> [Subject] {
        let terms = operation.terms
        try checkEpoch(terms.epoch, of: terms.scope)
        try checkAuthor(terms.organization, of: terms.scope, in: terms.epoch)
        guard Padme.isPadded(terms.paddedSize) else { throw .sizeNotPadded }
        let replaced = try replacedDocument(of: terms)
        let capsule = terms.capsule.bytes
        let point = try unusedPoint(of: capsule)

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

    /// Whether the patient lets an organisation add to the scope as it is.
    func checkAuthor(_ organization: OrganizationID, of scope: ScopeID, in epoch: UInt64) throws(Refusal) {
        let author = authors[AuthorRecord.ID(scope: scope, organization: organization)]
        guard let author, author.epoch == epoch else { throw .authorNotAuthorized }
    }

    /// What identifies a capsule, of which nothing was made yet.
    func unusedPoint(of capsule: [UInt8]) throws(Refusal) -> KeyID {
        guard let point = KeyID(capsule[..<PublicKey.length]) else {
            preconditionFailure("a capsule begins with a point")
        }
        guard capsules[point] == nil else { throw .capsuleUsed }
        return point
    }

    private func replacedDocument(of terms: DocumentTerms) throws(Refusal) -> DocumentRecord? {
        guard let id = terms.replaces else { return nil }
        guard let record = documents[id] else { throw .unknownDocument }
        guard record.scope == terms.scope else { throw .replacesOtherScope }
        guard record.erased == nil else { throw .documentErased }
        guard record.replacedBy == nil else { throw .alreadyReplaced }
        guard messages[id] == nil else { throw .messageNotReplaceable }
        return record
    }
}
