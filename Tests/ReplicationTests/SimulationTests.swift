import Consensus
import Simulation
import Testing

@Suite("Simulation: whole replicas under faults")
struct ReplicaSimulationTests {
    private func run(_ seed: UInt64, _ change: (inout Options) -> Void = { _ in }) -> RunResult {
        var options = Options()
        options.chaos = 15
        options.patience = 300
        change(&options)
        return ReplicaCluster(seed: seed, options: options).run()
    }

    @Test(arguments: [UInt64(2), 25, 50])
    func `stores agree and every transaction that lives is included once`(seed: UInt64) {
        let result = run(seed)
        #expect(result.violation == nil, "seed \(seed): \(result.weather)")
    }

    @Test(arguments: [UInt64(7), 50])
    func `the loss of disks is survived`(seed: UInt64) {
        let result = run(seed) { $0.losesDisks = true }
        #expect(result.violation == nil, "seed \(seed): \(result.weather)")
    }

    @Test(arguments: AdversaryRole.allCases)
    func `one dishonest validator of four changes nothing`(role: AdversaryRole) {
        let result = run(1) { ($0.role, $0.isCalm, $0.chaos) = (role, true, 10) }
        #expect(result.violation == nil, "\(role): \(result.weather)")
    }

    @Test func `the same seed gives the same events`() {
        #expect(run(3).eventHash == run(3).eventHash)
    }
}
