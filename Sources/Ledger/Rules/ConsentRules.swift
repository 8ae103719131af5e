internal import Cryptography

extension WorkingState {
    /// That the fragments are consistent depends on the bytes alone: ``Transaction/signatureChecks()`` lists it.
    func apply(_ operation: GrantConsent) throws(Refusal) -> [Subject] {
        try checkEpoch(operation.epoch, of: operation.scope)
        if operation.flags == [.emergency, .recovery] { throw .flagNotSupported }
        try checkRecoveryTerms(operation)
        guard try receivingKey(of: operation) == KeyID(operation.receivingKey) else { throw .wrongReceivingKey }
        if let employer = try employer(of: operation.grantee) { try checkNotDenied(operation.scope, to: employer) }
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
        return subjects(of: id, in: operation.scope, to: operation.grantee)
    }

    /// Whose history a grant belongs in, each of them once.
    private func subjects(of grant: GrantID, in scope: ScopeID, to grantee: Grantee) -> [Subject] {
        let subjects: [Subject] = [.grant(grant), .scope(scope)]
        return subjects.contains(grantee.subject) ? subjects : subjects + [grantee.subject]
    }

    func apply(_ operation: AcknowledgeGrant) throws(Refusal) -> [Subject] {
        guard var record = grants[operation.grant], let fragments = grantFragments[operation.grant] else {
            throw .unknownGrant
        }
        guard fragments.validators.contains(operation.validator), validatorSet.ids.contains(operation.validator)
        else { throw .unknownValidator }
        guard record.revoked == nil else { throw .grantRevoked }
        try checkOpen(record.scope)
        // What the patient sent has been replaced.
        guard generations[operation.grant] == nil else { throw .resharingOutOfStep }
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
        return subjects(of: operation.grant, in: record.scope, to: record.grantee)
    }

    /// An emergency grant is for a hospital's whole staff, who break the glass together, and for nothing but emergencies.
    private func checkEmergencyTerms(_ operation: GrantConsent) throws(Refusal) {
        guard case .organization = operation.grantee, operation.purposes == [DeclareEmergency.purpose] else {
            throw .emergencyTermsInvalid
        }
    }

    /// Whose staff the grantee is; nobody's where it is the patient.
    private func employer(of grantee: Grantee) throws(Refusal) -> OrganizationID? {
        switch grantee {
        case .scope: return nil
        case .organization(let id): return id
        case .staff(let id):
            guard let record = staff[id] else { throw .unknownStaff }
            return record.organization
        }
    }

    /// The grantee's key, which of a recovery grant is the one that it names.
    private func receivingKey(of operation: GrantConsent) throws(Refusal) -> KeyID {
        switch operation.grantee {
        case .scope: return KeyID(operation.receivingKey)
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
