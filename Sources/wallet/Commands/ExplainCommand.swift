import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `grant explain`.
struct ExplainGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say in plain words what a grant allows, and whether it still does.",
        discussion: """
            Examples:
              careledger-wallet grant explain 77aa…
              careledger-wallet grant create imaging --to 5f0c… --explain

            The second form says it before anything is signed.
            """)

    @Argument(help: "The grant's identifier.") var grant: GrantID
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let (scope, _) = try await session.scope(
                of: keys, where: { $0.grants.contains { $0.grant == grant } }, called: "grant \(grant)")
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            options.printing.show(try await keeper.explanation(of: grant, in: scope, now: Moment.now))
        }
    }
}

extension OutputOptions {
    /// Prints an explanation: for people a sentence a line.
    func show(_ explanation: GrantExplanation) {
        switch output {
        case .table: print(explanation.text)
        case .json, .csv: show([Field("sentences", .array(explanation.sentences.map { .string($0) }))])
        }
    }
}
