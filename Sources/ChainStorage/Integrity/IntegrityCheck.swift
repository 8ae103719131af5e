public import Codec
package import Consensus
internal import Cryptography
public import Ledger

/// Re-derives a home from its blocks and says what differs first.
///
/// Nothing is taken on trust but the genesis file: every block is executed again into an empty store, its links, roots,
/// signatures and certificate checked on the way, and then the store in the home is compared with the derived one, record
/// by record, in both directions. So each index, history entry, receipt, tree node and value is covered without a
/// rule for it, and so is whatever is added to a store later.
public struct IntegrityCheck {
    /// Called after each block with its height and the tip's.
    public var progress: (Height, Height) -> Void = { _, _ in }
    /// Whether the transactions' signatures are checked too; about 100 µs a transaction.
    public var checksSignatures = true

    /// Checks votes; the validator sets unless a simulator says otherwise.
    package var verifier: (any VoteVerifier)?

    private let genesis: Genesis
    private let snapshotInterval: UInt64

    /// A check of a home of this chain.
    ///
    /// - Parameter snapshotInterval: Heights between two states that the home keeps for nodes that join.
    public init(genesis: Genesis, snapshotInterval: UInt64 = StateStore.defaultSnapshotInterval) {
        self.genesis = genesis
        self.snapshotInterval = snapshotInterval
    }

    /// Accounts for every byte of a closed LevelDB directory. Reads only.
    public static func checkFiles(of directory: String) -> IntegrityFinding? {
        do throws(IntegrityFinding) {
            try DatabaseFilesCheck(directory: directory).check()
            return nil
        } catch { return error }
    }
}

extension IntegrityCheck {
    /// What was found to be right.
    public struct Summary: Hashable, Sendable {
        /// The last block's height.
        public let height: Height
        /// Transactions in all blocks.
        public let transactions: Int
        /// Records of both databases that are as they must be.
        public let records: Int
    }

    /// Executes every block again into empty databases and compares what comes out with what is stored.
    ///
    /// - Parameters:
    ///   - chain: The stopped home's blocks.
    ///   - state: Its state, brought up to the blocks (opening a ``LedgerStore`` does that).
    ///   - scratch: Two empty databases to derive everything in.
    /// - Throws: The first difference.
    public func check(
        chain: any Database, state: any Database, scratch: (chain: any Database, state: any Database)
    ) throws(IntegrityFinding) -> Summary {
        let source = try Self.storing { () throws(StorageFailure) in try BlockStore(chain) }
        let retention = try Self.storing { () throws(StorageFailure) in
            try StateStore(state, retention: StateStore.defaultRetention).head?.retained
        }
        guard let tip = source.tip else {
            throw .store(.damaged(record: KeySpace.describeChain(KeySpace.head)))
        }
        let open = { () throws(IntegrityFinding) -> LedgerStore in
            try Self.storing { () throws(StorageFailure) in
                try LedgerStore(
                    chain: scratch.chain, state: scratch.state, genesis: genesis,
                    retention: retention ?? StateStore.defaultRetention, snapshotInterval: snapshotInterval)
            }
        }
        let transactions = try replay(source, upTo: tip, into: try open()) { () throws(IntegrityFinding) in
            // The home was filled from a snapshot here: from now on everything is as it is in such a home.
            try Self.storing { () throws(StorageFailure) in
                try Rebase.apply(
                    at: source.origin ?? .genesis, chain: scratch.chain, state: scratch.state, genesis: genesis,
                    retention: retention ?? StateStore.defaultRetention)
            }
            return try open()
        }
        let records =
            try Self.compare(chain, scratch.chain, KeySpace.describeChain)
            + Self.compare(state, scratch.state, KeySpace.describeState)
        return Summary(height: tip.height, transactions: transactions, records: records)
    }

    /// Judges each block and executes it again.
    private func replay(
        _ source: BlockStore, upTo tip: ChainTip, into first: LedgerStore,
        atOrigin rebase: () throws(IntegrityFinding) -> LedgerStore
    ) throws(IntegrityFinding) -> Int {
        var derived = first
        guard var validators = ValidatorSet(genesis.validators.map(\.consensusKey)) else {
            preconditionFailure("a genesis names 1 to 128 different validators")
        }
        guard var parent = try Self.storing({ () throws(StorageFailure) in try derived.blocks.header(at: .genesis) })
        else { preconditionFailure("an open store has a genesis block") }
        var transactions = 0
        var height = Height.genesis.next
        while height <= tip.height {
            let (stored, certificate) = try Self.storing { () throws(StorageFailure) in
                (try source.block(at: height), try source.certificate(at: height))
            }
            guard let block = stored else {
                throw .store(.damaged(record: KeySpace.describeChain(KeySpace.Chain.header(height))))
            }
            try judge(
                block, at: height, on: parent, derived.tip, certificate, validators,
                isLast: height == tip.height && height != source.origin)
            let final = try Self.storing { () throws(StorageFailure) in
                try FinalizedBlock(
                    replaying: block, certificate: certificate,
                    over: ReplayReader(blocks: derived.blocks, state: derived.state, height: height))
            }
            derived.commit([final])
            if height == source.origin { derived = try rebase() }
            parent = block.header
            if parent.closesEpoch {
                guard let next = ValidatorSet(derived.validatorSet.keys.compactMap(\.publicKey)) else {
                    preconditionFailure("the state's validators are different keys on the curve")
                }
                validators = next
            }
            transactions += block.transactions.count
            progress(height, tip.height)
            height = height.next
        }
        return transactions
    }

