internal import ChainStorage
internal import Codec
internal import Cryptography
internal import Foundation
internal import Ledger
internal import Simulation

extension Measurement {
    static let ledger = [
        Measurement("Ledger: execute a block of 256 registrations", per: 256, "transaction") {
            let block = Registrations(256)
            return { consume(block.execute()) }
        },
        Measurement("Ledger: execute and commit 16 blocks of 16 registrations in memory", per: 256, "transaction") {
            let block = Registrations(16)
            return { for _ in 0..<16 { block.commit() } }
        },
    ]

    static let storage = [
        Measurement("LevelDB: 100 values of 300 bytes, synced", per: 1, "batch") {
            let database = ScratchDatabase()
            return { database.write(100, isSynced: true) }
        },
        Measurement("LevelDB: 100 values of 300 bytes, not synced", per: 1, "batch") {
            let database = ScratchDatabase()
            return { database.write(100, isSynced: false) }
        },
        Measurement("LevelDB: read a value that is there", per: 100, "value") {
            let database = ScratchDatabase()
            for _ in 0..<100 { database.write(100, isSynced: false) }
            return { database.read(100) }
        },
    ]
}

/// Registrations of staff over a ledger in memory.
private final class Registrations {
    private var consortium = Consortium(validators: 4)
    private let store: LedgerStore
    private let count: Int
    private var transactions: [Transaction] = []

    init(_ count: Int) {
        self.count = count
        let genesis = consortium.genesis
        store = valid { () throws(StorageFailure) in
            try LedgerStore(chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: genesis)
        }
        refill()
    }

    private var tip: FinalizedPlace { FinalizedPlace(store) }

    func execute() -> Execution {
        let context = BlockContext(
            height: tip.height.next, time: tip.header.time.advanced(byMilliseconds: 1000))
        return valid { () throws(BlockInvalid) in try Transition.execute(transactions, at: context, over: store) }
    }

    /// Makes the next block of what waits, writes it, and prepares as many again, which is measured too.
    func commit() {
        let place = tip
        let execution = execute()
        let height = place.height.next
        let update = StateTree.update(execution.changes, to: store.state.root, version: height, in: store)
        let header = BlockHeader(
            chain: place.header.chain, height: height, epoch: place.header.nextEpoch,
            time: place.header.time.advanced(byMilliseconds: 1000), parent: place.hash,
            ancestryRoot: store.tip.ancestry.root, transactionsRoot: Block.transactionsRoot(of: transactions),
            receiptsRoot: Block.receiptsRoot(of: execution.receipts), stateRoot: update.root.hash,
            validatorsHash: place.header.nextValidatorsHash, nextValidatorsHash: place.header.nextValidatorsHash,
            proposer: 0)
        store.commit([
            FinalizedBlock(
                block: Block(header: header, transactions: transactions), certificate: nil, execution: execution,
                update: update)
        ])
        refill()
    }

    private func refill() {
        let until = Height(rawValue: store.height.rawValue + 100)
        transactions = (0..<count).map { _ in consortium.transaction(validUntil: until) }
    }

    /// The last block.
    private struct FinalizedPlace {
        let header: BlockHeader
        let hash: BlockHash
        var height: Height { header.height }

        init(_ store: LedgerStore) {
            guard let header = valid({ () throws(StorageFailure) in try store.blocks.header(at: store.height) }) else {
                preconditionFailure("a store has its last block")
            }
            self.header = header
            hash = store.tip.hash
        }
    }
}

/// A real database in a directory that goes away with it.
private final class ScratchDatabase {
    private let directory: URL
    private let database: LevelDB
    private var written: UInt64 = 0
    private var asked: UInt64 = 0
    private let value = SystemRandom.bytes(300)

    init() {
        directory = FileManager.default.temporaryDirectory.appending(path: "measurement-\(UUID().uuidString)")
        let path = directory.path
        database = valid { () throws(DatabaseFailure) in try LevelDB(path: path) }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func write(_ count: Int, isSynced: Bool) {
        var batch = WriteBatch()
        for _ in 0..<count {
            batch.put(key(written), value)
            written += 1
        }
        database.write(batch, isSynced: isSynced)
    }

    func read(_ count: Int) {
        for _ in 0..<count {
            asked = (asked &+ 7919) % written
            let place = key(asked)
            let found = valid { () throws(DatabaseFailure) in try database.get(place) }
            precondition(found == value, "what was written is read")
        }
    }

    // Spread like hashes.
    private func key(_ number: UInt64) -> [UInt8] {
        Digest.sha256(withUnsafeBytes(of: number, Array.init)).bytes
    }
}
