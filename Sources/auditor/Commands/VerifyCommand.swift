import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `verify`: a subject's complete history, judged from proofs that nodes give.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Verify the complete history of a document, scope, grant, member of staff, organisation or validator.",
        discussion: """
            Example:
              careledger-auditor verify document 5f0c… --home ~/audit

            Every block is checked to be final, every signature to hold, the history to be complete, and every access to \
            come after a grant that allowed it and, of a document or scope, against no denial of the patient's. A node that leaves out, adds, reorders or shows something older is named on \
            standard error and another is asked. Exit code 3 when anything does not hold.
            """)

    @Argument(help: "document, scope, grant, staff, organization or validator.")
    var kind: SubjectKind

    @Argument(help: "Its identifier, in hexadecimal.")
    var identifier: String

    @Flag(help: "Of an organisation, the histories of all its staff too: everything done in its name.")
    var withStaff = false

    @OptionGroup var options: AuditorOptions

    @Flag(help: "Of a document, leave its scope's history out: what the patient denied is then not shown.")
    var alone = false

    private var extent: EvidenceExtent { withStaff ? .withStaff : alone ? .alone : .subject }

    func validate() throws {
        guard !withStaff || kind == .organization else { throw ValidationError("only an organisation has staff") }
        guard !alone || kind == .document else { throw ValidationError("only a document has a scope to leave out") }
    }

    func run() async throws {
        let subject = try kind.subject(identifier)
        let audit = try await options.withLedger { ledger, key in
            let evidence = try await ledger.evidence(
                about: subject, extent, signedBy: key, doubt: { Program.note("\($0)") })
            return try AccessAudit(evidence, trust: ledger.light.trust)
        }
        try Judgement(audit: audit).show(options.form)
    }
}

/// `export`: the proofs in a file.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the proof of a subject's complete history into one file.",
        discussion: """
            Example:
              careledger-auditor export document 5f0c… --home ~/audit --out evidence.cbor
              careledger-auditor export organization 91aa… --with-staff --home ~/audit --out evidence.cbor

            A document's file holds the whole history of its scope, which shows all that the patient denied and with it the \
            scope's other documents and who asked for them; --alone leaves it out.
            """)

    @Argument(help: "document, scope, grant, staff, organization or validator.")
    var kind: SubjectKind

    @Argument(help: "Its identifier, in hexadecimal.")
    var identifier: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    @Flag(help: "Of an organisation, the histories of all its staff too: everything done in its name.")
    var withStaff = false

    @OptionGroup var options: AuditorOptions

    @Flag(help: "Of a document, leave its scope's history out: what the patient denied is then not shown.")
    var alone = false

    private var extent: EvidenceExtent { withStaff ? .withStaff : alone ? .alone : .subject }

    func validate() throws {
        guard !withStaff || kind == .organization else { throw ValidationError("only an organisation has staff") }
        guard !alone || kind == .document else { throw ValidationError("only a document has a scope to leave out") }
    }

    func run() async throws {
        let subject = try kind.subject(identifier)
        let evidence = try await options.withLedger { ledger, key in
            try await ledger.evidence(about: subject, extent, signedBy: key, doubt: { Program.note("\($0)") })
        }
        let bytes = evidence.encoded
        try EvidenceFile.write(bytes, to: out)
        options.form.show([
            Field("file", .string(out)), Field("bytes", .number(UInt64(bytes.count))),
            Field("histories", .number(UInt64(evidence.histories.count))),
        ])
    }
}
