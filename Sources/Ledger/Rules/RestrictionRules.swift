extension WorkingState {
    func apply(_ operation: RestrictScope) throws(Refusal) -> [Subject] {
        try checkOpen(operation.scope)
        switch operation.restriction {
        case .never(let organization):
            guard organizations[organization] != nil else { throw .unknownOrganization }
            let id = DenialRecord.ID(scope: operation.scope, organization: organization)
            guard (denials[id] == nil) == operation.isInForce else {
                throw operation.isInForce ? .organizationDenied : .notRestricted
            }
            denials[id] = operation.isInForce ? DenialRecord(since: block.height) : nil
            return [.scope(operation.scope)]
        case .documents(let grant, let from, let until):
            guard let record = grants[grant], record.scope == operation.scope else { throw .unknownGrant }
            guard record.revoked == nil else { throw .grantRevoked }
            if let from, let until, from > until { throw .invalidPeriod }
            if !operation.isInForce, windows[grant] == nil { throw .notRestricted }
            windows[grant] = operation.isInForce ? GrantWindowRecord(from: from, until: until) : nil
            return [.grant(grant), .scope(operation.scope)]
        }
    }

    /// Whether the patient denies the scope to the organisation.
    func checkNotDenied(_ scope: ScopeID, to organization: OrganizationID) throws(Refusal) {
        guard denials[DenialRecord.ID(scope: scope, organization: organization)] == nil else {
            throw .organizationDenied
        }
    }
}

extension LedgerReader {
    /// Whether the patient denies the scope to the organisation.
    public func isDenied(_ scope: ScopeID, to organization: OrganizationID) -> Bool {
        record(DenialRecord.ID(scope: scope, organization: organization), as: DenialRecord.self) != nil
    }
}
