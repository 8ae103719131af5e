import ArgumentParser
import Node

/// `run`: the validator itself.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the validator until it is told to stop.",
        discussion: """
            Example:
              careledger-validator run --home /var/lib/careledger

            SIGTERM and SIGINT finish the block in hand and end the process with 0. The log goes to standard error and \
            never holds content, keys or names.
            """)

    @Option(help: ArgumentHelp("The validator's directory.", valueName: "dir"))
    var home: String

    @Flag(help: .hidden)
    var untilInputEnds = false

    func run() async throws {
        let service = try NodeService(home: NodeHome(path: home))
        try await service.run(untilInputEnds: untilInputEnds)
    }
}
