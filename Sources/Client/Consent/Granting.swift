public import API
internal import Codec
internal import Cryptography
public import Ledger

/// What a patient allows somebody: the words of a grant.
public struct GrantTerms: Hashable, Sendable {
    /// To whom.
    public var grantee: Grantee
    /// What for.
    public var purposes: [Purpose]
    /// By staff of which roles.
    public var roles: [Role]
    /// The first moment.
    public var notBefore: Timestamp
    /// The last moment.
    public var notAfter: Timestamp
    /// Documents that may be asked for on one day of UTC.
    public var documentsPerDay: Int
    /// Nothing for an ordinary grant.
    public var flags: GrantConsent.Flags
    /// Leaves documents out that were put on record before; nothing for none.
    public var documentsFrom: Timestamp?
    /// Leaves documents out that are put on record after; nothing for none.
    public var documentsUntil: Timestamp?

    /// The words of a grant.
    public init(
        to grantee: Grantee, for purposes: [Purpose], roles: [Role] = [.clinician], notBefore: Timestamp,
        notAfter: Timestamp, documentsPerDay: Int = 100, flags: GrantConsent.Flags = [],
        documentsFrom: Timestamp? = nil, documentsUntil: Timestamp? = nil
    ) {
        self.grantee = grantee
        self.purposes = purposes
        self.roles = roles
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.documentsPerDay = documentsPerDay
        self.flags = flags
        self.documentsFrom = documentsFrom
        self.documentsUntil = documentsUntil
    }
}

extension GrantTerms {
    /// What confines a grant to documents of some time, in the transaction that gives it.
    fileprivate func window(of grant: GrantID, in scope: ScopeID) -> [Operation] {
        guard documentsFrom != nil || documentsUntil != nil else { return [] }
        let window = ScopeRestriction.documents(grant, from: documentsFrom, until: documentsUntil)
        return [.restrictScope(RestrictScope(scope: scope, restriction: window))]
    }
}

/// How far a grant's fragments have come.
public struct GrantStatus: Hashable, Sendable {
    /// The grant.
    public let grant: GrantID
    /// What the chain knows of it.
    public let record: GrantRecord
    /// How many validators are to hold a fragment.
    public let validators: Int
    /// Who has not taken theirs, and why.
    public let missing: [WalletFailure.ValidatorAnswer]

    /// "3 of 4 hold it".
    public var summary: String { "\(record.acknowledged.count) of \(validators) hold it" }
}

extension ConsentKeeper {
    /// Grants: makes a fragment for each validator, submits the consent and delivers the fragments until the grant can
    /// be used.
    ///
    /// - Throws: ``ClientFailure/refused(_:_:)`` when the ledger refuses it. That not all validators can be reached is no
    ///   failure: see ``GrantStatus/missing``, and call ``deliver(_:of:)`` again later.
    public func grant(_ terms: GrantTerms, of scope: ScopeKeys) async throws -> GrantStatus {
        let pending = try await prepare(terms, of: scope)
        guard let operation = pending.operation else { preconditionFailure("a pending grant holds a grant") }
        do { try await ledger.apply(pending.transaction) } catch {
            // What was refused never becomes a grant: its fragments are of no use.
            if case .refused = error { GrantOutbox(home).remove(operation.grant) }
            throw error
        }
        return try await deliver(operation.grant, of: scope)
    }

    /// Sends the fragments that validators have not acknowledged, waits a moment for their acknowledgements, and says how
    /// many hold one.
    public func deliver(_ grant: GrantID, of scope: ScopeKeys) async throws -> GrantStatus {
        let outbox = GrantOutbox(home)
        var answers: [WalletFailure.ValidatorAnswer] = []
        // What validators have shared out anew themselves takes no fragment of the patient's any more.
        if try await isReshared(grant, in: scope) { outbox.remove(grant) }
        if let pending = try outbox.pending(grant) {
            if try await record(of: grant, in: scope) == nil { try await ledger.apply(pending.transaction) }
            let holders = try await requireRecord(of: grant, in: scope).acknowledged
            answers = await deposit(pending.fragments.filter { !holders.contains($0.validator) }, grant, scope.signing)
        }
        // Those whom the grant names and who may still take a fragment: a validator that has left will not.
        let current = Set(try await ledger.validators().map(\.id))
        let named = try await holders(of: grant, in: scope)
        let expected = named.count
        let due = named.count { current.contains($0) }
        var record = try await requireRecord(of: grant, in: scope)
        // The acknowledgements are transactions of the validators: they take a block or two.
        for _ in 0..<50 where record.acknowledged.count + answers.count < due && record.revoked == nil {
            try await Task.sleep(for: .milliseconds(100))
            record = try await requireRecord(of: grant, in: scope)
        }
        if record.acknowledged.count >= due || record.revoked != nil { outbox.remove(grant) }
        return GrantStatus(grant: grant, record: record, validators: expected, missing: answers)
    }

    /// Ends a grant at once.
    @discardableResult
    public func revoke(_ grant: GrantID, of scope: ScopeKeys) async throws -> TransactionProof {
        let proof = try await ledger.apply(
            .revokeConsent(RevokeConsent(grant: grant)), signedBy: [scope.signing])
        GrantOutbox(home).remove(grant)
        return proof
    }

