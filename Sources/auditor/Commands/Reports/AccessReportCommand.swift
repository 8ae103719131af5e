import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `report access`: what somebody asked for.
struct AccessReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Everything that a member of staff or an organisation ever asked to open, allowed or refused.",
        discussion: """
            Examples:
              careledger-auditor report access staff 5f0c… --home ~/audit
              careledger-auditor report access organization 91aa… --home ~/audit --refused --output csv
              careledger-auditor report access --evidence evidence.cbor --genesis genesis.cbor

            An organisation's requests are those of all staff whom it ever registered.
            """)

    @Argument(help: "staff or organization; may be left out with --evidence.")
    var kind: Requester?

    @Argument(help: "Its identifier, in hexadecimal.")
    var identifier: String?

    @Option(help: ArgumentHelp("How many years back; everything when left out.", valueName: "n"))
    var years: UInt64?

    @Flag(help: "Only what was refused.")
    var refused = false

    @OptionGroup var options: ReportOptions

    /// Who asks for access.
    enum Requester: String, ExpressibleByArgument, CaseIterable {
        case staff, organization
    }

    func validate() throws {
        if let years, !(1...100).contains(years) { throw ValidationError("--years must be 1 to 100") }
        guard (kind == nil) == (identifier == nil), kind != nil || options.evidence != nil else {
            throw ValidationError("name who asked: staff or organization, and the identifier")
        }
    }

    func run() async throws {
        let (audit, genesis) = try await options.audit(of: try subject())
        let report: AccessReport
        do { report = try AccessReport(audit, years: years) } catch {
            throw ProgramFailure("\(error)", code: .notVerified)
        }
        let rows = report.rows.filter { !refused || $0.entry.outcome != .applied }
        let summary = ReportSummary(name: "access", basis: report.basis, findings: report.findings)
        options.form.show(
            summary.fields(rows: rows.count), ("requests", rows.map { Self.fields($0, genesis) }),
            names: [
                "date", "staff", "pseudonym", "role", "organization", "outcome", "purpose", "reason", "scope",
                "documents", "grant", "height", "transaction",
            ],
            empty: refused ? "nothing was refused" : "nothing was asked for")
        try summary.requireNoFindings()
    }

    private func subject() throws -> Subject? {
        guard let kind, let identifier else { return nil }
        return try (kind == .staff ? SubjectKind.staff : .organization).subject(identifier)
    }

    private static func fields(_ row: AccessReport.Row, _ genesis: Genesis) -> [Field] {
        [Field("date", text: row.entry.time)] + row.person.fields("staff", genesis) + [
            Field("outcome", text: row.entry.outcome), Field("purpose", .string(row.request.purpose.code)),
            Field("reason", .number(UInt64(row.request.reason))), Field("scope", .text(row.scope)),
            Field("documents", .array(row.request.documents.map { .string("\($0)") })),
            Field("grant", text: row.request.grant), Field("height", .number(row.entry.height.rawValue)),
            Field("transaction", text: row.entry.transaction),
        ]
    }
}
