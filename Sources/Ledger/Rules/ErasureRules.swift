extension WorkingState {
    func apply(_ operation: EraseDocument) throws(Refusal) -> [Subject] {
        guard var record = documents[operation.document] else { throw .unknownDocument }
        guard (operation.basis == .patientWish) == (operation.officer == nil) else { throw .wrongLegalBasis }
        guard record.erased == nil else { throw .documentErased }
        record.erased = block.height
        documents[operation.document] = record
        let officer = operation.officer.map { [Subject.staff($0)] } ?? []
        let author = record.organization.map { [Subject.organization($0)] } ?? []
        return [.document(operation.document), .scope(record.scope)] + author + officer
    }

    func apply(_ operation: ConfirmErasure) throws(Refusal) -> [Subject] {
        switch operation.subject {
        case .document(let id):
            guard let record = documents[id] else { throw .unknownDocument }
            guard record.erased != nil else { throw .notErased }
        case .grant(let id):
            guard let record = grants[id] else { throw .unknownGrant }
            let isClosed = scopes[record.scope]?.closed != nil
            guard record.revoked != nil || record.notAfter < block.time || isClosed else { throw .notErased }
        default: preconditionFailure("only documents and grants decode as subjects of an erasure")
        }
        var record = erasures[operation.subject] ?? ErasureRecord()
        guard record[operation.validator] == nil else { throw .alreadyConfirmed }
        let following = observers[.only]?.validators ?? []
        record.add(.init(validator: operation.validator, height: block.height, kept: operation.kept)) { id in
            validatorSet.ids.contains(id) || following.contains(id)
        }
        erasures[operation.subject] = record
        return [operation.subject, .validator(operation.validator)]
    }
}
