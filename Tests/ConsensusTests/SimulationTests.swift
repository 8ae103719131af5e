import Consensus
import Simulation
import Testing

@Suite("Simulation: consensus under faults")
struct SimulationTests {
    private static func options(losesDisks: Bool = false) -> Options {
        var options = Options()
        options.chaos = 30
        options.patience = 300
        options.losesDisks = losesDisks
        return options
    }

    @Test(arguments: UInt64(0)..<12)
    func `safe under faults, and live once a quorum is healed`(seed: UInt64) {
        let outcome = Cluster(seed: seed, options: Self.options()).run()
        #expect(outcome.violation == nil, "seed \(seed): \(outcome.weather)")
    }

    /// A validator certifies a block whose parent it has only fetched, crashes, and finalizes the block when it is back.
    @Test func `a certified block is kept with what it stands on`() {
        let outcome = Cluster(seed: 203_798, options: Options()).run()
        #expect(outcome.violation == nil, "\(outcome.weather)")
    }

    @Test(arguments: [UInt64(1), 26, 40])
    func `the loss of disks is survived`(seed: UInt64) {
        let outcome = Cluster(seed: seed, options: Self.options(losesDisks: true)).run()
        #expect(outcome.violation == nil, "seed \(seed): \(outcome.weather)")
    }

    @Test func `the same seed gives the same events, another seed others`() {
        let hashes = [3, 3, 4].map { Cluster(seed: $0, options: Self.options()).run().eventHash }
        #expect(hashes[0] == hashes[1])
        #expect(hashes[0] != hashes[2])
    }

    @Test(arguments: UInt64(0)..<6)
    func `when more than f are dishonest, a fork names more than f of them and nobody else`(seed: UInt64) {
        var options = Self.options()
        options.isOverrun = true
        let outcome = Cluster(seed: seed, options: options).run()
        #expect(outcome.violation == nil, "seed \(seed): \(outcome.weather)")
    }
}

@Suite("Simulation: its parts")
struct SimulationPartTests {
    @Test func `neighbouring seeds draw different numbers`() {
        var (one, other) = (SeededGenerator(seed: 7), SeededGenerator(seed: 8))
        let first = (0..<8).map { _ in one.next() }
        let second = (0..<8).map { _ in other.next() }
        #expect(Set(first).isDisjoint(with: second))
    }

    @Test func `a one-way partition cuts what leaves the group and nothing else`() {
        var network = SimulatedNetwork()
        network.partition([0], of: 3, oneWay: true)
        #expect(network.cut == [.init(from: 0, to: 1), .init(from: 0, to: 2)])
        network.ring(of: 5)
        #expect(network.cut.count == 10)
        #expect(!network.cut.contains(.init(from: 4, to: 0)))
    }

    @Test func `no mutation of the catalog is there twice, and there are at least thirty`() {
        let names = MutationCatalog.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count >= 30)
    }
}
