import ArgumentParser
import Consensus
import Simulation

/// Runs the consensus rules through seeded faults and prints the first seed that fails.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Runs clusters of validators through lossy networks, crashes and lies; each run follows from its seed.")

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 200

    @Option(help: "The first seed.")
    var start: UInt64 = 0

    @Option(help: "Run this seed only.")
    var seed: UInt64?

    @Flag(help: "Print every event.")
    var trace = false

    @Flag(help: "Run whole replicas, stores and ledger included.")
    var replicas = false

    @Flag(help: "Run whole replicas whose validators change meanwhile.")
    var epochs = false

    @Flag(help: "Lose disks as well.")
    var loseDisks = false

    @Option(help: "Break a rule on purpose: \(Mutation.named.map(\.name).joined(separator: ", ")).")
    var mutate: [String] = []

    @Option(help: "Simulated seconds of faults.")
    var chaos: Int64 = Options().chaos

    func validate() throws {
        for name in mutate where !Mutation.named.contains(where: { $0.name == name }) {
            throw ValidationError("no mutation is called \(name)")
        }
    }

    func run() throws {
        if epochs { return try runEpochs() }
        var options = Options()
        options.chaos = chaos
        options.losesDisks = loseDisks
        for (name, mutation) in Mutation.named where mutate.contains(name) { options.mutation.insert(mutation) }
        if trace { options.trace = { print($0) } }
        if let seed {
            let outcome = outcome(of: seed, options)
            print(describe(outcome, of: seed))
            if outcome.violation != nil { throw ExitCode(1) }
        } else {
            try runAll(options)
        }
    }

    private func outcome(of seed: UInt64, _ options: Options) -> Outcome {
        replicas
            ? ReplicaCluster(seed: seed, options: options).run() : Cluster(seed: seed, options: options).run()
    }

    private func runEpochs() throws {
        var (epochs, slowest) = (UInt64(0), 0.0)
        for seed in seed.map({ $0..<$0 + 1 }) ?? start..<start + seeds {
            let outcome = EpochCluster(seed: seed, chaos: chaos).run()
            if let violation = outcome.violation {
                print("seed \(seed): FAILED, \(violation)")
                print("reproduce: simulate --epochs --seed \(seed) --chaos \(chaos)")
                throw ExitCode(1)
            }
            epochs += outcome.epoch
            slowest = max(slowest, outcome.recovery)
        }
        print("no violation: \(epochs) changes of the validators; convergence after healing took at most \(slowest) s")
    }

    private func runAll(_ options: Options) throws {
        let clock = ContinuousClock()
        let begun = clock.now
        var (simulated, packets, recoveries) = (0.0, 0, [Double]())
        for (done, seed) in (start..<start + seeds).enumerated() {
            let outcome = outcome(of: seed, options)
            if outcome.violation != nil {
                print(describe(outcome, of: seed))
                print(
                    "reproduce: simulate --seed \(seed) --chaos \(chaos) --trace"
                        + (replicas ? " --replicas" : "") + (loseDisks ? " --lose-disks" : ""))
                throw ExitCode(1)
            }
            simulated += outcome.simulated
            packets += outcome.packets
            recoveries.append(outcome.recovery)
            if (done + 1) % 100 == 0 { print("\(done + 1) seeds, \(rate(done + 1, since: begun, clock)) a second") }
        }
        recoveries.sort()
        let elapsed = (clock.now - begun) / .seconds(1)
        print(
            "\(seeds) seeds without a violation: \(Int(simulated)) simulated seconds, \(packets) packets, "
                + "\(rate(Int(seeds), since: begun, clock)) seeds a second, \(Int(simulated / elapsed)) times real time; "
                + "five blocks after healing: median \(recoveries[recoveries.count / 2]) s, most \(recoveries.last ?? 0) s"
        )
    }

    private func rate(_ count: Int, since begun: ContinuousClock.Instant, _ clock: ContinuousClock) -> Int {
        Int(Double(count) / ((clock.now - begun) / .seconds(1)))
    }

    private func describe(_ outcome: Outcome, of seed: UInt64) -> String {
        "seed \(seed): \(outcome.violation.map { "FAILED, \($0)" } ?? "ok"); height \(outcome.heightAfterChaos) after the "
            + "faults, five more after \(outcome.recovery) s, \(outcome.packets) packets, "
            + "event hash \(String(outcome.eventHash, radix: 16))"
    }
}
