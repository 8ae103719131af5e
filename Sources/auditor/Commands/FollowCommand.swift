import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `follow`: an independent watcher.
struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Follow the chain as an independent watcher: check every block, raise alarms, vouch for heads.",
        discussion: """
            Examples:
              careledger-auditor follow --home ~/audit --stall 60 --output json
              careledger-auditor follow --home ~/audit --cosign /srv/www/checkpoints

            Asks every node, checks that each block is final and the child of the one before, and prints a line for each \
            new head and for each alarm: fork, stall, below-kept-head, fell-back, lagging, disagreement, silent, \
            unreviewed-emergency (after 72 hours of block time no privacy officer has reviewed it). With --output json each \
            line is an object. Two final blocks at one height end it at once with 3; the proof, which names who signed \
            both, is kept under the home. --cosign signs each checked head into a file that other programs take with \
            --checkpoint; the file shows that who signed was an auditor at that head. Ended by --count or \
            --seconds it exits with 3 if there was any alarm.
            """)

    @Option(help: ArgumentHelp("After how many seconds without a block to raise an alarm.", valueName: "seconds"))
    var stall: Int64 = 60

    @Option(help: ArgumentHelp("Stop after this many new heads.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("Stop after this time.", valueName: "seconds"))
    var seconds: Int64?

    @Option(help: ArgumentHelp("How long to wait between two looks.", valueName: "milliseconds"))
    var interval: Int64 = 1000

    @Option(help: ArgumentHelp("Write each head, cosigned, into this directory.", valueName: "dir"))
    var cosign: String?

    @Option(help: ArgumentHelp("After how many hours of block time an emergency must be reviewed.", valueName: "n"))
    var reviewHours: UInt64 = 72

    @Flag(help: "End with 3 at the first alarm of any kind.")
    var strict = false

    @OptionGroup var options: AuditorOptions

    func validate() throws {
        guard stall > 0 else { throw ValidationError("--stall must be positive") }
        guard interval > 0 else { throw ValidationError("--interval must be positive") }
        guard reviewHours <= 8760 else { throw ValidationError("--review-hours must be 0 to 8760") }
        if let count, count < 1 { throw ValidationError("--count must be positive") }
        if let seconds, seconds < 1 { throw ValidationError("--seconds must be positive") }
    }

    func run() async throws {
        try await options.withLedger { ledger, key in
            let watcher = ChainWatcher(
                ledger, stall: .seconds(stall), readingAs: key, reviewPeriod: reviewHours * 3_600_000)
            let printer = WatchPrinter(form: options.form.output)
            let start = ContinuousClock.now
            var (heads, alarms) = (0, 0)
            while true {
                for event in await watcher.look() {
                    printer.show(event)
                    switch event {
                    case .head: heads += 1
                    case .alarm(let alarm):
                        alarms += 1
                        if case .fork = alarm { throw ProgramFailure("\(alarm)", code: .notVerified) }
                        if strict { throw ProgramFailure("\(alarm)", code: .notVerified) }
                    case .cleared: break
                    }
                    if case .head = event { try await vouch(for: await watcher.head, ledger, key) }
                }
                if let count, heads >= count { break }
                if let seconds, start.duration(to: .now) >= .seconds(seconds) { break }
                try await Task.sleep(for: .milliseconds(interval))
            }
            if alarms > 0 { throw ProgramFailure("there were \(alarms) alarms", code: .notVerified) }
        }
    }

    /// Signs a checked head, as the light client has proved it.
    private func vouch(for header: BlockHeader, _ ledger: LedgerClient, _ key: SigningKey) async throws {
        guard let cosign else { return }
        let proof = ledger.light.headProof
        // A head without a certificate of its own is vouched for with the next one that has it.
        guard proof.anchor == nil, proof.certificate != nil, proof.header.height >= header.height else { return }
        // The file shows that whoever signs is an auditor still. Nodes that cannot say so now can at a later head.
        let appointment: Appointment
        do throws(ClientFailure) { appointment = try await ledger.appointment(of: key) } catch {
            if case .notFound = error { throw error }
            return Program.note("not cosigned: \(error)")
        }
        var checkpoint = Checkpoint(proof, boundaries: ledger.light.boundaries)
        checkpoint.cosign(
            at: Timestamp(rawValue: UInt64(max(0, Date.now.timeIntervalSince1970 * 1000))), with: key,
            as: appointment)
        try CheckpointFile.write(checkpoint, to: cosign)
    }
}

/// A line for each event.
struct WatchPrinter {
    let form: OutputForm

    func show(_ event: WatchEvent) {
        switch form {
        case .table: print(text(event))
        case .json: print(JSONValue.object(fields(event).map(\.member)).text)
        case .csv: print(CSV.line(fields(event)), terminator: "")
        }
        // Whoever reads the lines as they come must not wait for a full buffer.
        fflush(nil)
    }

    private func text(_ event: WatchEvent) -> String {
        switch event {
        case .head(let header): "head \(header.height) \(header.hash) \(header.time)"
        case .alarm(let alarm): "ALARM \(alarm.name): \(alarm)"
        case .cleared(let alarm): "cleared \(alarm.name): \(alarm)"
        }
    }

    private func fields(_ event: WatchEvent) -> [Field] {
        switch event {
        case .head(let header):
            [
                Field("event", "head"), Field("kind", "head"), Field("node", .null),
                Field("height", .number(header.height.rawValue)), Field("hash", text: header.hash),
                Field("text", text: header.time),
            ]
        case .alarm(let alarm): fields("alarm", alarm)
        case .cleared(let alarm): fields("cleared", alarm)
        }
    }

    private func fields(_ event: String, _ alarm: WatchAlarm) -> [Field] {
        let height: Height? =
            switch alarm {
            case .fork(let height, _, _, _): height
            case .stall(let last, _): last
            case .belowKeptHead(_, let offered): offered
            case .fellBack(_, _, let to): to
            case .lagging, .disagreement, .silent, .unreviewed: nil
            }
        return [
            Field("event", .string(event)), Field("kind", .string(alarm.name)), Field("node", .text(alarm.node)),
            Field("height", height.map { .number($0.rawValue) } ?? .null), Field("hash", .null),
            Field("text", text: alarm),
        ]
    }
}
