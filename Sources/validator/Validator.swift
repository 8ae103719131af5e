import ArgumentParser
import Foundation
import Node
import Terminal

/// `careledger-validator`: makes and runs one validator of a consortium.
@main
struct Validator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "careledger-validator",
        abstract: "Make and run a validator of a CareLedger consortium.",
        discussion: """
            A validator lives in one directory, its home. Make it with `init`, send the printed card to whoever \
            assembles the genesis file, put that file into the home, and `run`.

            Exit codes: 0 done, 1 failed, 3 a check found something wrong, 5 no node reachable, 6 the chain goes on by \
            rules that this program does not have: install a newer one, 64 usage.
            """,
        subcommands: [
            InitCommand.self, GenesisCommand.self, RunCommand.self, StatusCommand.self, CheckCommand.self,
            BackupCommand.self, RestoreCommand.self,
            DevnetCommand.self, GatewayCommand.self, CardCommand.self,
        ])

    /// Parses, runs and ends with the exit code that the failure has.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as ProgramFailure {
            printError(failure.message)
            Foundation.exit(failure.code.rawValue)
        } catch let failure as ProgramOutdated {
            printError("\(failure)")
            Foundation.exit(ProgramFailure.Code.outdated.rawValue)
        } catch {
            guard exitCode(for: error) == .failure else { exit(withError: error) }
            printError(Terminal.ProgramFailure(error).message)
            Foundation.exit(ProgramFailure.Code.failed.rawValue)
        }
    }

    static func printError(_ message: String) {
        FileHandle.standardError.write(Data("careledger-validator: \(message)\n".utf8))
    }
}

/// A failure with its exit code and one sentence.
struct ProgramFailure: Error {
    enum Code: Int32 {
        case failed = 1
        case checkFailed = 3
        case unreachable = 5
        case outdated = 6
    }

    var code = Code.failed
    var message: String
}

/// How a command prints.
enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    case table, json
}

/// The options of every command that works on a home.
struct HomeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The validator's directory.", valueName: "dir"))
    var home: String

    @Option(help: ArgumentHelp("How to print.", valueName: "table|json"))
    var output = OutputForm.table
}

/// Prints pairs: aligned for people, an object for programs.
func printFields(_ fields: [(name: String, value: String)], as form: OutputForm) {
    switch form {
    case .table:
        let width = fields.map(\.name.count).max() ?? 0
        for field in fields {
            print(field.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + field.value)
        }
    case .json:
        let object = Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else { return }
        print(String(decoding: data, as: UTF8.self))
    }
}
