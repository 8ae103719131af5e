import Consensus
import Simulation
import Testing

@Suite("Simulation: consensus under faults")
struct SimulationTests {
    private static func options(_ mutation: Mutation = [], losesDisks: Bool = false) -> Options {
        var options = Options()
        options.chaos = 30
        options.patience = 300
        options.mutation = mutation
        options.losesDisks = losesDisks
        return options
    }

    @Test(arguments: [UInt64(0), 5, 7, 11, 16, 23])
    func `safe under faults, and live once a quorum is healed`(seed: UInt64) {
        let outcome = Cluster(seed: seed, options: Self.options()).run()
        #expect(outcome.violation == nil, "seed \(seed)")
    }

    @Test(arguments: [UInt64(1), 26, 40])
    func `the loss of disks is survived`(seed: UInt64) {
        let outcome = Cluster(seed: seed, options: Self.options(losesDisks: true)).run()
        #expect(outcome.violation == nil, "seed \(seed)")
    }

    @Test func `the same seed gives the same events, another seed others`() {
        let hashes = [3, 3, 4].map { Cluster(seed: $0, options: Self.options()).run().eventHash }
        #expect(hashes[0] == hashes[1])
        #expect(hashes[0] != hashes[2])
    }

    /// A rule that is broken on purpose, and a seed from which on a run shows it.
    @Test(arguments: [
        ("finalize_after_nullify", UInt64(0)), ("skip_without_nullification", 5), ("lose_votes", 7),
        ("replay_decides", 16), ("no_bundle", 3), ("own_nullify_untallied", 11), ("revote", 4),
        ("send_before_persist", 0),
    ])
    func `a broken rule makes a seed fail`(name: String, first: UInt64) throws {
        let mutation = try #require(Mutation.named.first { $0.name == name }?.mutation)
        var options = Self.options(mutation)
        options.chaos = 60
        #expect(
            (first..<first + 40).contains { Cluster(seed: $0, options: options).run().violation != nil },
            "no seed from \(first) on notices \(name)")
    }

    @Test func `taking part at once after the loss of a disk makes a seed fail`() {
        let options = Self.options(.noAbstention, losesDisks: true)
        #expect((0..<20).contains { Cluster(seed: $0, options: options).run().violation != nil })
    }
}
