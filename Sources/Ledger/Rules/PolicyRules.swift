extension WorkingState {
    func apply(_ operation: SetPolicy) throws(Refusal) -> [Subject] {
        guard organizations[operation.organization] != nil else { throw .unknownOrganization }
        let record = policies[operation.organization]
        let mine = Set((record?.terms.cosigners ?? []) + (record?.earlier?.cosigners ?? []))
        // A co-signer's key is nobody else's, so that it can do nothing but co-sign.
        for key in operation.cosigners where !mine.contains(key) {
            guard keyHolders[key] == nil else { throw .keyInUse }
        }
        policies[operation.organization] = PolicyRecord(
            operation, after: record?.terms(at: block.height), at: block.height)
        return [.organization(operation.organization)]
    }

    /// What an organisation has set for its staff, as it holds in this block.
    func terms(of organization: OrganizationID) -> PolicyRecord.Terms? {
        policies[organization]?.terms(at: block.height)
    }

    /// Whether the organisation lets its staff of this role do this at all, and ask for this purpose and so much.
    func checkPolicy(_ operation: Operation, _ code: Operation.Code, _ parties: Parties) throws(Refusal) {
        let code = operation.restrictedAs ?? code
        guard RolePolicy.operations.contains(code), let id = parties.staff, let member = staff[id],
            let policy = terms(of: member.organization)?.policy(for: member.role)
        else { return }
        guard policy.permitted.contains(code) else { throw .operationNotPermitted }
        if let kind = operation.concernedKind, !policy.permits(kind) { throw .documentKindNotPermitted }
        guard let attempt = operation.accessAttempt else { return }
        guard policy.purposes.contains(attempt.purpose) else { throw .purposeNotInPolicy }
        guard policy.kinds == nil || attempt.documents.allSatisfy({ policy.permits(kind(of: $0)) }) else {
            throw .documentKindNotPermitted
        }
        guard attempt.documents.count <= policy.documentsPerRequest else { throw .tooManyDocuments }
        guard usage(of: id) + attempt.documents.count <= policy.documentsPerDay else { throw .staffLimitReached }
    }

    private func kind(of document: DocumentID) -> DocumentKind {
        if messages[document] != nil { return .message }
        return shares[document] == nil ? .record : .share
    }

    /// Counts what a member of staff has asked for with success.
    func countUsage(_ attempt: AccessAttempt) {
        let documents = usage(of: attempt.staff) + attempt.documents.count
        usages[attempt.staff] = UsageRecord(day: block.time.day, documents: documents)
    }

    private func usage(of staff: StaffID) -> Int {
        guard let record = usages[staff], record.day == block.time.day else { return 0 }
        return record.documents
    }

    /// Whether one of the organisation's gateways has signed.
    func isCosigned(for organization: OrganizationID?, _ signers: Signers) -> Bool {
        guard let organization, let terms = terms(of: organization) else { return false }
        return terms.cosigners.contains { signers.contains($0) }
    }
}

extension RolePolicy {
    fileprivate func permits(_ kind: DocumentKind) -> Bool { kinds?.contains(kind) ?? true }
}

extension Operation {
    /// What kind of document staff write with this, or say that they have read.
    fileprivate var concernedKind: DocumentKind? {
        switch self {
        case .commitDocument: .record
        case .postMessage: .message
        default: nil
        }
    }

    /// As which operation a policy restricts this one, where not as itself: who may put no documents on record writes no
    /// messages, and who may open none says nothing of having read them.
    fileprivate var restrictedAs: Code? {
        switch self {
        case .postMessage(.letter): .commitDocument
        case .postMessage(.receipt): .requestAccess
        default: nil
        }
    }
}
