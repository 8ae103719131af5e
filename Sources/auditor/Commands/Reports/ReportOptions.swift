import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// Where a report's proofs come from, and where they go.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Make the report of this evidence file, with no node.", valueName: "file"))
    var evidence: String?

    @Option(help: ArgumentHelp("Write the evidence that the report was made of.", valueName: "file"))
    var save: String?

    @Option(help: ArgumentHelp("The auditor's directory, made by init; not with --evidence.", valueName: "dir"))
    var home: String?

    @Option(help: ArgumentHelp("The consortium's genesis file; the home keeps it.", valueName: "file"))
    var genesis: String?

    @Option(help: ArgumentHelp("Whom to ask (repeatable); all validators when left out.", valueName: "url"))
    var node: [String] = []

    @OptionGroup var trust: CheckpointOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var form: OutputOptions

    func validate() throws {
        guard (evidence == nil) != (home == nil) else {
            throw ValidationError("give --home to ask nodes, or --evidence and --genesis to ask nobody")
        }
        if evidence != nil {
            guard genesis != nil else { throw ValidationError("--evidence is judged against --genesis") }
            guard save == nil, node.isEmpty else { throw ValidationError("--save and --node go with --home") }
        }
    }

    /// The way to the nodes, for a report that is not made of a file.
    var access: AuditorAccess {
        AuditorAccess(home: home ?? "", genesis: genesis, node: node, trust: trust, passphrase: passphrase)
    }

    /// The judged evidence about a subject, and the genesis file that it was judged against.
    ///
    /// - Parameters:
    ///   - subject: What the report is about; nothing takes what the evidence file is about.
    ///   - extent: Which histories it needs beside the subject's.
    func audit(
        of subject: Subject?, _ extent: EvidenceExtent = .subject
    ) async throws -> (audit: AccessAudit, genesis: Genesis) {
        if let evidence, let genesis {
            let genesis = try WalletHome.loadGenesis(at: genesis)
            let file = try EvidenceFile.read(evidence)
            if let subject, file.subject != subject {
                throw ProgramFailure("\(evidence) is about \(file.subject), not about \(subject)", code: .usage)
            }
            return (try EvidenceFile.judge(file, TrustAnchor(genesis), named: evidence), genesis)
        }
        guard let subject else { throw ProgramFailure("name what the report is about", code: .usage) }
        return try await access.withLedger { ledger, key in
            let evidence = try await ledger.evidence(
                about: subject, extent, signedBy: key, doubt: { Program.note("\($0)") })
            if let save { try EvidenceFile.write(evidence.encoded, to: save) }
            return (try AccessAudit(evidence, trust: ledger.light.trust), ledger.genesis)
        }
    }
}

/// What every report says of itself.
struct ReportSummary {
    let name: String
    let basis: ReportBasis
    let findings: [AccessAudit.Finding]

    func fields(rows: Int) -> [Field] {
        [
            Field("report", .string(name)), Field("subject", text: basis.subject),
            Field("since", text: basis.since), Field("until", text: basis.header.time),
            Field("provedAtHeight", .number(basis.header.height.rawValue)),
            Field("provedBlock", text: basis.header.hash), Field("rows", .number(UInt64(rows))),
            Field("findings", .array(findings.map { .string($0.text) })),
        ]
    }

    /// Fails when something must not be.
    func requireNoFindings() throws {
        guard findings.isEmpty else {
            throw ProgramFailure(
                "\(findings.count) findings: \(findings.map(\.text).joined(separator: "; "))", code: .notVerified)
        }
    }
}

extension ReportPerson {
    /// Who, for a reader who does not know identifiers.
    func fields(_ title: String, _ genesis: Genesis) -> [Field] {
        let name = genesis.organizations.first { $0.id == organization }?.name ?? "\(organization)"
        return [
            Field(title, text: staff), Field("pseudonym", .string(pseudonym)), Field("role", .string(role.name)),
            Field("organization", .string(name)),
        ]
    }
}
