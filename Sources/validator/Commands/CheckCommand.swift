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

            Every byte of the chain, state and custody databases and of the journal is accounted for, and every sealed \
            document compared with its name. Exit code 3 when something is wrong.
            """)

    @OptionGroup var options: HomeOptions

    func run() async throws {
        let check = try HomeCheck(home: NodeHome(path: options.home))
        let bar = ProgressBar("Checking")
        do {
            let summary = try await check.run { height, tip in bar.update(height.rawValue, of: tip.rawValue) }
            printFields(
                [
                    (name: "height", value: "\(summary.ledger.height)"),
                    (name: "transactions", value: "\(summary.ledger.transactions)"),
                    (name: "records", value: "\(summary.ledger.records)"),
                    (name: "contents", value: "\(summary.contents)"), (name: "finding", value: "none"),
                ], as: options.output)
        } catch let finding as IntegrityFinding {
            throw ProgramFailure(code: .checkFailed, message: "\(finding)")
        }
    }
}
