import ArgumentParser
import Simulation

/// Breaks every rule, one after the other, and says what noticed.
struct Mutations: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Break each rule on purpose and say which seed notices, and how.")

    @Option(help: "How many seeds to try for each.")
    var seeds: UInt64 = 200

    @Argument(help: "Only these.")
    var names: [String] = []

    func run() throws {
        var missed = 0
        for mutation in MutationCatalog.all where names.isEmpty || names.contains(mutation.name) {
            if let (seed, finding) = mutation.hunt(limit: seeds) {
                print("\(mutation.name): \(mutation.rule)\n  seed \(seed): \(finding)")
            } else {
                missed += 1
                print("\(mutation.name): \(mutation.rule)\n  NOT NOTICED by \(seeds) seeds")
            }
        }
        print("\(MutationCatalog.all.count) mutations, \(missed) not noticed")
        if missed > 0 { throw ExitCode(1) }
    }
}
