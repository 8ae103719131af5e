import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `report controls`: what serves each paragraph, and what was just measured of it.
struct ControlsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controls",
        abstract: "Each control of 45 CFR 164.312 and GDPR Art. 25 and 32: mechanism, command, and what was measured.",
        discussion: """
            Examples:
              careledger-auditor report controls --home ~/audit --save controls.cbor
              careledger-auditor report controls --evidence controls.cbor --genesis genesis.cbor --output csv

            What histories show is measured again from the evidence; what was seen of running nodes stands in it signed by \
            the auditor who looked. "not measured" means that nothing outside of a program shows it. Exit code 3 when a \
            measured control does not hold.
            """)

    @Flag(help: "End with 0 though a control does not hold: the report says so.")
    var tolerant = false

    @OptionGroup var options: ReportOptions

    func run() async throws {
        let (evidence, genesis) = try await collect()
        let report: ControlReport
        do { report = try ControlReport(evidence, genesis: genesis) } catch {
            throw ProgramFailure("the evidence of the controls proves nothing: \(error)", code: .notVerified)
        }
        options.form.show(
            [
                Field("report", "controls"), Field("provedAtHeight", .number(report.height.rawValue)),
                Field("measured", text: report.time), Field("observer", text: report.observer),
                Field("appointed", .bool(report.isAppointed)), Field("rows", .number(UInt64(report.rows.count))),
            ],
            ("controls", report.rows.map(Self.fields)),
            names: ["paragraph", "result", "requirement", "mechanism", "measured", "command"], empty: "no controls")
        let failing = report.rows.filter { $0.holds == false }.map(\.control.paragraph)
        guard tolerant || failing.isEmpty else {
            throw ProgramFailure("these do not hold: \(failing.joined(separator: ", "))", code: .notVerified)
        }
    }

    private func collect() async throws -> (ControlEvidence, Genesis) {
        if let path = options.evidence, let genesis = options.genesis {
            return (try EvidenceFile.readControls(path), try WalletHome.loadGenesis(at: genesis))
        }
        return try await options.access.withLedger { ledger, key in
            let now = Timestamp(rawValue: UInt64(max(0, Date.now.timeIntervalSince1970 * 1000)))
            let evidence = try await ledger.controlEvidence(signedBy: key, now: now, doubt: { Program.note("\($0)") })
            if let save = options.save { try EvidenceFile.write(evidence.encoded, to: save) }
            return (evidence, ledger.genesis)
        }
    }

    private static func fields(_ row: ControlReport.Row) -> [Field] {
        let result =
            switch row.holds {
            case true?: "holds"
            case false?: "does not hold"
            case nil: "not measured"
            }
        return [
            Field("paragraph", .string(row.control.paragraph)), Field("result", .string(result)),
            Field("requirement", .string(row.control.requirement)), Field("mechanism", .string(row.control.mechanism)),
            Field("measured", .string(row.measurements.map(\.detail).joined(separator: "; "))),
            Field("command", .string(row.control.command)),
        ]
    }
}
