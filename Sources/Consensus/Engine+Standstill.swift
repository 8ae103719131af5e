import Codec

extension Engine {
    /// Whether this validator can still give the current view up.
    var mayNullify: Bool {
        mayVote(in: view) && rounds[view].own.nullify == nil && rounds[view].own.finalize == nil
    }

    /// When R5 applies to the current view if nothing more happens.
    var nullifyMoment: Instant {
        if rounds[view].tally.has(.nullify, by: leaders[view]) { return timers.entered }
        if rounds[view].slot != .empty { return deadline(after: timers.advanceTimeout) }
        return timers.leaderIsSilent ? timers.entered : deadline(after: timers.leaderTimeout)
    }

    /// R5: gives the view up when its leader did, has proposed nothing by T_l, or nothing is certified by T_a.
    mutating func giveUpIfDue() {
        if mayNullify, now >= nullifyMoment { nullify() }
    }

    /// R5: gives the current view up, once; from here on it is neither notarized nor finalized by this validator.
    mutating func nullify() {
        guard mayNullify else { return }
        timers.retry = now + configuration.pace.retryInterval
        cast(.nullify(epoch: configuration.epoch, view: view), announced: true)
    }

    /// R8: repeats what has been said for as long as the view does not move.
    mutating func expireRetry() {
        guard let retry = timers.retry, now >= retry else { return }
        timers.retry = now + configuration.pace.retryInterval
        if mutation.contains(.noRetry) { return }
        sendBundle(to: .all)
    }

    /// R8: what lets another validator into this view and further: why the view may be entered, the highest
    /// finalization, and this validator's own standing votes. Only votes that were cast are ever sent again.
    mutating func sendBundle(to recipient: Effect.Recipient) {
        guard !mutation.contains(.noBundle) else { return }
        var messages: [Message] = []
        if let parent = parent(for: view) {
            if !mutation.contains(.noJustification) {
                messages += parent.justification.certificates.map(Message.certificate)
            }
        } else if let entry = rounds[view.previous].exit {
            messages.append(.certificate(entry))
        }
        if let finalization { messages.append(.certificate(finalization)) }
        messages += [rounds[view].own.nullify, rounds[view].own.notarize].compactMap { $0.map(Message.vote) }
        messages += rounds.views(above: finalizedView).compactMap { rounds[$0].own.finalize.map(Message.vote) }
        output.sends += messages.map { .send($0, to: recipient) }
    }

    /// R9: answers a vote that shows its sender to be in a view that is over.
    ///
    /// Votes that come late in the ordinary run of things are not answered: one for the view just left, unless it gives
    /// that view up, and finalize votes, which are cast on leaving a view.
    mutating func helpIfBehind(_ vote: Vote) {
        let voted = vote.statement.view.rawValue
        let reached = vote.statement.kind == .finalize ? voted + 1 : voted
        let behind = vote.statement.kind == .nullify ? reached < view.rawValue : reached + 1 < view.rawValue
        if behind { help(vote.signer, in: vote.statement.view) }
    }

    /// R9: a validator says where it stands; if that is behind, it is helped forward.
    mutating func receive(_ status: Status, from sender: ValidatorIndex) {
        guard status.epoch == configuration.epoch else { return }
        if status.view < view || status.finalized < finalizedView { help(sender, in: status.view) }
    }

    /// R9: sends what ends the view that a peer is in, and the bundle; at most once per Δ and peer.
    private mutating func help(_ peer: ValidatorIndex, in view: View) {
        if let last = peers[peer.rawValue].lastHelped, last + configuration.pace.delay > now { return }
        peers[peer.rawValue].lastHelped = now
        if view > finalizedView, let exit = rounds[view].exit {
            output.sends.append(.send(.certificate(exit), to: .one(peer)))
        }
        sendBundle(to: .one(peer))
    }
}
