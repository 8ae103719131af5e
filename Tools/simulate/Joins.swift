import ArgumentParser
import Simulation

/// Runs seeds of nodes that join by a snapshot from helpers of which one lies.
struct Joins: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Let nodes join by a snapshot while a helper lies; stop at the first seed that fails, with exit code 1.")

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 200

    @Option(help: "The first seed.")
    var start: UInt64 = 0

    @Option(help: "Run this seed only.")
    var seed: UInt64?

    func run() throws {
        var (lies, restarts) = (0, 0)
        for seed in seed.map({ $0..<$0 + 1 }) ?? start..<start + seeds {
            let outcome = try JoinSwarm.run(seed: seed)
            if let violation = outcome.violation {
                print("seed \(seed): FAILED, \(violation)")
                print("reproduce: simulate joins --seed \(seed)")
                throw ExitCode(1)
            }
            lies += outcome.lies
            restarts += outcome.restarts
        }
        print("no violation: \(lies) lies seen through, \(restarts) restarts")
    }
}
