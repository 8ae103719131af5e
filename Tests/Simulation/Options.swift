package import Consensus

/// How a run is set up; the rest follows from the seed.
package struct Options: Sendable {
    /// How long faults happen, in simulated seconds.
    package var chaos: Int64 = 60
    /// How long the healed core may take to make five more blocks final, in simulated seconds.
    package var patience: Int64 = 600
    /// Whether disks are lost as well.
    package var losesDisks = false
    /// The only dishonest validator's role, in whole replicas; nothing to have roles drawn.
    package var role: AdversaryRole?
    /// The only thing that is wrong with a dishonest validator's blocks.
    package var lie: InvalidBlockProposer.Lie?
    /// Whether nothing but dishonest validators goes wrong.
    package var isCalm = false
    /// Whether more than f validators are dishonest, 2f at the most: then the chain may fork, and the guilty must be known.
    package var isOverrun = false
    /// Checks of blocks that replicas leave out, by the names that refusals have.
    package var skippedChecks: Set<String> = []
    /// What stores say that is not so.
    package var lies: StoredChain.Lies = []
    /// Rules that are broken on purpose.
    package var mutation: Mutation = []
    /// Whether half of the programs are old when the chain goes on to the next version, and are replaced where they stop.
    package var upgrades = false
    /// Prints every event.
    package var trace: (@Sendable (String) -> Void)?

    package init() {}
}

/// What a run came to.
package struct RunResult: Sendable {
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
    /// What struck and who played, in words.
    package let weather: String
}
