import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// A node that joins by a snapshot while a helper lies in another way every few answers, its own process ends at random, and
/// the helpers go on to later snapshots. Everything follows from the seed.
package enum JoinSwarm {
    /// What a run came to.
    package struct Outcome: Sendable {
        /// What went wrong, if anything.
        package var violation: String?
        /// The height of the snapshot that the home was filled from.
        package var height: UInt64 = 0
        /// How often the process ended.
        package var restarts = 0
        /// Lies that were seen through since the last of these.
        package var lies = 0
    }

    /// States are provable for so many heights below the tip, and kept every so many.
    private static let (retention, interval) = (UInt64(30), UInt64(20))
    private static let steps = 2000

    /// Joins once.
    package static func run(seed: UInt64) throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        var ledger = try LongLedger(certified: random.pick([1, 3, 8])) { genesis in
            try LedgerStore(
                chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: genesis, retention: retention,
                snapshotInterval: interval)
        }
        ledger.grow(to: 5 + random.next() % 20)
        for machine in 4..<4 + Int(random.next() % 3) {
            ledger.addValidator(machine)
            ledger.grow(to: ledger.store.height.rawValue + 1 + random.next() % 15)
        }
        ledger.grow(to: ledger.store.height.rawValue + interval)
        let home = try JoiningHome(
            chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: ledger.genesis, keys: ledger.keys)
        let liar = Int(random.next() % 4)
        let scene = JoinScene(ledger, home: home, pieceBytes: random.pick([500, 2000, 20_000]))
        var outcome = Outcome()
        var left = steps
        while !home.isFinished {
            left -= 1
            guard left > 0 else {
                outcome.violation = "the home is not filled"
                return outcome
            }
            scene.lies = [liar: random.pick(JoinScene.Lie.allCases)]
            let goal = scene.answers + 1 + Int(random.next() % 6)
            guard scene.run(until: { scene.answers >= goal }) else {
                let (height, target, isFetchingState) = home.joiner.progress
                outcome.violation =
                    "nothing moves at block \(height) on the way to \(target?.rawValue ?? 0), "
                    + "\(isFetchingState ? "in" : "before") the state"
                return outcome
            }
            if random.chance(0.05) { ledger.grow(to: ledger.store.height.rawValue + random.next() % 40) }
            if !home.isFinished, random.chance(0.1) {
                outcome.restarts += 1
                try scene.restart()
            }
        }
        outcome.lies = home.joiner.lies.values.reduce(0, +)
        outcome.violation = try judge(home, ledger, liar: liar)
        outcome.height = try LedgerStore(chain: home.chain, state: home.state, genesis: ledger.genesis).height.rawValue
        return outcome
    }

    /// The home is what the ledger was at its height, and nobody is blamed who told the truth.
    private static func judge(_ home: JoiningHome, _ ledger: LongLedger, liar: Int) throws -> String? {
        let store = try LedgerStore(
            chain: home.chain, state: home.state, genesis: ledger.genesis, retention: retention,
            snapshotInterval: interval)
        guard let header = try ledger.store.blocks.header(at: store.height), store.tip.hash == header.hash,
            store.state.root.hash == header.stateRoot
        else { return "the home ends in another block or state" }
        for number in 1...store.height.rawValue {
            let height = Height(rawValue: number)
            guard try store.blocks.block(at: height) == ledger.store.blocks.block(at: height),
                try store.blocks.receipts(at: height) == ledger.store.blocks.receipts(at: height)
            else { return "block \(number) is another one" }
        }
        let blamed = home.joiner.lies.keys.filter { $0.rawValue != liar }
        return blamed.isEmpty ? nil : "honest helpers are said to have lied"
    }
}
