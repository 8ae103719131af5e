internal import API
public import ChainStorage
internal import Codec
public import Cryptography
public import Ledger

/// One validator's key fragments: takes them in, keeps them sealed, gives them up when a grant ends.
///
/// A fragment stays as the patient sealed it to this validator: the database alone, or a copy of it, opens nothing. It
/// is held against the chain when it comes and every time it is used.
public struct FragmentCustody: Sendable {
    /// The chain.
    public let chain: ChainID
    /// Whose custody this is.
    public let validator: ValidatorID
    let sealingKey: SealingKey
    let database: any Database

    /// - Parameters:
    ///   - database: The custody database; ``ServiceLog`` shares it.
    ///   - sealingKey: The secret half of the key that the chain names for `validator`.
    public init(database: any Database, chain: ChainID, validator: ValidatorID, sealingKey: SealingKey) {
        self.database = database
        self.chain = chain
        self.validator = validator
        self.sealingKey = sealingKey
    }

    // MARK: Taking in

    /// Takes a fragment in: opens it, checks it against the grant, stores it and syncs. About 0.4 ms and a sync.
    ///
    /// Sending it again is no mistake: what is valid replaces what is there.
    ///
    /// - Parameters:
    ///   - sealed: What the patient sent, sealed under ``SealContext/keyFragment(chain:scope:validator:grant:)``.
    ///   - state: What is final.
    ///   - tip: The block that `state` is the state after.
    /// - Returns: What to submit, signed by the validator's consensus key; nothing when the chain knows already.
    /// - Throws: Why not.
    public func accept(
        _ sealed: [UInt8], for grant: GrantID, over state: some LedgerReader, tip: BlockContext
    ) throws(CustodyRefusal) -> AcknowledgeGrant? {
        let share = try GrantShare(of: grant, for: validator, over: state)
        if let ended = share.record.end(at: tip.time, over: state) { throw .grantEnded(ended) }
        guard share.generation == 0 else { throw .reshared }
        _ = try open(sealed, of: grant, as: share)
        var batch = WriteBatch()
        batch.put(CustodyKeySpace.fragment(grant), sealed)
        database.write(batch, isSynced: true)
        return share.record.acknowledged.contains(validator)
            ? nil : AcknowledgeGrant(grant: grant, validator: validator)
    }

    /// The patients' fragments whose acknowledgement is not on the chain, at most `limit`: what a node submits again after a
    /// restart. A page costs a scan of the custody.
    public func unacknowledged(
        over state: some LedgerReader, tip: BlockContext, limit: Int = 256
    ) throws(DatabaseFailure) -> [AcknowledgeGrant] {
        try held().lazy.filter { grant in
            guard let record: GrantRecord = state.record(grant), record.end(at: tip.time, over: state) == nil else {
                return false
            }
            return !record.acknowledged.contains(validator) && state.generation(of: grant) == 0
        }
        .prefix(limit).map { AcknowledgeGrant(grant: $0, validator: validator) }
    }

    // MARK: Using

    /// The fragment of a grant, opened and checked again.
    func fragment(of grant: GrantID, as share: GrantShare) throws(CustodyRefusal) -> HeldFragment {
        guard share.generation == 0 else { return .reshared(try resharedFragment(of: grant, as: share)) }
        let sealed: [UInt8]?
        do { sealed = try database.get(CustodyKeySpace.fragment(grant)) } catch { throw .unreadable(error) }
        guard let sealed else { throw .notHeld }
        return .original(try open(sealed, of: grant, as: share))
    }

    private func open(
        _ sealed: [UInt8], of grant: GrantID, as share: GrantShare
    ) throws(CustodyRefusal) -> VerifiedKeyFragment {
        let context = SealContext.keyFragment(
            chain: chain, scope: share.record.scope, validator: validator, grant: grant)
        let bytes: SecretBytes
        do { bytes = try HybridSeal.open(sealed, with: sealingKey, context: context) } catch {
            throw .doesNotOpen(error)
        }
        let fragment: KeyFragment
        do { fragment = try KeyFragment(parsing: bytes) } catch { throw .malformed(error) }
        do { return try fragment.verify(as: share.share, of: share.delegation, keys: share.keys) } catch {
            throw .invalid(error)
        }
    }

