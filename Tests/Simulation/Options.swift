package import Consensus

/// How a run is set up; the rest follows from the seed.
package struct Options: Sendable {
    /// How long faults happen, in simulated seconds.
    package var chaos: Int64 = 60
    /// How long the healed core may take to make five more blocks final, in simulated seconds.
    package var patience: Int64 = 600
    /// Whether disks are lost as well.
    package var losesDisks = false
    /// Rules that are broken on purpose.
    package var mutation: Mutation = []
    /// Prints every event.
    package var trace: (@Sendable (String) -> Void)?

    package init() {}
}

/// What a run came to.
package struct Outcome: Sendable {
    /// What went wrong, if anything.
    package let violation: Violation?
    /// A hash of every event in order.
    package let eventHash: UInt64
    /// The highest final height when the faults ended.
    package let heightAfterChaos: UInt64
    /// How long the core took to make five more blocks final, in simulated seconds.
    package let recovery: Double
    /// Packets that were sent.
    package let packets: Int
    /// Simulated seconds in all.
    package let simulated: Double
}
