import Codec
import Cryptography
import Ledger

/// A ledger in memory: executes blocks one after the other and keeps everything.
final class TestLedger: LedgerReader {
    /// Everything that a ledger consists of, to begin several from one.
    struct Contents: Sendable {
        var values: [StateKey: [UInt8]] = [:]
        var included: Set<TransactionID> = []
        var histories: [Subject: [HistoryEntry]] = [:]
        var block: BlockContext
        var nonce: UInt64 = 0
        let chain: ChainID
    }

    private(set) var contents: Contents

    var block: BlockContext { contents.block }
    var chain: ChainID { contents.chain }
    var histories: [Subject: [HistoryEntry]] { contents.histories }

    init(_ contents: Contents) { self.contents = contents }

    init(_ genesis: Genesis) {
        contents = Contents(block: BlockContext(height: .genesis, time: genesis.time), chain: genesis.chain)
        for change in genesis.initialState { contents.values[change.key] = change.value }
    }

    func value(_ key: StateKey) -> [UInt8]? { contents.values[key] }

    func contains(_ transaction: TransactionID) -> Bool { contents.included.contains(transaction) }

    /// The next block, a second after the last unless said otherwise.
    func nextBlock(after milliseconds: UInt64 = 1000) -> BlockContext {
        BlockContext(height: block.height.next, time: block.time.advanced(byMilliseconds: milliseconds))
    }

    func transaction(_ operations: [Operation], by keys: [SigningKey], validFor window: UInt64 = 100) -> Transaction {
        contents.nonce += 1
        let bytes = Array(Seeded.digest("nonce \(contents.nonce)").bytes.prefix(16))
        let body = TransactionBody(
            chain: chain, nonce: bytes, validUntil: Height(rawValue: block.height.rawValue + window),
            operations: operations)
        return Transaction(body, signedBy: keys)
    }

    /// Executes a block without keeping it.
    func execute(_ transactions: [Transaction], after milliseconds: UInt64 = 1000) throws(BlockInvalid) -> Execution {
        try Transition.execute(transactions, at: nextBlock(after: milliseconds), over: self)
    }

    /// Executes a block and keeps it.
    @discardableResult
    func commit(_ transactions: [Transaction], after milliseconds: UInt64 = 1000) throws -> Execution {
        let execution = try execute(transactions, after: milliseconds)
        contents.block = nextBlock(after: milliseconds)
        for change in execution.changes { contents.values[change.key] = change.value }
        for record in execution.entries { contents.histories[record.subject, default: []].append(record.entry) }
        for transaction in transactions { contents.included.insert(transaction.id) }
        return execution
    }

    /// Executes one transaction in a block of its own and returns what came of its operations.
    @discardableResult
    func run(
        _ operations: Operation..., by keys: [SigningKey], after milliseconds: UInt64 = 1000
    ) throws -> [Outcome] {
        try commit([transaction(operations, by: keys)], after: milliseconds).receipts[0].outcomes
    }

    /// Lets time pass: a block without transactions.
    func pass(milliseconds: UInt64) throws { try commit([], after: milliseconds) }
}
