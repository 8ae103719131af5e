import ArgumentParser

/// Runs validators through seeded faults and lies.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Runs clusters of validators through lossy networks, crashes and lies; each run follows from its seed.",
        subcommands: [Run.self, Mutations.self, Epochs.self, Join.self, Joins.self], defaultSubcommand: Run.self)
}
