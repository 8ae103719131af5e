internal import Codec
internal import Cryptography

extension WorkingState {
    /// Whose key signs for a scope in this block.
    func owner(of scope: ScopeID) -> KeyID { scopeOwners[scope]?.key(at: block.height) ?? scope.key }

    func apply(_ operation: AppointGuardians) throws(Refusal) -> [Subject] {
        try checkOpen(operation.scope)
        // Whoever wants others objects first: guardians who have spoken are not silenced by replacing them.
        guard ownerProposals[operation.scope] == nil else { throw .ownerProposed }
        if operation.guardians.isEmpty, guardianships[operation.scope] == nil { throw .noGuardians }
        guardianships[operation.scope] =
            operation.guardians.isEmpty ? nil : GuardianshipRecord(operation, at: block.height)
        return [.scope(operation.scope)]
    }

    func apply(_ operation: ProposeOwner) throws(Refusal) -> [Subject] {
        try checkOpen(operation.scope)
        guard let guardianship = guardianships[operation.scope] else { throw .noGuardians }
        guard ownerProposals[operation.scope] == nil else { throw .ownerProposed }
        let owner = KeyID(operation.owner)
        try checkFresh(owner, for: operation.scope)
        ownerProposals[operation.scope] = OwnerProposalRecord(
            owner: owner, proposed: block.height, due: block.time.advanced(byMilliseconds: guardianship.delay))
        return [.scope(operation.scope)]
    }

    func apply(_ operation: VetoOwner) throws(Refusal) -> [Subject] {
        guard let proposal = ownerProposals[operation.scope] else { throw .noOwnerProposed }
        guard block.time <= proposal.due else { throw .vetoTooLate }
        ownerProposals[operation.scope] = nil
        return [.scope(operation.scope)]
    }

    func apply(_ operation: ConfirmOwner) throws(Refusal) -> [Subject] {
        try checkOpen(operation.scope)
        guard let proposal = ownerProposals[operation.scope] else { throw .noOwnerProposed }
        guard block.time > proposal.due else { throw .ownerNotDue }
        try checkFresh(proposal.owner, for: operation.scope)
        var record = scopeOwners[operation.scope] ?? ScopeOwnersRecord()
        keyHolders[record.owners.last?.key ?? operation.scope.key] = nil
        keyHolders[proposal.owner] = .scope(operation.scope)
        record.owners.append(.init(key: proposal.owner, since: block.height.next))
        scopeOwners[operation.scope] = record
        ownerProposals[operation.scope] = nil
        return [.scope(operation.scope)]
    }

    /// Whether a key may come to own the scope: it is nobody's, and never was this scope's.
    private func checkFresh(_ key: KeyID, for scope: ScopeID) throws(Refusal) {
        let owners = scopeOwners[scope]?.owners ?? []
        guard owners.count < ScopeOwnersRecord.maximumOwners else { throw .ownerLimitReached }
        guard keyHolders[key] == nil, key != scope.key, !owners.contains(where: { $0.key == key }) else {
            throw .keyInUse
        }
    }

    func apply(_ operation: RecoverDocuments) throws(Refusal) -> [Subject] {
        guard var grant = grants[operation.grant] else { throw .unknownGrant }
        guard grant.flags.contains(.recovery) else { throw .grantNotForRecovery }
        if let refusal = grant.refusal(at: block.time) { throw refusal }
        try checkOpen(grant.scope)
        for id in operation.documents {
            guard let document = documents[id] else { throw .unknownDocument }
            guard document.scope == grant.scope, document.epoch == grant.epoch else { throw .documentNotInScope }
            try checkNotErased(id, document)
        }
        let (earliest, latest) = (block.height.rawValue, block.height.rawValue + parameters.limits.accessWindow)
        guard earliest < operation.expires.rawValue, operation.expires.rawValue <= latest else { throw .invalidExpiry }
        guard grant.take(operation.documents.count, on: block.time.day) else { throw .dailyLimitReached }
        guard recoveryAccesses[operation.access] == nil else { throw .alreadyExists }
        grants[operation.grant] = grant
        recoveryAccesses[operation.access] = RecoveryAccessRecord(operation, scope: grant.scope, at: block.height)
        return [.grant(operation.grant), .scope(grant.scope)] + operation.documents.map { .document($0) }
    }

    /// A recovery grant is for the scope's own owner, at their own request, and for nothing else.
    func checkRecoveryTerms(_ operation: GrantConsent) throws(Refusal) {
        let isForOwner = operation.grantee == .scope(operation.scope)
        guard operation.flags.contains(.recovery) || isForOwner else {
            if case .scope = operation.grantee { throw .recoveryTermsInvalid }
            return
        }
        guard operation.flags == .recovery, isForOwner, operation.purposes == [RecoverDocuments.purpose] else {
            throw .recoveryTermsInvalid
        }
    }
}
