internal import Cryptography

extension WorkingState {
    /// That the fragments are consistent depends on the bytes alone: ``Transaction/signatureChecks()`` lists it.
    func apply(_ operation: GrantConsent) throws(Refusal) -> [Subject] {
        try checkEpoch(operation.epoch, of: operation.scope)
        guard try receivingKey(of: operation.grantee) == KeyID(operation.receivingKey) else { throw .wrongReceivingKey }
        try checkNotDenied(operation.scope, to: try employer(of: operation.grantee))
        guard !operation.flags.contains(.recovery) else { throw .flagNotSupported }
        if operation.flags.contains(.emergency) { try checkEmergencyTerms(operation) }
        guard operation.notBefore < operation.notAfter, operation.notAfter > block.time else { throw .invalidPeriod }
        guard operation.validators == validatorSet.ids else { throw .wrongFragments }
        guard operation.delegation.threshold == validatorSet.quorum else { throw .wrongThreshold }
        let id = operation.grant
        guard grants[id] == nil else { throw .alreadyExists }

        grants[id] = GrantRecord(operation, at: block.height)
        grantFragments[id] = GrantFragmentsRecord(operation)
        let standing = StandingRecord.ID(scope: operation.scope, grantee: operation.grantee)
        let earlier = standings[standing]?.grants ?? []
        standings[standing] = StandingRecord(grants: (earlier + [id]).suffix(StandingRecord.maximumGrants))
        return [.grant(id), .scope(operation.scope), operation.grantee.subject]
    }

    func apply(_ operation: AcknowledgeGrant) throws(Refusal) -> [Subject] {
        guard var record = grants[operation.grant], let fragments = grantFragments[operation.grant] else {
            throw .unknownGrant
        }
        guard fragments.validators.contains(operation.validator), validatorSet.ids.contains(operation.validator)
        else { throw .unknownValidator }
        guard record.revoked == nil else { throw .grantRevoked }
        try checkOpen(record.scope)
        guard !record.acknowledged.contains(operation.validator) else { throw .alreadyAcknowledged }
        record.acknowledged = (record.acknowledged + [operation.validator]).sorted()
        grants[operation.grant] = record
        return [.grant(operation.grant), .validator(operation.validator)]
    }

    func apply(_ operation: RevokeConsent) throws(Refusal) -> [Subject] {
        guard var record = grants[operation.grant] else { throw .unknownGrant }
        guard record.revoked == nil else { throw .grantRevoked }
        record.revoked = block.height
        grants[operation.grant] = record
        return [.grant(operation.grant), .scope(record.scope), record.grantee.subject]
    }

    /// An emergency grant is for a hospital's whole staff, who break the glass together, and for nothing but emergencies.
    private func checkEmergencyTerms(_ operation: GrantConsent) throws(Refusal) {
        guard case .organization = operation.grantee, operation.purposes == [DeclareEmergency.purpose] else {
            throw .emergencyTermsInvalid
        }
    }

    /// Whose staff the grantee is.
    private func employer(of grantee: Grantee) throws(Refusal) -> OrganizationID {
        switch grantee {
        case .organization(let id): return id
        case .staff(let id):
            guard let record = staff[id] else { throw .unknownStaff }
            return record.organization
        }
    }

    private func receivingKey(of grantee: Grantee) throws(Refusal) -> KeyID {
        switch grantee {
        case .organization(let id):
            return try member(id).receivingKey
        case .staff(let id):
            guard let record = staff[id] else { throw .unknownStaff }
            if let refusal = record.refusal(at: block.height, block.time) { throw refusal }
            _ = try member(record.organization)
            return record.receivingKey
        }
    }
}
