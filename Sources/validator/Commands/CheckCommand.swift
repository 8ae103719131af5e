import ArgumentParser
import Node

/// `check`: everything that a stopped validator has on disk, derived again from its blocks.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Derive everything in a stopped validator's home again from its blocks, and name the first difference.",
        discussion: """
            Example:
              careledger-validator check --home /var/lib/careledger

            Exit code 3 when something is wrong.
            """)

    @OptionGroup var options: HomeOptions

    func run() async throws {
        throw ProgramFailure(message: "not built yet")
    }
}
