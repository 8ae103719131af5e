public import API
internal import Cryptography
public import Ledger

/// What became of a scope's authors and grants after its keys were replaced.
public struct ScopeRenewal: Sendable {
    /// The organisations that may write again, with a new card.
    public var authors: [OrganizationID] = []
    /// The grants that were given anew, with what they replace.
    public var grants: [(old: GrantID, new: GrantStatus)] = []
    /// The grants that the ledger would not give anew, because their grantee has left or is denied the scope.
    public var left: [GrantID] = []
}

extension ConsentKeeper {
    /// Replaces a scope's keys. Nobody may write to it before ``renew(_:now:)``.
    ///
    /// - Parameter next: The scope's keys of the next epoch.
    @discardableResult
    public func rotate(to next: ScopeKeys) async throws -> TransactionProof {
        let operation = RotateScope(
            scope: next.id, epoch: next.name.epoch, delegatingKey: next.delegating.publicKey,
            sealingKey: next.sealing.publicKey)
        return try await ledger.apply(.rotateScope(operation), signedBy: [next.signing])
    }

    /// Authorises the authors of earlier epochs anew and gives the grants anew that can still be used. Grants of earlier
    /// epochs stay as they are: they open the documents of theirs.
    ///
    /// Done again after an interruption, it goes on where it was: what the chain has in this epoch is not repeated.
    ///
    /// - Parameters:
    ///   - scope: The scope's keys of the epoch that the chain says.
    ///   - now: Grants that end before are left to end.
    public func renew(_ scope: ScopeKeys, now: Timestamp) async throws -> ScopeRenewal {
        let events = try await events(of: scope)
        var renewal = ScopeRenewal()
        for (organization, epoch) in events.authorEpochs.sorted(by: { $0.key < $1.key })
        where epoch < scope.name.epoch {
            // A denied organisation does not write again, however it came to be an author.
            if events.denied.contains(organization) { continue }
            try await authorize(organization, in: scope)
            renewal.authors.append(organization)
        }
        var given: Set<GrantTerms> = []
        for grant in events.grants where grant.epoch == scope.name.epoch {
            given.insert(try await terms(of: grant, in: scope))
        }
        // The newest first: of several grants with the same words one is enough.
        for old in events.grants.reversed() where old.epoch < scope.name.epoch && old.notAfter > now {
            guard let record = try await record(of: old.grant, in: scope), record.revoked == nil else { continue }
            let terms = try await terms(of: old, in: scope)
            guard given.insert(terms).inserted else { continue }
            do { renewal.grants.append((old.grant, try await grant(terms, of: scope))) } catch ClientFailure.refused {
                renewal.left.append(old.grant)
            }
        }
        return renewal
    }

    /// The words of a grant, without its keys: a renewed grant has the same.
    private func terms(of grant: GrantConsent, in scope: ScopeKeys) async throws -> GrantTerms {
        let window = try await window(of: grant.grant, in: scope)
        return GrantTerms(
            to: grant.grantee, for: grant.purposes, roles: grant.roles, notBefore: grant.notBefore,
            notAfter: grant.notAfter, documentsPerDay: grant.documentsPerDay, flags: grant.flags,
            documentsFrom: window?.from, documentsUntil: window?.until)
    }

    /// Closes a scope for good.
    @discardableResult
    public func close(_ scope: ScopeKeys) async throws -> TransactionProof {
        try await ledger.apply(.closeScope(CloseScope(scope: scope.id)), signedBy: [scope.signing])
    }
}
