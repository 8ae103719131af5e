internal import Codec
internal import Consensus
internal import Ledger

/// How far the other validators' clocks are from this one's, as the times of the blocks that they propose show.
///
/// It decides nothing: it tells an operator why a validator does not vote, or is not voted for.
struct ClockComparison: Sendable {
    /// A proposal that has been on its way for so long says little about its leader's clock.
    private static let delay: Int64 = 10_000

    /// Milliseconds by which each node's last block was ahead of this clock when it came.
    private var leads: [Int64?]

    init(nodes: Int) { leads = Array(repeating: nil, count: nodes) }

    /// Makes room for what another node's blocks show.
    mutating func addNodes(upTo count: Int) { while leads.count < count { leads.append(nil) } }

    /// Takes a leader's block that came just now.
    mutating func note(_ block: Block, from leader: ValidatorIndex, now: Instant) {
        leads[leader.rawValue] = Int64(block.header.time.rawValue) - Int64(now.milliseconds)
    }

    /// By how much f + 1 of the validators at least, so that one of them is honest, are ahead of this clock, or behind it
    /// (negative); nothing while they agree with it or have not proposed.
    ///
    /// - Parameters:
    ///   - validators: Those of the present set that are reached.
    ///   - faults: How many of the set may lie: f.
    func difference(of validators: [ValidatorIndex], faults: Int) -> Duration? {
        let others = validators.compactMap { leads[$0.rawValue] }.sorted()
        guard others.count > faults else { return nil }
        let (ahead, behind) = (others[others.count - 1 - faults], others[faults])
        if ahead > Int64(BlockRules.clockTolerance) { return .milliseconds(ahead) }
        return behind < -Self.delay ? .milliseconds(behind) : nil
    }
}
