import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `scope deny`.
struct DenyScopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny",
        abstract: "Never let this organisation or its staff at a scope, whatever was granted.",
        discussion: """
            Examples:
              careledger-wallet scope deny imaging "South Hospital"
              careledger-wallet scope deny imaging "South Hospital" --lift

            Holds from the next block on, also against older grants, and until you lift it. If the organisation may add \
            documents, that ends too.
            """)

    @Argument(help: "The scope's category.") var category: String
    @Argument(help: "The organisation, by name or identifier.") var organization: String
    @Flag(help: "Lift the denial: grants that have not ended count again.") var lift = false
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let scope = try session.scope(category, of: keys)
            let organization = try session.organization(organization)
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            let proof =
                if lift {
                    try await keeper.lift(organization, in: scope)
                } else {
                    try await keeper.deny(organization, in: scope)
                }
            options.printing.show([
                Field("scope", text: scope.id), Field("organization", text: organization),
                Field("denied", .bool(!lift)), Field("height", .number(proof.finality.header.height.rawValue)),
            ])
        }
    }
}

/// The beginning of a day of UTC, or a time.
struct Beginning: ExpressibleByArgument, Sendable {
    let timestamp: Timestamp

    /// `2026-12-31` or `2026-12-31T12:00:00Z`.
    init?(argument: String) {
        let text = argument.count == 10 ? argument + "T00:00:00Z" : argument
        guard let moment = Moment(argument: text) else { return nil }
        timestamp = moment.timestamp
    }
}
