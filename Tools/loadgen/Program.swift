import ArgumentParser

/// Measures a network from outside, and the parts that it is made of.
@main
struct LoadGenerator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loadgen",
        abstract:
            "Puts a load of prepared, signed, distinct transactions on a network and times them to their receipts.",
        subcommands: [
            RunCommand.self, AccessCommand.self, UploadCommand.self, ProofsCommand.self, SealCommand.self,
            SignaturesCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}
