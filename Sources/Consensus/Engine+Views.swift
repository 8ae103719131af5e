/// The clocks of the view this validator is in.
struct Timers: Sendable {
    /// False until the engine may speak.
    var started = false
    /// When the view was entered.
    var entered = Instant(microseconds: 0)
    /// From when its timeouts count; later than `entered` when the view was idle at first.
    var armed = Instant(microseconds: 0)
    /// Views since finality, beyond those that f faulty leaders explain: the exponent of the timeouts.
    var stalled: UInt64 = 0
    /// T_l and T_a of the view, in microseconds.
    var leaderTimeout: Int64 = 0
    var advanceTimeout: Int64 = 0
    /// The leader has been silent for so long that it is not waited for (R0).
    var leaderIsSilent = false
    /// Nothing waits to be done: the timeouts are longer by the heartbeat (R10).
    var isIdle = false
    /// The host was asked to build on this view's block; once a view.
    var buildingOn: View?
    /// When to repeat what has been said (R8).
    var retry: Instant?
    /// When to say where this validator stands.
    var status = Instant(microseconds: 0)
    /// When to ask again after the loss of the journal.
    var rejoin: Instant?
}

extension Engine {
    /// R0: enters a view, never one below the current.
    mutating func enter(_ next: View) {
        guard next > view else { return }
        view = next
        arm()
    }

    /// Starts the clocks of the current view.
    mutating func arm() {
        let explained = finalizedView.rawValue + 1 + UInt64(configuration.validators.faults)
        timers.entered = now
        timers.armed = now
        timers.stalled = view.rawValue > explained ? view.rawValue - explained : 0
        timers.leaderTimeout = configuration.pace.leaderTimeout(stalled: timers.stalled)
        timers.advanceTimeout = configuration.pace.advanceTimeout(stalled: timers.stalled)
        timers.isIdle = false
        timers.buildingOn = nil
        timers.retry = nil
        timers.leaderIsSilent = isSilent(leaders[view])
    }

    /// Whether the leader has not been heard for T_skip while enough others were to notarize without it.
    private func isSilent(_ leader: ValidatorIndex) -> Bool {
        guard leader != index, timers.started else { return false }
        let silence = configuration.pace.silence(stalled: timers.stalled)
        func isHeard(_ peer: Peer) -> Bool { peer.lastHeard.map { $0 + silence > now } ?? false }
        return !isHeard(peers[leader.rawValue]) && peers.count(where: isHeard) >= quorum - 1
    }

    /// R0: whoever hung up counts as silent until it is heard again.
    ///
    /// A process that was killed closes its channels at once: waiting for T_skip to notice would cost its every view a
    /// timeout until then. It is a matter of speed alone, since giving a view up is always safe.
    mutating func noteAbsence(of peer: ValidatorIndex) {
        guard configuration.validators.contains(peer), peer != index else { return }
        peers[peer.rawValue].lastHeard = nil
        if peer == leaders[view] { timers.leaderIsSilent = isSilent(peer) }
    }

    /// R10: the view is idle while no transaction waits and the block to build on is final.
    ///
    /// Learning of a transaction starts the timeouts anew.
    mutating func updateIdleness() {
        let idle = !isPending && parentView(of: view) == finalizedView
        if timers.isIdle && !idle { timers.armed = now }
        timers.isIdle = idle
    }

    /// T_l or T_a of the current view, as a moment.
    func deadline(after timeout: Int64) -> Instant {
        timers.armed + (timers.isIdle ? timeout + configuration.pace.heartbeat.microseconds : timeout)
    }

    /// When a leader that need not hurry proposes: at once when transactions wait, after Δ to make the tip final, after
    /// the heartbeat otherwise (R10).
    var proposalMoment: Instant {
        if isPending { return timers.entered }
        return timers.entered + (timers.isIdle ? configuration.pace.heartbeat : configuration.pace.delay)
    }

    /// When the engine next wants a ``Input/tick``.
    public var nextDeadline: Instant? {
        guard timers.started else { return nil }
        var next = timers.status
        if let retry = timers.retry { next = min(next, retry) }
        if let rejoin = timers.rejoin { next = min(next, rejoin) }
        if mayNullify { next = min(next, nullifyMoment) }
        if mayPropose, timers.buildingOn == nil, parentView(of: view) != nil { next = min(next, proposalMoment) }
        return next
    }

    /// Tells the others where this validator stands, and asks them after the loss of the journal.
    mutating func speakPeriodically() {
        if now >= timers.status {
            timers.status = now + configuration.pace.statusInterval
            let status = Status(
                epoch: configuration.epoch, view: view, finalized: finalizedView, height: finalizedBlock.height)
            output.sends.append(.send(.status(status), to: .all))
        }
        askWhereOthersStand()
    }
}
