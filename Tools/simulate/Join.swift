import ArgumentParser
import ChainStorage
import Foundation
import Ledger
import Simulation

/// How long a new node takes to join a long ledger, by executing it and by a snapshot.
struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a ledger of N blocks on disk and let a new node join it, by replay and by a snapshot.",
        discussion: """
            Both nodes are served from memory to memory, by one helper and by four: the network costs nothing here. The \
            disk, the checks and the execution are those of a validator. After the snapshot the blocks above it are \
            executed as always; there are none when N is a multiple of the interval.
            """)

    @Option(help: "Blocks in the ledger, a transaction in each.")
    var blocks: UInt64 = 100_000

    @Option(help: "Heights between two snapshots.")
    var interval: UInt64 = 10_000

    @Option(help: "Where to make the databases; a temporary directory unless given. What is made is removed.")
    var directory: String?

    func validate() throws {
        guard blocks > 0, interval > 0, blocks >= interval else {
            throw ValidationError("there must be as many blocks as lie between two snapshots")
        }
    }

    func run() throws {
        let base = directory ?? NSTemporaryDirectory()
        let root = base + "/careledger-join-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        func database(_ name: String) throws -> LevelDB { try LevelDB(path: "\(root)/\(name)") }
        func store(_ name: String, _ genesis: Genesis) throws -> LedgerStore {
            try LedgerStore(
                chain: try database("\(name)-chain"), state: try database("\(name)-state"), genesis: genesis,
                snapshotInterval: interval)
        }
        let clock = ContinuousClock()
        var ledger = try LongLedger { try store("source", $0) }
        let made = clock.measure { ledger.grow(to: blocks) }
        print("made \(blocks) blocks in \(seconds(made))")

        let replayed = try store("replay", ledger.genesis)
        var node = ReplayingNode(ledger, into: replayed)
        let replay = clock.measure { node.run() }
        print("joined by replay in \(seconds(replay)): height \(replayed.height)")

        let home = try JoiningHome(
            chain: try database("join-chain"), state: try database("join-state"), genesis: ledger.genesis,
            keys: ledger.keys)
        let scene = JoinScene(ledger, home: home, pieceBytes: StateChunk.maximumBytes)
        var isThere = false
        let join = clock.measure { isThere = scene.run(minutes: 100_000) }
        guard isThere else { throw ValidationError("the node did not join") }
        print(
            "joined by snapshot in \(seconds(join)): \(home.blocks) blocks without executing them, "
                + "\(home.pieces) pieces of the state")
        print(
            "replay took \(String(format: "%.1f", (replay / .seconds(1)) / (join / .seconds(1)))) times as long as the snapshot"
        )
    }

    private func seconds(_ duration: Duration) -> String { String(format: "%.1f s", duration / .seconds(1)) }
}
