import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `follow`: an independent watcher.
struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Follow the chain as an independent watcher; stops with 3 on two final blocks at one height.",
        discussion: """
            Example:
              careledger-auditor follow --home ~/audit --stall 60

            Prints every new final head. Warns when no block has become final for as long as --stall says: an idle chain \
            makes one every few seconds.
            """)

    @Option(help: ArgumentHelp("After how many seconds without a block to warn.", valueName: "seconds"))
    var stall: Int64 = 60

    @Option(help: ArgumentHelp("Stop after this many new heads.", valueName: "n"))
    var count: Int?

    @OptionGroup var options: AuditorOptions

    func validate() throws {
        guard stall > 0 else { throw ValidationError("--stall must be positive") }
    }

    func run() async throws {
        try await options.withLedger { ledger, _ in
            var seen = Height.genesis
            var heads = 0
            var last = ContinuousClock.now
            var hasWarned = false
            while count.map({ heads < $0 }) ?? true {
                do throws(ClientFailure) {
                    let header = try await ledger.tip()
                    if header.height > seen {
                        seen = header.height
                        heads += 1
                        last = .now
                        hasWarned = false
                        options.form.show([
                            Field("height", .number(seen.rawValue)), Field("time", text: header.time),
                            Field("hash", text: header.hash),
                        ])
                    }
                } catch {
                    if case .conflictingFinality = error { throw error }
                    Program.note("\(error)")
                }
                if last.duration(to: .now) > .seconds(stall), !hasWarned {
                    hasWarned = true
                    Program.note("no block has become final for \(stall) s; the last is \(seen)")
                }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
