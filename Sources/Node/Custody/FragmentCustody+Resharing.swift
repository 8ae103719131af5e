internal import API
internal import ChainStorage
internal import Codec
internal import Cryptography
public import Ledger

// Giving fragments on to the validators of another set, without the patient.
extension FragmentCustody {
    // MARK: Dealing

    /// Gives this validator's share of a grant on, if the grant's fragments are not with the present set and a round waits
    /// for it. What was dealt is on the disk before anybody hears of it; asked again, it is the same.
    ///
    /// About 25 microseconds a validator and coefficient and 0.13 milliseconds a validator, once.
    ///
    /// - Returns: What to submit, signed by the validator's consensus key; nothing when nothing is to be dealt.
    /// - Throws: Why the share cannot be used.
    public func deal(
        _ grant: GrantID, over state: some LedgerReader, tip: BlockContext
    ) throws(CustodyRefusal) -> ReshareGrant? {
        let share = try GrantShare(of: grant, for: validator, over: state)
        guard share.record.isOpen(at: tip, over: state), share.record.acknowledged.contains(validator),
            let round = round(of: grant, share, over: state)
        else { return nil }
        let kept = try kept(grant, round.round)
        if let kept, kept.set == state.validatorSet.hash {
            return operation(kept, grant, round.round)
        }
        let made = try fragment(of: grant, as: share).deal(
            to: round.holders(of: grant).map(\.index), threshold: round.threshold)
        var parts: [KeptDeal.Part] = []
        for (part, receiver) in zip(made.parts, round.validators) {
            guard let card: ValidatorCardRecord = state.record(receiver) else { throw .unknownHolder(receiver) }
            let context = SealContext.resharingPart(
                chain: chain, dealer: validator, validator: receiver, grant: grant, round: round.round)
            do {
                parts.append(
                    .init(
                        validator: receiver,
                        sealed: try HybridSeal.seal(part.bytes, to: card.sealingKey, context: context)))
            } catch { throw .unknownHolder(receiver) }
        }
        let deal = KeptDeal(set: state.validatorSet.hash, commitments: made.commitments, parts: parts)
        var batch = WriteBatch()
        batch.put(CustodyKeySpace.deal(grant, round.round), deal.encoded)
        database.write(batch, isSynced: true)
        return operation(deal, grant, round.round)
    }

    private func operation(_ deal: KeptDeal, _ grant: GrantID, _ round: UInt64) -> ReshareGrant {
        ReshareGrant(grant: grant, round: round, set: deal.set, dealer: validator, commitments: deal.commitments)
    }

    /// The round that waits for this validator's share: one under way for the present set, or the one to begin.
    private func round(
        of grant: GrantID, _ share: GrantShare, over state: some LedgerReader
    ) -> ResharingRecord? {
        let set = state.validatorSet
        let last: ResharingRecord? = state.record(grant)
        if let last, last.round > share.generation, last.validators == set.ids {
            let isDone = last.published != nil || last.dealings.contains { $0.dealer == validator }
            return isDone || last.excluded.contains(validator) ? nil : last
        }
        guard share.validators != set.ids else { return nil }
        return ResharingRecord(round: (last?.round ?? 0) + 1, set: set)
    }

    /// What this validator dealt to another one, sealed to it, once the chain has settled the round with it.
    public func part(
        of grant: GrantID, round number: UInt64, for receiver: ValidatorID, over state: some LedgerReader,
        tip: BlockContext
    ) throws(CustodyRefusal) -> [UInt8]? {
        guard let record: GrantRecord = state.record(grant), record.end(at: tip.time, over: state) == nil,
            let round: ResharingRecord = state.record(grant), round.round == number, round.published != nil
        else { return nil }
        return try kept(grant, number)?.parts.first { $0.validator == receiver }?.sealed
    }

    private func kept(_ grant: GrantID, _ round: UInt64) throws(CustodyRefusal) -> KeptDeal? {
        let bytes: [UInt8]?
        do { bytes = try database.get(CustodyKeySpace.deal(grant, round)) } catch { throw .unreadable(error) }
        guard let bytes else { return nil }
        do { return try KeptDeal(decoding: bytes) } catch { throw .malformed(error) }
    }

    // MARK: Receiving

    /// The settled round of a grant in which this validator is dealt a share that it has not acknowledged; nothing when
    /// there is none.
    public func expected(
        of grant: GrantID, over state: some LedgerReader, tip: BlockContext
    ) -> ResharingRecord? {
        guard let record: GrantRecord = state.record(grant), record.isOpen(at: tip, over: state),
            let round: ResharingRecord = state.record(grant), round.published != nil,
            round.validators.contains(validator), state.validatorSet.ids.contains(validator)
        else { return nil }
        let holders = round.round == state.generation(of: grant) ? record.acknowledged : round.holders
        return holders.contains(validator) ? nil : round
    }

    /// Whether the share of a round is kept here.
    public func holds(_ grant: GrantID, round: UInt64) throws(CustodyRefusal) -> Bool {
        do { return try database.get(CustodyKeySpace.reshared(grant, round)) != nil } catch { throw .unreadable(error) }
    }

