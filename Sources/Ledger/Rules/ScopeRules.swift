internal import Cryptography

extension WorkingState {
    func apply(_ operation: OpenScope) throws(Refusal) -> [Subject] {
        let scope = ScopeID(operation.scope)
        guard scopes[scope] == nil else { throw .alreadyExists }
        guard keyHolders[scope.key] == nil, operation.delegatingKey != operation.scope else { throw .keyInUse }
        scopes[scope] = ScopeRecord(operation, at: block.height)
        keyHolders[scope.key] = .scope(scope)
        sealingKeys[.scope(scope)] = SealingKeyRecord(operation.sealingKey)
        if let voucher = operation.voucher {
            let id = VoucherRecord.ID(organization: voucher.organization, code: voucher.code)
            vouchers[id] = VoucherRecord(scope: scope)
        }
        return [.scope(scope), .organization(operation.sponsor)]
    }

    func apply(_ operation: AuthorizeAuthor) throws(Refusal) -> [Subject] {
        try checkEpoch(operation.epoch, of: operation.scope)
        _ = try member(operation.organization)
        try checkNotDenied(operation.scope, to: operation.organization)
        let id = AuthorRecord.ID(scope: operation.scope, organization: operation.organization)
        authors[id] = AuthorRecord(epoch: operation.epoch, card: operation.card, since: block.height)
        return [.scope(operation.scope), .organization(operation.organization)]
    }

    func apply(_ operation: WithdrawAuthor) throws(Refusal) -> [Subject] {
        guard scopes[operation.scope] != nil else { throw .unknownScope }
        let id = AuthorRecord.ID(scope: operation.scope, organization: operation.organization)
        guard authors[id] != nil else { throw .notAnAuthor }
        authors[id] = nil
        return [.scope(operation.scope), .organization(operation.organization)]
    }

    /// Whether the scope exists, is open and is in this epoch.
    func checkEpoch(_ epoch: UInt64, of scope: ScopeID) throws(Refusal) {
        guard let record = scopes[scope] else { throw .unknownScope }
        guard record.closed == nil else { throw .scopeClosed }
        guard record.epoch == epoch else { throw .wrongEpoch }
    }
}
