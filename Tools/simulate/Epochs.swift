import ArgumentParser
import Simulation

/// Runs seeds of whole replicas whose validators change meanwhile.
struct Epochs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run whole replicas whose validators change, lose disks and lie; stop at the first seed that fails, with exit code 1."
    )

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 200

    @Option(help: "The first seed.")
    var start: UInt64 = 0

    @Option(help: "Run this seed only.")
    var seed: UInt64?

    @Option(help: "Simulated seconds of faults.")
    var chaos: Int64 = Options().chaos

    func run() throws {
        var (epochs, slowest, disks, caught) = (UInt64(0), 0.0, 0, 0)
        for seed in seed.map({ $0..<$0 + 1 }) ?? start..<start + seeds {
            let outcome = EpochCluster(seed: seed, chaos: chaos).run()
            if let violation = outcome.violation {
                print("seed \(seed): FAILED, \(violation)")
                print("reproduce: simulate epochs --seed \(seed) --chaos \(chaos)")
                throw ExitCode(1)
            }
            epochs += outcome.epoch
            disks += outcome.lostDisks
            caught += outcome.isLiarCaught ? 1 : 0
            slowest = max(slowest, outcome.recovery)
        }
        print(
            "no violation: \(epochs) changes of the validators, \(disks) disks lost, \(caught) liars proved guilty; "
                + "convergence after healing took at most \(slowest) s")
    }
}