    /// Puts this validator's new share together from what every dealer of the round dealt to it; each part is held
    /// against the chain. The share is on the disk, sealed to this validator, when this returns.
    ///
    /// - Parameter parts: One from each dealer of the round.
    /// - Returns: What to submit, signed by the validator's consensus key.
    /// - Throws: ``CustodyRefusal/partInvalid(dealer:)`` names the dealer whose part does not fit.
    public func receive(
        _ parts: [ValidatorID: [UInt8]], of grant: GrantID, over state: some LedgerReader, tip: BlockContext
    ) throws(CustodyRefusal) -> AnswerResharing {
        guard let round = expected(of: grant, over: state, tip: tip), let resharing = round.resharing else {
            throw .notAHolder
        }
        var opened: [ResharingPart] = []
        for dealing in round.dealings {
            let context = SealContext.resharingPart(
                chain: chain, dealer: dealing.dealer, validator: validator, grant: grant, round: round.round)
            guard let sealed = parts[dealing.dealer],
                let bytes = try? HybridSeal.open(sealed, with: sealingKey, context: context),
                let part = ResharingPart(bytes)
            else { throw .partInvalid(dealer: dealing.dealer) }
            opened.append(part)
        }
        let id = ResharingRecord.fragment(of: grant, round: round.round, for: validator)
        let share: ResharedKeyFragment
        do { share = try resharing.combine(opened, for: id) } catch {
            switch error {
            case .wrongPart(let fragment):
                guard let dealer = round.dealings.first(where: { $0.share.id == fragment })?.dealer else {
                    preconditionFailure("a part that does not fit is a dealer's")
                }
                throw .partInvalid(dealer: dealer)
            case .wrongCount, .unknownHolder:
                preconditionFailure("there is a part for each dealer, and a share for each validator of the round")
            }
        }
        let context = SealContext.resharedFragment(
            chain: chain, validator: validator, grant: grant, round: round.round)
        let sealed: [UInt8]
        do { sealed = try HybridSeal.seal(share.secretBytes, to: sealingKey.publicKey, context: context) } catch {
            throw .doesNotOpen(error)
        }
        var batch = WriteBatch()
        batch.put(CustodyKeySpace.reshared(grant, round.round), sealed)
        database.write(batch, isSynced: true)
        return AnswerResharing(grant: grant, round: round.round, validator: validator)
    }

    /// The share of the generation that serves, opened and held against the chain.
    func resharedFragment(of grant: GrantID, as share: GrantShare) throws(CustodyRefusal) -> ResharedKeyFragment {
        let sealed: [UInt8]?
        do { sealed = try database.get(CustodyKeySpace.reshared(grant, share.generation)) } catch {
            throw .unreadable(error)
        }
        guard let sealed else { throw .notHeld }
        let context = SealContext.resharedFragment(
            chain: chain, validator: validator, grant: grant, round: share.generation)
        let secret: SecretBytes
        do { secret = try HybridSeal.open(sealed, with: sealingKey, context: context) } catch {
            throw .doesNotOpen(error)
        }
        guard let fragment = ResharedKeyFragment(secret, as: share.share, of: share.delegation) else {
            throw .invalidShare
        }
        return fragment
    }

    // MARK: Giving up

    /// Deletes what is held of a grant and serves no more: the fragments of other generations than the one that serves,
    /// shares of rounds that have been given up, and what was dealt once every receiver has its share.
    public func tidy(_ grant: GrantID, over state: some LedgerReader) throws(CustodyRefusal) {
        guard let record: GrantRecord = state.record(grant) else { return }
        let generation = state.generation(of: grant)
        let last: ResharingRecord? = state.record(grant)
        var batch = WriteBatch()
        if generation > 0, try contains(CustodyKeySpace.fragment(grant)) {
            batch.delete(CustodyKeySpace.fragment(grant))
        }
        for round in try rounds(CustodyKeySpace.reshared(grant)) where round != generation && round != last?.round {
            batch.delete(CustodyKeySpace.reshared(grant, round))
        }
        let isComplete =
            last.map { $0.round == generation && record.acknowledged.count == $0.validators.count } ?? false
        // The next round's deal is kept before the chain has heard of the round.
        for round in try rounds(CustodyKeySpace.deal(grant))
        where isComplete && round == generation || round < (last?.round ?? 0) {
            batch.delete(CustodyKeySpace.deal(grant, round))
        }
        if !batch.changes.isEmpty { database.write(batch, isSynced: true) }
    }

    private func contains(_ key: [UInt8]) throws(CustodyRefusal) -> Bool {
        do { return try database.get(key) != nil } catch { throw .unreadable(error) }
    }

    /// The rounds of which something is kept under a prefix.
    private func rounds(_ prefix: [UInt8]) throws(CustodyRefusal) -> [UInt64] {
        do {
            let end = prefix + [UInt8](repeating: 0xff, count: 9)
            return try database.scan(from: prefix, to: end, limit: 256).map { entry in
                entry.key.dropFirst(prefix.count).reduce(0) { $0 << 8 | UInt64($1) }
            }
        } catch { throw .unreadable(error) }
    }
}

extension GrantRecord {
    /// Whether somebody may use the grant now or later, and its grantee is not stopped.
    fileprivate func isOpen(at tip: BlockContext, over state: some LedgerReader) -> Bool {
        guard end(at: tip.time, over: state) == nil else { return false }
        switch grantee {
        case .scope: return true
        case .organization(let id): return !state.isFrozen(.organization(id), after: tip)
        case .staff(let id):
            let employer = state.record(id, as: StaffRecord.self)?.organization
            return !state.isFrozen(.staff(id), after: tip)
                && !(employer.map { state.isFrozen(.organization($0), after: tip) } ?? false)
        }
    }
}