    /// All that a block says of itself and of what is below it, before it is executed.
    private func judge(
        _ block: Block, at height: Height, on parent: BlockHeader, _ below: ChainTip, _ certificate: Certificate?,
        _ validators: ValidatorSet, isLast: Bool
    ) throws(IntegrityFinding) {
        let header = block.header
        func wrong(_ problem: IntegrityFinding.BlockProblem) -> IntegrityFinding {
            .block(height: height, problem: problem)
        }
        guard header.chain == genesis.chain else { throw wrong(.chain) }
        guard header.height == height else { throw wrong(.height) }
        guard header.time > parent.time else { throw wrong(.time) }
        guard header.parent == below.hash else { throw wrong(.parent) }
        guard header.ancestryRoot == below.ancestry.root else { throw wrong(.ancestry) }
        guard header.transactionsRoot == Block.transactionsRoot(of: block.transactions) else {
            throw wrong(.transactions)
        }
        guard header.validatorsHash == parent.nextValidatorsHash else { throw wrong(.validators) }
        guard header.epoch == parent.nextEpoch else { throw wrong(.epoch) }
        if checksSignatures, !block.transactions.allSatisfy({ $0.verifySignatures() }) { throw wrong(.signature) }
        guard let certificate else {
            // A block without a certificate of its own is final by a later one's.
            if isLast || header.closesEpoch { throw wrong(.noCertificate) }
            return
        }
        let reference = BlockReference(hash: header.hash.digest, parent: header.parent.digest, height: height)
        guard certificate.finalBlock == reference else { throw wrong(.certificate) }
        do throws(CertificateInvalid) {
            let verifier = (verifier ?? validators).serving(validators)
            try certificate.verify(chain: genesis.chain.digest, validators: validators, with: verifier) { _ in false }
        } catch { throw wrong(.certificate) }
    }

    /// Compares two databases record by record, in both directions.
    ///
    /// - Returns: How many records there are.
    private static func compare(
        _ found: any Database, _ expected: any Database, _ describe: ([UInt8]) -> String
    ) throws(IntegrityFinding) -> Int {
        var left = RecordCursor(found)
        var right = RecordCursor(expected)
        var count = 0
        while true {
            switch (try left.peek(), try right.peek()) {
            case (nil, nil): return count
            case (let entry?, nil): throw .unexpectedRecord(describe(entry.key))
            case (nil, let entry?): throw .missingRecord(describe(entry.key))
            case (let stored?, let derived?):
                if stored.key != derived.key {
                    throw stored.key.lexicographicallyPrecedes(derived.key)
                        ? .unexpectedRecord(describe(stored.key)) : .missingRecord(describe(derived.key))
                }
                if stored.value != derived.value {
                    let offset = zip(stored.value, derived.value).enumerated().first { $1.0 != $1.1 }?.offset
                    throw .differentRecord(
                        describe(stored.key), offset: offset ?? min(stored.value.count, derived.value.count))
                }
                left.advance()
                right.advance()
                count += 1
            }
        }
    }

    private static func storing<Value>(
        _ body: () throws(StorageFailure) -> Value
    ) throws(IntegrityFinding) -> Value {
        do throws(StorageFailure) { return try body() } catch { throw .store(error) }
    }
}

/// Walks through a database in the order of its keys, some records at a time.
private struct RecordCursor {
    private static let page = 512

    private let database: any Database
    private var entries: ArraySlice<DatabaseEntry> = []
    private var start: [UInt8]? = []

    init(_ database: any Database) { self.database = database }

    /// The next record, nothing at the end.
    mutating func peek() throws(IntegrityFinding) -> DatabaseEntry? {
        if entries.isEmpty, let start {
            do throws(DatabaseFailure) {
                entries = try database.scan(from: start, to: nil, limit: Self.page)[...]
            } catch { throw .store(.database(error)) }
            // The least key above the last one read.
            self.start = entries.count < Self.page ? nil : entries.last.map { $0.key + [0] }
        }
        return entries.first
    }

    mutating func advance() { entries = entries.dropFirst() }
}
