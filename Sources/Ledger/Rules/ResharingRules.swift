internal import Cryptography

extension WorkingState {
    /// The most rounds that one block settles. Settling one takes about as many multiplications of points as the square
    /// of the set's size, and whoever deals last would otherwise decide how long a block takes.
    static let maximumSettledRounds = 16

    /// A holder of the fragments that serve gives its share on.
    func apply(_ operation: ReshareGrant) throws(Refusal) -> [Subject] {
        let (record, fragments) = try reshareable(operation.grant)
        guard let share = fragments.share(of: operation.dealer), record.acknowledged.contains(operation.dealer) else {
            throw .notAFragmentHolder
        }
        var round = try round(for: operation, replacing: fragments)
        guard round.published == nil else { throw .resharingOutOfStep }
        guard !round.excluded.contains(operation.dealer) else { throw .notAFragmentHolder }
        guard !round.dealings.contains(where: { $0.dealer == operation.dealer }) else { throw .alreadyExists }
        guard operation.commitments.giveOn(share, threshold: round.threshold) else { throw .dealingInvalid }
        round.dealings.append(.init(dealer: operation.dealer, share: share, commitments: operation.commitments))
        if round.dealings.count == fragments.delegation.threshold {
            guard settledRounds < Self.maximumSettledRounds else { throw .resharingBusy }
            round.published = try settle(round, of: operation.grant, fragments.delegation)
            settledRounds += 1
        }
        resharings[operation.grant] = round
        return [.grant(operation.grant), .validator(operation.dealer)]
    }

    /// A validator that was dealt to holds its share, or has got no good part from a dealer.
    func apply(_ operation: AnswerResharing) throws(Refusal) -> [Subject] {
        let (record, fragments) = try reshareable(operation.grant)
        guard let round = resharings[operation.grant], round.round == operation.round, let published = round.published
        else { throw .resharingOutOfStep }
        guard validatorSet.ids.contains(operation.validator) else { throw .unknownValidator }
        guard round.validators.contains(operation.validator) else { throw .notAFragmentHolder }
        let isServing = round.round == generation(of: operation.grant)
        let holders = isServing ? record.acknowledged : round.holders
        guard !holders.contains(operation.validator) else { throw .alreadyAcknowledged }
        if let failed = operation.failed {
            guard !isServing else { throw .resharingOutOfStep }
            try begin(after: round, of: operation.grant, without: failed, record, fragments)
        } else {
            let all = (holders + [operation.validator]).sorted()
            hold(round, published, by: all, of: operation.grant, record, isServing: isServing)
        }
        let subjects: [Subject] = [.grant(operation.grant), .validator(operation.validator)]
        return subjects + (operation.failed.map { $0 == operation.validator ? [] : [.validator($0)] } ?? [])
    }

    /// The grant, unless nobody will use it again or its grantee is stopped.
    private func reshareable(_ id: GrantID) throws(Refusal) -> (GrantRecord, GrantFragmentsRecord) {
        guard let record = grants[id], let fragments = grantFragments[id] else { throw .unknownGrant }
        guard record.revoked == nil else { throw .grantRevoked }
        guard block.time <= record.notAfter else { throw .grantExpired }
        try checkOpen(record.scope)
        switch record.grantee {
        case .scope: break
        case .organization(let organization):
            if isFrozen(.organization(organization)) { throw .organizationFrozen }
        case .staff(let member):
            if isFrozen(.staff(member)) { throw .staffFrozen }
            if let employer = staff[member]?.organization, isFrozen(.organization(employer)) {
                throw .organizationFrozen
            }
        }
        return (record, fragments)
    }

    private func generation(of grant: GrantID) -> UInt64 { generations[grant]?.round ?? 0 }

    /// The round that a dealing is for: the one under way for the present set, or the next one, which it begins where the
    /// fragments are not with that set.
    private func round(
        for operation: ReshareGrant, replacing fragments: GrantFragmentsRecord
    ) throws(Refusal) -> ResharingRecord {
        guard operation.set == validatorSet.hash else { throw .resharingOutOfStep }
        let last = resharings[operation.grant]
        if let last, last.round > generation(of: operation.grant), last.validators == validatorSet.ids {
            guard operation.round == last.round else { throw .resharingOutOfStep }
            return last
        }
        guard operation.round == (last?.round ?? 0) + 1, fragments.validators != validatorSet.ids else {
            throw .resharingOutOfStep
        }
        return ResharingRecord(round: operation.round, set: validatorSet)
    }

    private func settle(
        _ round: ResharingRecord, of grant: GrantID, _ delegation: PublishedDelegation
    ) throws(Refusal) -> PublishedDelegation {
        do {
            return try Resharing(
                of: delegation, dealings: round.dealings.map { (dealer: $0.share.id, commitments: $0.commitments) },
                to: round.holders(of: grant), threshold: round.threshold
            ).published
        } catch { throw .dealingInvalid }
    }

    /// Notes who holds a share of a round; with enough of them the round's fragments serve in the place of the old ones.
    private func hold(
        _ round: ResharingRecord, _ published: PublishedDelegation, by holders: [ValidatorID], of grant: GrantID,
        _ record: GrantRecord, isServing: Bool
    ) {
        var (round, record) = (round, record)
        round.holders = holders
        resharings[grant] = round
        guard isServing || holders.count >= round.threshold else { return }
        record.acknowledged = holders
        record.threshold = round.threshold
        grants[grant] = record
        guard !isServing else { return }
        grantFragments[grant] = GrantFragmentsRecord(delegation: published, validators: round.validators)
        generations[grant] = GenerationRecord(round: round.round)
    }

    /// Begins the next round without a dealer, as long as enough others remain. Nobody is judged by it: who is left out
    /// keeps its fragment, and serves, until the new ones do.
    private func begin(
        after round: ResharingRecord, of grant: GrantID, without dealer: ValidatorID, _ record: GrantRecord,
        _ fragments: GrantFragmentsRecord
    ) throws(Refusal) {
        guard round.dealings.contains(where: { $0.dealer == dealer }) else { throw .notAFragmentHolder }
        guard round.round < ReshareGrant.maximumRound else { throw .resharingOutOfStep }
        guard round.canDo(without: dealer, record, fragments) else { throw .tooFewDealers }
        resharings[grant] = ResharingRecord(
            round: round.round + 1, set: validatorSet, excluded: (round.excluded + [dealer]).sorted())
    }
}
