public import Codec
public import Ledger

/// A chain and its state on disk: what a validator, once stopped, goes on from.
///
/// **The chain is the truth, the state follows from it.** A commit writes the blocks with everything that belongs to
/// them as one synced batch to the chain database, the height record last: that is the moment from which nothing is lost.
/// Then it writes the state, in a batch that is not synced. So the state is never ahead of the chain; after a crash it
/// may be behind, and opening the store executes the missing blocks again. One sync a commit, whatever it holds.
public final class LedgerStore: Sendable {
    /// The state is synced each time this many heights have passed, which bounds what a start executes again.
    static let heightsPerStateSync: UInt64 = 256

    /// Blocks, certificates, receipts, histories, indexes.
    public let blocks: BlockStore
    /// The state and its tree.
    public let state: StateStore
    private let decodedParameters = DecodedLeaf<ParametersRecord>()

    /// Opens the two databases of a home, begins a new chain in empty ones, and brings the state up to the chain.
    ///
    /// - Parameters:
    ///   - genesis: The chain that the home must be of.
    ///   - retention: For a new state database, how many heights below the tip stay provable.
    ///   - snapshotInterval: Heights between two states that are kept for nodes which join.
    ///   - supported: The newest rules that blocks are executed by.
    public init(
        chain: any Database, state stateDatabase: any Database, genesis: Genesis,
        retention: UInt64 = StateStore.defaultRetention,
        snapshotInterval: UInt64 = StateStore.defaultSnapshotInterval, supporting supported: ProtocolVersion = .latest
    ) throws(StorageFailure) {
        blocks = try BlockStore(chain)
        if try JoinStore.isUnderway(in: chain) { throw .unfinished }
        state = try StateStore(stateDatabase, retention: retention, snapshotInterval: snapshotInterval)
        for found in [blocks.tip?.chain, state.head?.chain].compactMap({ $0 }) where found != genesis.chain {
            throw .otherChain(expected: genesis.chain, found: found)
        }
        let first = FinalizedBlock.genesis(genesis)
        if blocks.tip == nil { writeChain([first]) }
        if state.head == nil { try writeState([first]) }
        try recover(supporting: supported)
    }

    /// The height of the last block.
    public var height: Height { tip.height }

    /// The height of the last block after which the state can be read. While a block is written it is the one before.
    public var stateHeight: Height { state.head?.height ?? .genesis }

    /// The last block.
    public var tip: ChainTip {
        guard let tip = blocks.tip else { preconditionFailure("an open store has a genesis block") }
        return tip
    }

    /// Writes blocks that have become final. They are on the disk when this returns.
    ///
    /// - Parameter final: In order of height, the first on top of the last block, executed over each other.
    public func commit(_ final: [FinalizedBlock]) {
        if final.isEmpty { return }
        writeChain(final)
        answered { () throws(StorageFailure) in try writeState(final) }
    }

    private func writeChain(_ final: [FinalizedBlock]) {
        var batch = WriteBatch()
        var tip = blocks.tip
        for block in final { tip = blocks.stage(block, into: &batch, after: tip) }
        guard let tip else { return }
        batch.put(KeySpace.head, tip.encoded)
        blocks.database.write(batch, isSynced: true)
        blocks.publish(tip, final)
    }

    private func writeState(_ final: [FinalizedBlock]) throws(StorageFailure) {
        for block in final {
            var batch = WriteBatch()
            let head = state.stage(block, into: &batch, after: state.head)
            try state.stagePruning(at: head.height, into: &batch)
            state.database.write(batch, isSynced: head.height.rawValue % Self.heightsPerStateSync == 0)
            state.publish(head, [block])
        }
    }

    // MARK: Recovery

    /// Executes the blocks that the state lacks.
    private func recover(supporting supported: ProtocolVersion) throws(StorageFailure) {
        guard let head = state.head, head.height <= height else {
            throw .damaged(record: "state of a height that the chain has not reached")
        }
        guard try blocks.header(at: head.height)?.stateRoot == head.root.hash else {
            throw .contradiction(height: head.height, field: "state root")
        }
        var next = head.height.next
        while next <= height {
            guard let block = try blocks.block(at: next) else {
                throw .damaged(record: KeySpace.describeChain(KeySpace.Chain.header(next)))
            }
            let reader = ReplayReader(blocks: blocks, state: state, height: next)
            try writeState([try FinalizedBlock(replaying: block, over: reader, supporting: supported)])
            next = next.next
        }
    }
}

extension LedgerStore: LedgerReader, StateTreeReader {
    public func value(_ key: StateKey) -> [UInt8]? { state.value(key) }

    public func contains(_ transaction: TransactionID) -> Bool {
        answered { () throws(StorageFailure) in try blocks.location(of: transaction) != nil }
    }

    public func node(_ key: NodeKey) -> [UInt8]? { state.node(key) }

    /// Decoded once for each change of the leaf.
    public var parameters: ParametersRecord {
        guard let bytes = value(ParametersRecord.place) else { preconditionFailure("a state has parameters") }
        return decodedParameters.record(of: bytes)
    }
}
