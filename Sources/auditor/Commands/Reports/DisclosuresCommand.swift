import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `report disclosures`: who was let see what, when and for what purpose.
struct DisclosuresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disclosures",
        abstract: "The accounting of disclosures of a scope: date, recipient, documents, purpose (45 CFR 164.528).",
        discussion: """
            Examples:
              careledger-auditor report disclosures 02ab… --home ~/audit --years 6 --save evidence.cbor
              careledger-auditor report disclosures --evidence evidence.cbor --genesis genesis.cbor --output csv

            Every disclosure is listed; those that the law frees from the accounting name the paragraph. The window ends \
            with the proved block's time, so that the same evidence gives the same report whenever it is made.
            """)

    @Argument(help: "The scope's identifier, in hexadecimal; may be left out with --evidence.")
    var scope: String?

    @Option(help: ArgumentHelp("How many years back.", valueName: "n"))
    var years: UInt64 = 6

    @OptionGroup var options: ReportOptions

    func validate() throws {
        guard (1...100).contains(years) else { throw ValidationError("--years must be 1 to 100") }
        guard scope != nil || options.evidence != nil else { throw ValidationError("name the scope") }
    }

    func run() async throws {
        let (audit, genesis) = try await options.audit(of: try scope.map(SubjectKind.scope.subject))
        let report: DisclosureReport
        do { report = try DisclosureReport(audit, years: years) } catch {
            throw ProgramFailure("\(error)", code: .notVerified)
        }
        let summary = ReportSummary(name: "disclosures", basis: report.basis, findings: report.findings)
        options.form.show(
            summary.fields(rows: report.rows.count),
            ("disclosures", report.rows.map { Self.fields($0, genesis) }),
            names: [
                "date", "recipient", "pseudonym", "role", "organization", "documents", "purpose", "exempt", "grant",
                "height", "transaction",
            ],
            empty: "no disclosures")
        try summary.requireNoFindings()
    }

    private static func fields(_ row: DisclosureReport.Row, _ genesis: Genesis) -> [Field] {
        [Field("date", text: row.entry.time)] + row.recipient.fields("recipient", genesis) + [
            Field("documents", .array(row.documents.map { .string("\($0)") })),
            Field("purpose", .string(row.purpose.code)), Field("exempt", .text(row.exemption)),
            Field("grant", text: row.grant), Field("height", .number(row.entry.height.rawValue)),
            Field("transaction", text: row.entry.transaction),
        ]
    }
}
