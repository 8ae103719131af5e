import ArgumentParser
import ChainStorage
import Codec
import Ledger
import Node
import Terminal

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
        let check = try HomeCheck(home: NodeHome(path: options.home))
        let bar = ProgressBar("Checking")
        do {
            let summary = try check.run { height, tip in bar.update(height.rawValue, of: tip.rawValue) }
            printFields(
                [
                    (name: "height", value: "\(summary.height)"),
                    (name: "transactions", value: "\(summary.transactions)"),
                    (name: "records", value: "\(summary.records)"), (name: "finding", value: "none"),
                ], as: options.output)
        } catch let finding as IntegrityFinding {
            throw ProgramFailure(code: .checkFailed, message: "\(finding)")
        }
    }
}
