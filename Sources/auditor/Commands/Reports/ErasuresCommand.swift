import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `report erasures`: what was to be deleted, and who has signed that it is.
struct ErasuresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erasures",
        abstract: "What was erased or has ended: when, at whose word, who has signed that it is deleted, who has not.",
        discussion: """
            Examples:
              careledger-auditor report erasures scope 02ab… --home ~/audit --save erasures.cbor
              careledger-auditor report erasures organization 91aa… --home ~/audit --overdue --output csv
              careledger-auditor report erasures --evidence erasures.cbor --genesis genesis.cbor

            A document's content may be with whoever was a validator between its commitment and its erasure; a grant's \
            fragments are with those who acknowledged them. All times are block time. Exit code 3 when a confirmation is \
            overdue.
            """)

    @Argument(help: "scope, organization, document or grant; may be left out with --evidence.")
    var kind: SubjectKind?

    @Argument(help: "Its identifier, in hexadecimal.")
    var identifier: String?

    @Option(help: ArgumentHelp("After how many days a missing confirmation is overdue.", valueName: "n"))
    var days: UInt64 = ErasureReport.lawfulDays

    @Option(help: ArgumentHelp("How many years back; everything when left out.", valueName: "n"))
    var years: UInt64?

    @Flag(help: "Only what is overdue.")
    var overdue = false

    @OptionGroup var options: ReportOptions

    func validate() throws {
        guard days <= 3650 else { throw ValidationError("--days must be 0 to 3650") }
        if let years, !(1...100).contains(years) { throw ValidationError("--years must be 1 to 100") }
        if kind == .staff || kind == .validator {
            throw ValidationError("erasures are of a scope, organization, document or grant")
        }
        guard (kind == nil) == (identifier == nil), kind != nil || options.evidence != nil else {
            throw ValidationError("name what the report is about: its kind and its identifier")
        }
    }

    func run() async throws {
        var subject: Subject?
        if let kind, let identifier { subject = try kind.subject(identifier) }
        let (audit, genesis) = try await options.audit(of: subject, .withErasures)
        let report: ErasureReport
        do { report = try ErasureReport(audit, days: days, years: years) } catch {
            throw ProgramFailure("\(error)", code: .notVerified)
        }
        let rows = report.rows.filter { !overdue || $0.isOverdue }
        let summary = ReportSummary(name: "erasures", basis: report.basis, findings: report.findings)
        options.form.show(
            summary.fields(rows: rows.count), ("erasures", rows.map { Self.fields($0, genesis) }),
            names: [
                "kind", "subject", "requested", "by", "officer", "basis", "state", "due", "confirmed", "confirmedAt",
                "kept", "missing", "missingAt", "height", "transaction",
            ],
            empty: overdue ? "nothing is overdue" : "nothing was erased")
        try summary.requireNoFindings()
    }

    private static func fields(_ row: ErasureReport.Row, _ genesis: Genesis) -> [Field] {
        let (by, officer, basis): (String, StaffID?, ErasureBasis?) =
            switch row.cause {
            case .patient: ("patient", nil, row.subject.kind == .document ? .patientWish : nil)
            case .officer(let officer, let basis): ("privacy-officer", officer, basis)
            case .expiry: ("expiry", nil, nil)
            case .closure: ("scope-closed", nil, nil)
            }
        let state = row.isComplete ? "complete" : row.isOverdue ? "overdue" : "pending"
        let given = row.confirmations
        return [
            Field("kind", .string("\(row.subject.kind)")), Field("subject", .string(row.subject.id.hex)),
            Field("requested", text: row.requested), Field("by", .string(by)), Field("officer", .text(officer)),
            Field("basis", .text(basis?.name)), Field("state", .string(state)), Field("due", text: row.due),
            Field("confirmed", .array(given.map { .string("\($0.validator)") })),
            Field("confirmedAt", .array(given.map { .string("\($0.entry.time)") })),
            Field("kept", .array(given.map { .number(UInt64($0.kept)) })),
            Field("missing", .array(row.missing.map { .string("\($0)") })),
            Field("missingAt", .array(row.missing.map { .string(house(of: $0, genesis)) })),
            Field("height", row.entry.map { .number($0.height.rawValue) } ?? .null),
            Field("transaction", .text(row.entry?.transaction)),
        ]
    }

    /// Whose validator it is, where the genesis file says it.
    private static func house(of validator: ValidatorID, _ genesis: Genesis) -> String {
        let entry = genesis.validators.first { $0.id == validator }
        return genesis.organizations.first { $0.id == entry?.organization }?.name ?? "joined later"
    }
}