    // MARK: Giving up

    /// Deletes the fragments of grants that were revoked in a final block.
    ///
    /// - Parameters:
    ///   - transactions: The block's.
    ///   - receipts: What came of them, in the same order.
    public func forgetRevoked(in transactions: [Transaction], _ receipts: [Receipt]) {
        var grants: [GrantID] = []
        for (transaction, receipt) in zip(transactions, receipts) {
            for (operation, outcome) in zip(transaction.operations, receipt.outcomes) where outcome == .applied {
                if case .revokeConsent(let revocation) = operation { grants.append(revocation.grant) }
            }
        }
        forget(grants)
    }

    /// Deletes the fragments of grants that ended, however that came about: for a start, and now and then.
    ///
    /// - Returns: Which.
    @discardableResult
    public func sweep(over state: some LedgerReader, tip: BlockContext) throws(DatabaseFailure) -> [GrantID] {
        let ended = try ended(over: state, tip: tip)
        forget(ended)
        return ended
    }

    /// The grants of which there is a fragment though they have ended.
    func ended(over state: some LedgerReader, tip: BlockContext) throws(DatabaseFailure) -> [GrantID] {
        try held().filter { grant in
            guard let record: GrantRecord = state.record(grant) else { return false }
            return record.end(at: tip.time, over: state) != nil
        }
    }

    /// Deletes fragments, of every generation, with what was dealt from them; that there is none is fine too.
    func forget(_ grants: [GrantID]) {
        guard !grants.isEmpty else { return }
        var batch = WriteBatch()
        for grant in grants {
            batch.delete(CustodyKeySpace.fragment(grant))
            for prefix in [CustodyKeySpace.reshared(grant), CustodyKeySpace.deal(grant)] {
                for round in rounds(prefix) { batch.delete(prefix + round) }
            }
        }
        database.write(batch, isSynced: true)
    }

    /// The rounds of which something is kept under a prefix, as they stand in the keys. Who cannot read what is to be
    /// deleted cannot go on.
    private func rounds(_ prefix: [UInt8]) -> [[UInt8]] {
        do {
            let entries = try database.scan(from: prefix, to: prefix + [UInt8](repeating: 0xff, count: 9), limit: 1024)
            return entries.map { Array($0.key.dropFirst(prefix.count)) }
        } catch { preconditionFailure("the custody database answers: \(error)") }
    }

    /// The grants of which there is a fragment, ascending.
    public func held() throws(DatabaseFailure) -> [GrantID] {
        let originals = try grants(from: CustodyKeySpace.fragments, to: CustodyKeySpace.afterFragments)
        let reshared = try grants(from: CustodyKeySpace.resharedFragments, to: CustodyKeySpace.afterResharedFragments)
        return reshared.isEmpty ? originals : Set(originals + reshared).sorted()
    }

    private func grants(from first: [UInt8], to end: [UInt8]) throws(DatabaseFailure) -> [GrantID] {
        var grants: [GrantID] = []
        var start = first
        while true {
            let page = try database.scan(from: start, to: end, limit: 256)
            grants += page.compactMap { CustodyKeySpace.grant(inFragmentKey: $0.key) }
            guard page.count == 256, let last = page.last else { return grants }
            start = last.key + [0]
        }
    }
}

extension GrantRecord {
    /// Why nobody will use the grant again, nothing while somebody may.
    func end(at time: Timestamp, over state: some LedgerReader) -> Refusal? {
        switch refusal(at: time) {
        case .grantRevoked: .grantRevoked
        case .grantExpired: .grantExpired
        default: state.record(scope, as: ScopeRecord.self)?.closed == nil ? nil : .scopeClosed
        }
    }
}
