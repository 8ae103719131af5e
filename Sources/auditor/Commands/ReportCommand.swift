import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `report`: what the law wants listed.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Reports that the law asks for, made of proved histories.",
        subcommands: [DisclosuresCommand.self])
}

/// `report disclosures`: who was let see what, when and for what purpose.
struct DisclosuresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disclosures",
        abstract: "The accounting of disclosures of a scope: date, recipient, documents, purpose (45 CFR 164.528).",
        discussion: """
            Example:
              careledger-auditor report disclosures 02ab… --home ~/audit --years 6
            """)

    @Argument(help: "The scope's identifier, in hexadecimal.")
    var scope: String

    @Option(help: ArgumentHelp("How many years back.", valueName: "n"))
    var years: UInt64 = 6

    @OptionGroup var options: AuditorOptions

    func validate() throws {
        guard (1...100).contains(years) else { throw ValidationError("--years must be 1 to 100") }
    }

    func run() async throws {
        let subject = try SubjectKind.scope.subject(scope)
        let audit = try await options.withLedger { ledger, key in
            let evidence = try await ledger.evidence(about: subject, signedBy: key)
            return try AccessAudit(evidence, trust: ledger.light.trust)
        }
        let end = audit.history.header.time.rawValue
        let span = years * 365 * 86_400_000 + years / 4 * 86_400_000
        let start = end > span ? end - span : 0
        let rows = audit.accesses
            .filter { $0.event.isApplied && $0.event.entry.time.rawValue >= start }
            .map { access in
                [
                    Field("date", text: access.event.entry.time),
                    Field("recipient", text: access.request.staff),
                    Field("purpose", .string(access.request.purpose.rawValue)),
                    Field("grant", text: access.request.grant),
                    Field("documents", .array(access.request.documents.map { .string("\($0)") })),
                ]
            }
        options.form.show(rows: rows, empty: "no disclosures")
        guard audit.findings.isEmpty else {
            throw ProgramFailure(
                "findings: \(audit.findings.map(\.text).joined(separator: "; "))", code: .notVerified)
        }
    }
}
