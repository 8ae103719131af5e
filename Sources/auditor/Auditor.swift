import ArgumentParser
import Terminal

/// `careledger-auditor`: verifies what happened from headers, proofs and signatures, trusting no node.
struct Auditor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "careledger-auditor",
        abstract:
            "Verify provenance and access histories of a CareLedger chain, trusting nothing but its genesis file.",
        discussion: """
            `init` makes the key that a consortium appoints. `verify` asks nodes and judges their proofs; `export` writes \
            the same proofs into a file that `check` judges anywhere, with no node running.

            Exit codes: 0 done, 1 failed, 3 a proof or a judgement failed, 4 refused, 5 no node reachable, 64 usage.
            """,
        subcommands: [
            InitCommand.self, VerifyCommand.self, ExportCommand.self, CheckCommand.self, FollowCommand.self,
            ReportCommand.self, IncidentCommand.self,
        ])
}

@main
enum Main {
    static func main() async { await Program.run(Auditor.self) }
}
