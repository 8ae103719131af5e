public import API
internal import Cryptography
public import Ledger

/// What became of a scope's authors and grants after its keys were replaced.
public struct ScopeRenewal: Sendable {
    /// The organisations that may write again, with a new card.
    public var authors: [OrganizationID] = []
    /// The grants that were given anew, with what they replace.
    public var grants: [(old: GrantID, new: GrantStatus)] = []
    /// Emergency and recovery grants, which are for their owner to give anew: their terms are not a plain grant's.
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
            try await authorize(organization, in: scope)
            renewal.authors.append(organization)
        }
        let given = Set(events.grants.filter { $0.epoch == scope.name.epoch }.map(Terms.init))
        var renewed: Set<Terms> = []
        // The newest first: of several grants with the same words one is enough.
        for old in events.grants.reversed() where old.epoch < scope.name.epoch && old.notAfter > now {
            guard !given.contains(Terms(old)), renewed.insert(Terms(old)).inserted,
                let record = try await record(of: old.grant, in: scope), record.revoked == nil
            else { continue }
            guard old.flags.isEmpty else {
                renewal.left.append(old.grant)
                continue
            }
            let window = try await window(of: old.grant, in: scope)
            let terms = GrantTerms(
                to: old.grantee, for: old.purposes, roles: old.roles, notBefore: old.notBefore,
                notAfter: old.notAfter, documentsPerDay: old.documentsPerDay,
                documentsFrom: window?.from, documentsUntil: window?.until)
            renewal.grants.append((old.grant, try await grant(terms, of: scope)))
        }
        return renewal
    }

    /// Closes a scope for good.
    @discardableResult
    public func close(_ scope: ScopeKeys) async throws -> TransactionProof {
        try await ledger.apply(.closeScope(CloseScope(scope: scope.id)), signedBy: [scope.signing])
    }

    /// The words of a grant, without its keys: a renewed grant has the same.
    private struct Terms: Hashable {
        let grantee: Grantee
        let purposes: [Purpose]
        let roles: [Role]
        let notBefore: Timestamp
        let notAfter: Timestamp
        let documentsPerDay: Int
        let flags: UInt8

        init(_ grant: GrantConsent) {
            grantee = grant.grantee
            purposes = grant.purposes
            roles = grant.roles
            notBefore = grant.notBefore
            notAfter = grant.notAfter
            documentsPerDay = grant.documentsPerDay
            flags = grant.flags.rawValue
        }
    }
}
