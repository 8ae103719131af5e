/// Why the engine is where it is: what an operator asks when the chain stands still.
public struct EngineReport: Hashable, Sendable {
    /// What has come from one validator in the current view.
    public struct Voter: Hashable, Sendable {
        /// The validator.
        public let index: ValidatorIndex
        /// It has backed a proposal in the current view.
        public let hasNotarized: Bool
        /// It has given the current view up.
        public let hasNullified: Bool
        /// It has made the proposal of the current view final.
        public let hasFinalized: Bool
        /// When its last message came; nothing for this validator itself.
        public let lastHeard: Instant?
    }

    /// The view this validator is in.
    public let view: View
    /// Who leads it.
    public let leader: ValidatorIndex
    /// When it was entered.
    public let entered: Instant
    /// Whether the leader has proposed.
    public let isProposed: Bool
    /// The highest view known to be final.
    public let finalized: View
    /// Whether this validator may vote; false for a while after its journal was lost.
    public let takesPart: Bool
    /// Everybody, in order.
    public let voters: [Voter]
    /// How many votes decide.
    public let quorum: Int
}

extension EngineReport {
    /// Of a node that only follows: it is in no view and hears no votes.
    public static func following(_ validators: ValidatorSet, at now: Instant) -> EngineReport {
        EngineReport(
            view: .genesis, leader: ValidatorIndex(rawValue: 0), entered: now, isProposed: false, finalized: .genesis,
            takesPart: false,
            voters: validators.indices.map {
                Voter(index: $0, hasNotarized: false, hasNullified: false, hasFinalized: false, lastHeard: nil)
            }, quorum: validators.quorum)
    }
}

extension Engine {
    /// Whether this validator has lost its journal and does not know yet from which view on it may speak.
    public var isRejoining: Bool {
        if case .rejoining = standing { true } else { false }
    }

    /// Why the engine is where it is.
    public var report: EngineReport {
        let round = rounds[view]
        let voters = configuration.validators.indices.map { peer in
            EngineReport.Voter(
                index: peer, hasNotarized: round.tally.has(.notarize, by: peer),
                hasNullified: round.tally.has(.nullify, by: peer), hasFinalized: round.tally.has(.finalize, by: peer),
                lastHeard: peer == index ? nil : peers[peer.rawValue].lastHeard)
        }
        return EngineReport(
            view: view, leader: leaders[view], entered: timers.entered, isProposed: round.slot != .empty,
            finalized: finalizedView, takesPart: mayVote(in: view), voters: voters, quorum: quorum)
    }
}
