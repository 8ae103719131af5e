import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `access watch`.
struct WatchAccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "As a patient: print each request for your documents as it becomes final.",
        discussion: """
            Examples:
              careledger-wallet access watch
              careledger-wallet access watch --output json --count 1

            One line a request: when, which category, who, for what purpose, and whether it was allowed. Runs until it is \
            stopped; what was asked before is in access list. Other wallet commands work beside it.
            """)

    @Option(help: ArgumentHelp("Stop after this many requests.", valueName: "n")) var count: Int?
    @OptionGroup var options: HomeOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be positive") }
    }

    func run() async throws {
        try await options.withReadingSession { session in
            guard case .patient(let keys) = session.keystore.identity else {
                throw ProgramFailure("this needs a patient's home; \(session.home.path) holds another identity")
            }
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            var seen = 0
            try await keeper.watch(
                keys.allKeys,
                onReady: { Program.note("Watching \(keys.scopes.map(\.category).joined(separator: ", "))") }
            ) { access in
                options.printing.showLine(Self.fields(access, session))
                seen += 1
                return count.map { seen < $0 } ?? true
            }
        }
    }

    private static func fields(_ access: WatchedAccess, _ session: Session) -> [Field] {
        let (entry, request) = (access.disclosure.entry, access.disclosure.request)
        let reason: String? = if case .refused(let refusal) = entry.outcome { refusal.name } else { nil }
        return [
            Field("time", text: entry.time), Field("category", .string(access.scope.name.category)),
            Field("organization", .text(access.who.map { session.name(of: $0.organization) })),
            Field("who", .text(access.who?.pseudonym)), Field("staff", text: request.staff, shown: ""),
            Field("purpose", .string(request.purpose.code)), Field("emergency", .string(request.emergencyWord)),
            Field(
                "allowed", .bool(access.disclosure.isApplied),
                shown: reason.map { "refused (\($0))" } ?? (access.disclosure.isApplied ? "allowed" : "nothing opened")),
            Field("reason", .text(reason), shown: ""),
            Field(
                "documents", .array(request.documents.map { .string("\($0)") }),
                shown: "\(request.documents.count) document\(request.documents.count == 1 ? "" : "s")"),
        ]
    }
}