    /// What the chain knows of a grant; nothing when there is none.
    public func record(of grant: GrantID, in scope: ScopeKeys) async throws -> GrantRecord? {
        do throws(ClientFailure) {
            return try await ledger.record(grant, at: .readSubject(.grant(grant)), signedBy: scope.signing)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    private func isReshared(_ grant: GrantID, in scope: ScopeKeys) async throws -> Bool {
        guard try await record(of: grant, in: scope) != nil else { return false }
        let generation: GenerationRecord? = try await ledger.record(
            grant, at: .readSubject(.grant(grant)), signedBy: scope.signing)
        return generation != nil
    }

    private func requireRecord(of grant: GrantID, in scope: ScopeKeys) async throws -> GrantRecord {
        guard let record = try await record(of: grant, in: scope) else { throw WalletFailure.unknown("grant \(grant)") }
        return record
    }

    /// Makes a grant and its sealed fragments, and keeps them in the home before anybody hears of it.
    private func prepare(_ terms: GrantTerms, of scope: ScopeKeys) async throws -> PendingGrant {
        let receiving = try await receivingKey(of: terms.grantee, in: scope)
        let (card, cardID) = try await card(for: terms.grantee.subject, of: scope)
        try await ledger.upload(card, named: cardID, signedBy: scope.signing)
        let validators = try await ledger.validators()
        let made = scope.delegating.delegate(
            to: receiving, signedBy: scope.signing, threshold: validators.count - (validators.count - 1) / 3,
            shares: validators.count)
        let operation = GrantConsent(
            scope: scope.id, epoch: scope.name.epoch, grantee: terms.grantee, receivingKey: receiving,
            delegation: made.published, validators: validators.map(\.id), purposes: terms.purposes,
            roles: terms.roles, notBefore: terms.notBefore, notAfter: terms.notAfter,
            documentsPerDay: terms.documentsPerDay, flags: terms.flags, card: cardID)
        let grant = operation.grant
        let fragments = try zip(validators, made.fragments).map { validator, fragment in
            let context = SealContext.keyFragment(
                chain: ledger.chain, scope: scope.id, validator: validator.id, grant: grant)
            let sealed = try HybridSeal.seal(fragment.bytes, to: validator.card.sealingKey, context: context)
            return PendingGrant.Fragment(validator: validator.id, sealed: sealed)
        }
        let transaction = try await ledger.prepare(
            [.grantConsent(operation)] + terms.window(of: grant, in: scope.id), signedBy: [scope.signing],
            validFor: LedgerClient.travellingValidity)
        let pending = PendingGrant(transaction: transaction, fragments: fragments)
        try GrantOutbox(home).keep(pending, grant)
        return pending
    }

    private func receivingKey(of grantee: Grantee, in scope: ScopeKeys) async throws -> PublicKey {
        // A recovery grant is for keys that follow from what guardians keep.
        if case .scope = grantee { return scope.recovery.receiving.publicKey }
        let state = try await ledger.state(.readSubject(grantee.subject), signedBy: scope.signing)
        let found: KeyID? =
            switch grantee {
            case .organization(let id): try state.record(id, as: OrganizationRecord.self)?.receivingKey
            case .staff(let id): try state.record(id, as: StaffRecord.self)?.receivingKey
            case .scope: nil
            }
        guard let receiving = found?.publicKey else { throw WalletFailure.unknown("\(grantee.subject)") }
        return receiving
    }

    /// Hands every validator its fragment, all at once.
    ///
    /// - Returns: Who did not take it, and why.
    private func deposit(
        _ fragments: [PendingGrant.Fragment], _ grant: GrantID, _ key: SigningKey
    ) async -> [WalletFailure.ValidatorAnswer] {
        await withTaskGroup(of: WalletFailure.ValidatorAnswer?.self) { group in
            for fragment in fragments {
                group.addTask { await deposit(fragment, grant, key) }
            }
            var answers: [WalletFailure.ValidatorAnswer] = []
            for await answer in group { if let answer { answers.append(answer) } }
            return answers.sorted { $0.validator < $1.validator }
        }
    }

    private func deposit(
        _ fragment: PendingGrant.Fragment, _ grant: GrantID, _ key: SigningKey
    ) async -> WalletFailure.ValidatorAnswer? {
        let address: NodeAddress?
        do { address = try await ledger.node(of: fragment.validator) } catch {
            return .init(validator: fragment.validator, reason: "its address cannot be had: \(error)")
        }
        guard let node = address else { return .init(validator: fragment.validator, reason: "has no address") }
        var reason = "did not answer"
        // A validator may have the grant a few blocks later than the node that told of it.
        for attempt in 0..<20 {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(100)) }
            do {
                _ = try await ledger.nodes.send(
                    .depositFragment(grant), body: fragment.sealed, signedBy: key, to: node, as: DepositReply.self)
                return nil
            } catch {
                reason = "\(error)"
                if !error.isEarly { break }
            }
        }
        return .init(validator: fragment.validator, reason: reason)
    }
}
