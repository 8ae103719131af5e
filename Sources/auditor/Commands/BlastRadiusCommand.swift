import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `incident`: what an auditor works out when something has happened.
struct IncidentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident", abstract: "Work out what a compromised key could do, and did.",
        subcommands: [BlastRadiusCommand.self])
}

/// `incident blast-radius`: what a compromised key could do, and did.
struct BlastRadiusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blast-radius",
        abstract: "List what a compromised device of a member of staff could open and did open, and whose scopes.",
        discussion: """
            Example:
              careledger-auditor incident blast-radius 5f0c… --from 2026-11-01 --to 2026-11-08T12:00:00Z --home ~/audit

            Worked out from proved, complete histories: the member's, their organisation's, those of every grant to either \
            and of every scope that these are about. Documents with a time under “opened” were asked for with success.
            """)

    @Argument(help: "The member of staff.") var staff: StaffID
    @Option(help: ArgumentHelp("The first moment: a day (its beginning) or a time of UTC.", valueName: "time"))
    var from: String
    @Option(
        help: ArgumentHelp("The last moment: a day (its end) or a time of UTC; now when left out.", valueName: "time"))
    var to: Moment?
    @OptionGroup var options: AuditorOptions

    private func window(_ now: Timestamp) throws -> ClosedRange<Timestamp> {
        guard let start = Moment(argument: from.count == 10 ? from + "T00:00:00Z" : from)?.timestamp else {
            throw ProgramFailure(
                "--from is a day such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z", code: .usage)
        }
        let end = to?.timestamp ?? now
        guard start <= end else { throw ProgramFailure("--from comes after --to", code: .usage) }
        return start...end
    }

    func run() async throws {
        let radius = try await options.withLedger { ledger, key in
            try await ledger.blastRadius(of: staff, in: try window(try await ledger.tip().time), signedBy: key)
        }
        options.form.show(
            Self.summary(radius), ("exposures", radius.exposures.map(Self.row)),
            names: ["scope", "document", "grant", "behindGlass", "opened"], empty: "the key could open nothing")
    }

    private static func summary(_ radius: BlastRadius) -> [Field] {
        [
            Field("staff", text: radius.staff), Field("from", text: radius.window.lowerBound),
            Field("to", text: radius.window.upperBound),
            Field("couldAct", .bool(radius.active != nil)),
            Field("alone", .bool(!radius.needsCosignature)),
            Field("couldOpen", .number(UInt64(radius.exposures.count))),
            Field("opened", .number(UInt64(radius.exposures.count { !$0.opened.isEmpty }))),
            Field("refused", .number(UInt64(radius.refused))),
            Field("scopes", .array(radius.scopes.map { .string("\($0)") })),
            Field("openedScopes", .array(radius.openedScopes.map { .string("\($0)") })),
            Field("written", .array(radius.written.map { .string("\($0)") })),
        ]
    }

    private static func row(_ exposure: BlastRadius.Exposure) -> [Field] {
        [
            Field("scope", text: exposure.scope), Field("document", text: exposure.document),
            Field("grant", text: exposure.grant), Field("behindGlass", .bool(exposure.isBehindGlass)),
            Field("opened", .array(exposure.opened.map { .string("\($0)") })),
        ]
    }
}
