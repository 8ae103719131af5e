import ArgumentParser
import Consensus
import Simulation

/// What a run is made of.
enum Level: String, ExpressibleByArgument, CaseIterable {
    /// Engines with blocks that have no contents: fast.
    case consensus
    /// Whole replicas: ledger, mempool, catch-up, stores.
    case replicas
}

/// Runs seeds and prints the first one that fails.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run seeds; stop at the first that fails, with exit code 1.")

    @Argument(help: "What runs: \(Level.allCases.map(\.rawValue).joined(separator: " or ")).")
    var level = Level.consensus

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 200

    @Option(help: "The first seed.")
    var start: UInt64 = 0

    @Option(help: "Run this seed only.")
    var seed: UInt64?

    @Option(help: "Run seeds for so many minutes instead of a number of them.")
    var minutes: Double?

    @Flag(help: "Print every event, and a line of state for each validator.")
    var trace = false

    @Flag(help: "Run every seed twice and compare the hashes of all events.")
    var twice = false

    @Flag(help: "Lose disks in every run, not only where the seed says so.")
    var loseDisks = false

    @Flag(help: "Let more than f engines be dishonest: whoever is guilty of a fork must be found.")
    var overrun = false

    @Option(help: "One validator plays this: \(AdversaryRole.allCases.map(\.rawValue).joined(separator: ", ")).")
    var role: String?

    @Option(help: "Break a rule on purpose: \(Mutation.named.map(\.name).joined(separator: ", ")).")
    var mutate: [String] = []

    @Flag(help: "Let replicas go on to the next version of the rules, half of them with old programs at first.")
    var upgrades = false

    @Option(help: "Simulated seconds of faults.")
    var chaos: Int64 = Options().chaos

    func validate() throws {
        for name in mutate where !Mutation.named.contains(where: { $0.name == name }) {
            throw ValidationError("no mutation is called \(name)")
        }
        if let role, AdversaryRole(rawValue: role) == nil { throw ValidationError("nobody plays a \(role)") }
    }

    func run() throws {
        if let seed {
            let result = result(of: seed)
            print(describe(result, of: seed))
            if result.violation != nil { throw ExitCode(1) }
        } else {
            try runAll()
        }
    }

    private var options: Options {
        var options = Options()
        options.chaos = chaos
        options.losesDisks = loseDisks
        options.isOverrun = overrun
        options.upgrades = upgrades
        options.role = role.flatMap(AdversaryRole.init)
        for (name, mutation) in Mutation.named where mutate.contains(name) { options.mutation.insert(mutation) }
        if trace { options.trace = { print($0) } }
        return options
    }

    private func result(of seed: UInt64) -> RunResult {
        switch level {
        case .consensus: Cluster(seed: seed, options: options).run()
        case .replicas: ReplicaCluster(seed: seed, options: options).run()
        }
    }

    private func runAll() throws {
        let clock = ContinuousClock()
        let begun = clock.now
        var elapsed: Double { (clock.now - begun) / .seconds(1) }
        var (done, simulated, packets, recoveries) = (UInt64(0), 0.0, 0, [Double]())
        while minutes.map({ elapsed < $0 * 60 }) ?? (done < seeds) {
            let seed = start + done
            let result = result(of: seed)
            if result.violation != nil { try fail(seed, describe(result, of: seed)) }
            if twice, self.result(of: seed).eventHash != result.eventHash {
                try fail(seed, "seed \(seed): FAILED, the second run is another one")
            }
            done += 1
            simulated += result.simulated
            packets += result.packets
            recoveries.append(result.recovery)
            if done % 500 == 0 { print("\(done) seeds, \(Int(Double(done) / elapsed)) a second") }
        }
        recoveries.sort()
        print(
            "\(done) seeds without a violation: \(Int(simulated / 3600)) simulated hours, \(packets) packets, "
                + "\(Int(Double(done) / elapsed)) seeds a second, \(Int(simulated / elapsed)) times real time; "
                + "after healing: median \(recoveries[recoveries.count / 2]) s, most \(recoveries.last ?? 0) s")
    }

    private func fail(_ seed: UInt64, _ what: String) throws -> Never {
        print(what)
        var words = ["simulate", level.rawValue, "--seed \(seed)", "--chaos \(chaos)", "--trace"]
        if loseDisks { words.append("--lose-disks") }
        if overrun { words.append("--overrun") }
        if let role { words.append("--role '\(role)'") }
        words += mutate.map { "--mutate \($0)" }
        print("reproduce: \(words.joined(separator: " "))")
        throw ExitCode(1)
    }

    private func describe(_ result: RunResult, of seed: UInt64) -> String {
        "seed \(seed): \(result.violation.map { "FAILED, \($0)" } ?? "ok"); height \(result.heightAfterChaos) after the "
            + "faults, recovered after \(result.recovery) s, \(result.packets) packets, "
            + "event hash \(String(result.eventHash, radix: 16))\n  \(result.weather)"
    }
}
