import Simulation
import Testing

@Suite("Simulation: the validators change under faults")
struct EpochSimulationTests {
    @Test(arguments: UInt64(0)..<8)
    func `nothing forks, and all machines converge in the last epoch`(seed: UInt64) {
        let outcome = EpochCluster(seed: seed, chaos: 30).run()
        #expect(outcome.violation == nil, "seed \(seed)")
    }

    @Test func `the same seed gives the same chain, and epochs do change`() {
        let outcomes = [UInt64(3), 3, 4].map { EpochCluster(seed: $0, chaos: 40).run() }
        #expect(outcomes[0].eventHash == outcomes[1].eventHash)
        #expect(outcomes[0].eventHash != outcomes[2].eventHash)
        #expect(outcomes.contains { $0.epoch > 1 })
    }
}
