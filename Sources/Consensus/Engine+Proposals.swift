import Codec

extension Engine {
    /// What a view builds on.
    struct Parent {
        let view: View
        let block: BlockReference
        /// The parent's certificate and the nullifications between, from the highest view down.
        let certificates: [Certificate]

        /// What the proposal carries.
        var justification: Justification { Justification(certificates.reversed()) }
    }

    /// R1: the highest certified view below, provided that a nullification is held for every view between.
    ///
    /// A certified view is preferred even when its nullification is held too, so that no leader can drop a notarized
    /// block that others may still make final.
    func parent(for view: View) -> Parent? {
        var certificates: [Certificate] = []
        var below = view
        while below.rawValue > 1 {
            below = below.previous
            if let foundation = rounds[below].foundation, let block = block(of: below) {
                return Parent(view: below, block: block, certificates: certificates + [foundation])
            }
            guard let nullification = rounds[below].nullification else { return nil }
            certificates.append(nullification)
        }
        return Parent(view: .genesis, block: configuration.opening, certificates: certificates)
    }

    /// The view of ``parent(for:)``, without collecting the certificates.
    func parentView(of view: View) -> View? {
        var below = view
        while below.rawValue > 1 {
            below = below.previous
            if rounds[below].isFoundation { return below }
            if rounds[below].nullification == nil { return nil }
        }
        return .genesis
    }

    /// Whether this validator leads the current view and nothing has been proposed or given up in it.
    var mayPropose: Bool {
        leaders[view] == index && mayVote(in: view) && rounds[view].slot == .empty
            && rounds[view].own.notarize == nil && rounds[view].own.nullify == nil
    }

    /// R1 and R3: what leads the current view forward, as its leader or as one of the others.
    mutating func advance() {
        if mayPropose {
            requestBlock()
        } else if case .proposed(let proposal) = rounds[view].slot {
            notarize(proposal)
        } else if mutation.contains(.revote), case .contested = rounds[view].slot,
            let second = rounds[view].tally.vote(.notarize, by: leaders[view])?.statement.proposal
        {
            notarize(second)
        }
    }

    /// R1: asks for a block when it is time for one.
    private mutating func requestBlock() {
        guard now >= proposalMoment, let parent = parent(for: view), timers.buildingOn != parent.view else { return }
        timers.buildingOn = parent.view
        output.requests.append(.build(view: view, on: parent.block))
    }

    /// R1: proposes the block that was built.
    ///
    /// A block on another parent than the one to build on now is dropped and another one asked for. The block that closes
    /// the epoch is its own successor until it is final.
    mutating func propose(_ block: BlockReference, in view: View, closesEpoch: Bool) {
        guard view == self.view, mayPropose, let parent = parent(for: view) else { return }
        let isRepetition = closesEpoch && block == parent.block
        guard isRepetition || block.isChild(of: parent.block),
            let proposal = Proposal(epoch: configuration.epoch, view: view, parentView: parent.view, block: block)
        else {
            timers.buildingOn = nil
            return
        }
        verdicts.recordOwn(block.hash, in: view, closesEpoch: closesEpoch)
        rounds[view].slot = .proposed(proposal)
        let vote = cast(.notarize(proposal))
        let justification = mutation.contains(.noJustification) ? .empty : parent.justification
        output.sends.append(.send(.propose(Propose(vote: vote, justification: justification)), to: .all))
    }

    /// R2: takes a proposal from the leader of its view, after the certificates that it carries, which may let this
    /// validator into the view.
    mutating func receive(_ propose: Propose, from sender: ValidatorIndex) {
        guard case .notarize(let proposal) = propose.vote.statement, propose.vote.signer == sender,
            proposal.epoch == configuration.epoch, leaders[proposal.view] == sender
        else { return }
        for certificate in propose.justification.certificates { receive(certificate) }
        receive(propose.vote)
        helpIfBehind(propose.vote)
    }

    /// R3: backs the leader's proposal once everything it stands on is here.
    ///
    /// What is missing may still come, and T_a bounds the wait. What can never be right gives the view up at once.
    private mutating func notarize(_ proposal: Proposal) {
        let said = rounds[view].own.notarize?.statement
        guard mayVote(in: view), said == nil || (mutation.contains(.revote) && said != .notarize(proposal)),
            rounds[view].own.nullify == nil
        else { return }
        guard proposal.parentView >= finalizedView else { return nullify() }
        guard proposal.parentView == .genesis || rounds[proposal.parentView].isFoundation,
            let parent = block(of: proposal.parentView), isGapNullified(above: proposal.parentView)
        else { return }
        let isRepetition = proposal.block == parent
        guard isRepetition || proposal.block.isChild(of: parent) else { return nullify() }
        switch mutation.contains(.backUnexecuted) ? .executed : verdicts[proposal.block.hash] {
        case .closesEpoch: cast(.notarize(proposal), announced: true)
        case .executed:
            // Only the block that closes the epoch is proposed twice.
            guard !isRepetition || mutation.contains(.repeatAnything) else { return nullify() }
            cast(.notarize(proposal), announced: true)
        case .invalid: nullify()
        case .requested, .requestedOfQuorum: break
        case nil:
            verdicts.request(proposal.block.hash, in: view)
            output.requests.append(.execute(proposal.block, from: [leaders[view]]))
        }
    }

    /// Whether every view between this one and the current has been given up by a quorum.
    private func isGapNullified(above parentView: View) -> Bool {
        if mutation.contains(.skipWithoutNullification) { return true }
        var between = parentView.next
        while between < view {
            guard rounds[between].nullification != nil else { return false }
            between = between.next
        }
        return true
    }
}
