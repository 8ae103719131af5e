public import API
internal import Codec
internal import Cryptography
public import Ledger

/// What the chain says of a scope's guardians.
public struct GuardianStatus: Hashable, Sendable {
    /// The guardians; nothing where there are none.
    public let guardianship: GuardianshipRecord?
    /// Who is to own the scope; nothing while nobody is proposed.
    public let proposal: OwnerProposalRecord?
    /// How often the scope has had a new owner.
    public let replaced: Int
}

extension ConsentKeeper {
    /// Names guardians, and gives a recovery grant whose keys follow from what they keep in shares.
    ///
    /// - Parameters:
    ///   - notAfter: The end of the recovery grant.
    /// - Returns: The recovery grant; the one that there is, where one of this epoch can still be used.
    @discardableResult
    public func appoint(
        _ guardians: AppointGuardians, of scope: ScopeKeys, notBefore: Timestamp, notAfter: Timestamp
    ) async throws -> GrantStatus {
        let existing = try await grants(of: scope).last { _, record in
            record.flags == .recovery && record.epoch == scope.name.epoch && record.refusal(at: notBefore) == nil
        }
        let grant: GrantStatus
        if let existing {
            grant = try await deliver(existing.id, of: scope)
        } else {
            grant = try await self.grant(
                GrantTerms(
                    to: .scope(scope.id), for: [RecoverDocuments.purpose], notBefore: notBefore, notAfter: notAfter,
                    documentsPerDay: GrantConsent.maximumDocumentsPerDay, flags: .recovery),
                of: scope)
        }
        try await ledger.apply(.appointGuardians(guardians), signedBy: [scope.signing])
        return grant
    }

    /// Ends all guardianship of a scope. The recovery grant stays: revoke it as any other.
    @discardableResult
    public func dismissGuardians(of scope: ScopeKeys) async throws -> TransactionProof {
        try await ledger.apply(.appointGuardians(AppointGuardians(nobodyOf: scope.id)), signedBy: [scope.signing])
    }

    /// Who the guardians are, and whether they have proposed anybody.
    public func guardians(of scope: ScopeKeys) async throws -> GuardianStatus {
        let state = try await ledger.state(.readSubject(.scope(scope.id)), signedBy: scope.signing)
        let owners: ScopeOwnersRecord? = try state.record(scope.id)
        return GuardianStatus(
            guardianship: try state.record(scope.id), proposal: try state.record(scope.id),
            replaced: owners?.owners.count ?? 0)
    }

    /// Objects to a proposed owner.
    @discardableResult
    public func veto(_ scope: ScopeKeys) async throws -> TransactionProof {
        try await ledger.apply(.vetoOwner(VetoOwner(scope: scope.id)), signedBy: [scope.signing])
    }

    // MARK: The new owner

    /// The scope that a key signs for; nothing for a key that signs for none.
    func scope(ownedBy key: SigningKey) async throws -> ScopeID? {
        do throws(ClientFailure) {
            let id = KeyID(key.publicKey)
            let holder: KeyHolder? = try await ledger.record(id, at: .readKeyHolder(id), signedBy: key)
            if case .scope(let scope) = holder { return scope }
            return nil
        } catch {
            // Nobody may ask with a key that is not on the chain.
            guard error.isUnknownKey else { throw error }
            return nil
        }
    }

    /// The transaction that makes this wallet's key the owner of another phrase's scope, for the guardians to sign and
    /// submit.
    ///
    /// - Parameter scope: Its name says which scope is adopted.
    public func prepareAdoption(_ scope: ScopeKeys) async throws -> Transaction {
        try await ledger.prepare(
            [.proposeOwner(ProposeOwner(scope: scope.id, owner: scope.signing.publicKey))],
            signedBy: [scope.signing], validFor: LedgerClient.travellingValidity)
    }

    /// Takes the scope over, once the patient's time to object has passed: from the next block on this key signs.
    @discardableResult
    public func adopt(_ scope: ScopeKeys) async throws -> TransactionProof {
        let proof = try await ledger.apply(.confirmOwner(ConfirmOwner(scope: scope.id)), signedBy: [scope.signing])
        // A node that is a block behind does not know the key yet.
        for _ in 0..<100 where try await record(of: scope) == nil {
            try await Task.sleep(for: .milliseconds(100))
        }
        return proof
    }
}
