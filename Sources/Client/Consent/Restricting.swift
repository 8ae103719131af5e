public import API
internal import Cryptography
public import Ledger

extension ConsentKeeper {
    /// Denies a scope to an organisation and its staff for good, whatever was granted, and takes its permission to add
    /// documents back, if it has one.
    @discardableResult
    public func deny(_ organization: OrganizationID, in scope: ScopeKeys) async throws -> TransactionProof {
        var operations: [Operation] = [
            .restrictScope(RestrictScope(scope: scope.id, restriction: .never(organization)))
        ]
        if try await events(of: scope).authors.contains(organization) {
            operations.append(.withdrawAuthor(WithdrawAuthor(scope: scope.id, organization: organization)))
        }
        return try await ledger.apply(try await ledger.prepare(operations, signedBy: [scope.signing]))
    }

    /// Lifts a denial: grants that have not ended can be used again.
    @discardableResult
    public func lift(_ organization: OrganizationID, in scope: ScopeKeys) async throws -> TransactionProof {
        let operation = RestrictScope(scope: scope.id, restriction: .never(organization), isInForce: false)
        return try await ledger.apply(.restrictScope(operation), signedBy: [scope.signing])
    }

    /// Which documents a grant is confined to; nothing when it is not.
    public func window(of grant: GrantID, in scope: ScopeKeys) async throws -> GrantWindowRecord? {
        try await ledger.record(grant, at: .readSubject(.grant(grant)), signedBy: scope.signing)
    }
}

extension Sequence<LedgerEvent> {
    /// The organisations that a scope is denied to after all of these events, in the order of their identifiers.
    public var denied: [OrganizationID] {
        var denied: Set<OrganizationID> = []
        for event in self where event.isApplied {
            guard case .restrictScope(let operation) = event.operation,
                case .never(let organization) = operation.restriction
            else { continue }
            if operation.isInForce { denied.insert(organization) } else { denied.remove(organization) }
        }
        return denied.sorted()
    }

    /// The shares into or out of a scope, oldest first.
    public var shares: [ShareDocument] {
        compactMap { event in
            guard event.isApplied, case .shareDocument(let operation) = event.operation else { return nil }
            return operation
        }
    }

    /// The documents of a scope, by authors, as messages and as shares, oldest first.
    ///
    /// - Parameter epoch: Only those of this epoch; nothing for all.
    public func identifiers(in scope: ScopeID, epoch: UInt64? = nil) -> [DocumentID] {
        compactMap { event in
            guard event.isApplied else { return nil }
            if let commit = event.operation.committed {
                return commit.epoch == epoch ?? commit.epoch ? commit.document : nil
            }
            switch event.operation {
            case .shareDocument(let share) where share.scope == scope && share.epoch == epoch ?? share.epoch:
                return share.document
            default: return nil
            }
        }
    }

    /// Whether a document was put into this scope, by an author, as a message or as a share.
    public func holds(_ document: DocumentID, in scope: ScopeID) -> Bool {
        documents.contains { $0.document == document }
            || shares.contains { $0.document == document && $0.scope == scope }
    }
}
