import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `check`: a file of proofs against a genesis file, with no node running.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a file of proofs offline against a genesis file.",
        discussion: """
            Example:
              careledger-auditor check evidence.cbor --genesis genesis.cbor

            Takes evidence (`export`, `report --save`), a checkpoint (`follow --cosign`) and the proof of a fork that a home \
            keeps under evidence/. Needs no network and no key. Exit code 3 when anything in the file does not hold.
            """)

    @Argument(help: "The file.")
    var file: String

    @Option(help: ArgumentHelp("The genesis file.", valueName: "file"))
    var genesis: String

    @OptionGroup var form: OutputOptions

    func run() async throws {
        let genesis = try WalletHome.loadGenesis(at: genesis)
        let bytes = try EvidenceFile.bytes(file)
        if let checkpoint = try? Checkpoint(decoding: bytes) {
            try show(checkpoint, genesis)
        } else if let sides = try? ForkSides(decoding: bytes) {
            try show(sides, genesis)
        } else if let controls = try? ControlEvidence(decoding: bytes) {
            try show(controls, genesis)
        } else {
            let evidence = try EvidenceFile.read(file)
            let audit = try EvidenceFile.judge(evidence, TrustAnchor(genesis), named: file)
            try Judgement(audit: audit).show(form)
        }
    }

    private func show(_ checkpoint: Checkpoint, _ genesis: Genesis) throws {
        do { try checkpoint.verify(TrustAnchor(genesis), known: []) } catch {
            throw ProgramFailure("\(file) is not believed: \(error)", code: .notVerified)
        }
        let names = checkpoint.cosignatures.map { cosignature in
            let auditor = genesis.auditors.first { $0.key == cosignature.key }
            let isShown = checkpoint.appointments.contains { $0.key == cosignature.key }
            return JSONValue.string(
                "\(auditor?.name ?? "\(cosignature.key)") at \(cosignature.time)"
                    + (isShown ? "" : ", not shown to be an auditor"))
        }
        form.show([
            Field("file", "checkpoint"), Field("height", .number(checkpoint.header.height.rawValue)),
            Field("hash", text: checkpoint.header.hash), Field("time", text: checkpoint.header.time),
            Field("cosigned", .array(names)),
        ])
    }

    private func show(_ sides: ForkSides, _ genesis: Genesis) throws {
        let trust: TrustAnchor
        do { trust = try TrustAnchor(genesis, following: sides.boundaries) } catch {
            throw ProgramFailure("\(file) does not show who decided: \(error)", code: .notVerified)
        }
        guard let fork = ForkProof(sides.first, sides.second, trust: trust) else {
            throw ProgramFailure("\(file) does not show two final blocks at one height", code: .notVerified)
        }
        form.show([
            Field("file", "fork"), Field("height", .number(fork.height.rawValue)),
            Field("first", text: fork.first.certifiedHeader.hash),
            Field("second", text: fork.second.certifiedHeader.hash),
            Field("guilty", .array(fork.guilty(trust).map { .string("\($0)") })),
            Field("signedBoth", .array(fork.suspects(trust).map { .string("\($0)") })),
        ])
    }

    private func show(_ controls: ControlEvidence, _ genesis: Genesis) throws {
        let report: ControlReport
        do { report = try ControlReport(controls, genesis: genesis) } catch {
            throw ProgramFailure("\(file) proves nothing: \(error)", code: .notVerified)
        }
        form.show([
            Field("file", "evidence of controls"), Field("provedAtHeight", .number(report.height.rawValue)),
            Field("measured", text: report.time), Field("observer", text: report.observer),
            Field("appointed", .bool(report.isAppointed)), Field("controls", .number(UInt64(report.rows.count))),
        ])
    }
}

/// What a home keeps of a fork, before it is judged.
private struct ForkSides: CBORDecodable {
    private static let maximumBoundaries = 65_536

    let boundaries: [EpochBoundary]
    let first: FinalityProof
    let second: FinalityProof

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        boundaries = try reader.readArray(max: Self.maximumBoundaries)
        first = try reader.read()
        second = try reader.read()
    }
}
