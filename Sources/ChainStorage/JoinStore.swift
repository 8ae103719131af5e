internal import Codec
public import Consensus
internal import Cryptography
public import Ledger

/// Where a node that joins by a snapshot stands: `[tip, snapshot's height or null, path or null]`.
struct JoinProgress: Hashable, CBORCodable {
    /// The last block that is stored, not executed.
    var tip: ChainTip
    /// The block whose state is fetched; it is the tip then.
    var snapshot: Height?
    /// The next piece of that state; nothing when all are here.
    var path: NibblePath?

    init(tip: ChainTip, snapshot: Height? = nil, path: NibblePath? = nil) {
        self.tip = tip
        self.snapshot = snapshot
        self.path = path
    }

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        tip = try reader.read()
        snapshot = try reader.readOptional()
        path = try reader.readOptional()
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(tip)
        writer.write(optional: snapshot)
        writer.write(optional: path)
    }
}

/// A home that is filled from other nodes: final blocks that are not executed, then the state after the last of them, piece
/// by piece. Whatever it is given has been proved, is on the disk when the call returns, and is not fetched again after a
/// restart. When all is there, ``finish()`` makes it a home that ``LedgerStore`` opens.
///
/// What follows from executing the blocks and stands in no header, the entries of histories, is not there
/// (``BlockStore/origin``). Belongs to one thread.
public final class JoinStore {
    private let blocks: BlockStore
    private let state: any Database
    private let retention: UInt64
    private var progress: JoinProgress
    private var root: StateRoot

    /// Opens a home that is being filled, or begins to fill an empty one.
    ///
    /// - Parameter retention: How many heights below the tip stay provable later.
    public init(
        chain: any Database, state: any Database, genesis: Genesis,
        retention: UInt64 = StateStore.defaultRetention
    ) throws(StorageFailure) {
        blocks = try BlockStore(chain)
        self.state = state
        self.retention = retention
        root = .empty
        if let bytes = try chain.value(KeySpace.join) {
            guard let found = try? JoinProgress(decoding: bytes) else {
                throw .damaged(record: KeySpace.describeChain(KeySpace.join))
            }
            progress = found
        } else {
            precondition(blocks.tip == nil, "only an empty home is filled from a snapshot")
            var batch = WriteBatch()
            progress = JoinProgress(tip: blocks.stage(.genesis(genesis), into: &batch, after: nil))
            batch.put(KeySpace.join, progress.encoded)
            chain.write(batch, isSynced: true)
        }
        guard progress.tip.chain == genesis.chain else {
            throw .otherChain(expected: genesis.chain, found: progress.tip.chain)
        }
        if let bytes = try state.value(KeySpace.join) {
            guard bytes.count == 32, let hash = Digest(bytes), let height = progress.snapshot else {
                throw .damaged(record: KeySpace.describeState(KeySpace.join))
            }
            root = StateRoot(hash: hash, version: height)
        }
    }

    /// Whether a home is being filled.
    public static func isUnderway(in chain: any Database) throws(StorageFailure) -> Bool {
        try chain.value(KeySpace.join) != nil
    }

    /// The last block.
    public var tip: ChainTip { progress.tip }

    /// The last block's header.
    public var header: BlockHeader {
        answered { () throws(StorageFailure) in
            guard let header = try blocks.header(at: tip.height) else {
                throw .damaged(record: KeySpace.describeChain(KeySpace.Chain.header(tip.height)))
            }
            return header
        }
    }

    /// How an epoch began; nothing for epoch 0.
    public func opening(of epoch: UInt64) -> EpochOpening? {
        answered { () throws(StorageFailure) in try blocks.opening(of: epoch) }
    }

    /// The next piece of the state after the last block; nothing before ``beginState()`` and when all are here.
    public var path: NibblePath? { progress.path }
    /// Whether the state after the last block is what is fetched.
    public var isFetchingState: Bool { progress.snapshot != nil }

    // MARK: Writing

    /// Stores a final block with what its header commits to.
    ///
    /// - Parameters:
    ///   - certificate: The finalization of this very block, if there is one.
    ///   - receipts: What its receipts root commits to.
    ///   - next: Who decides from the next block on, where it changes that.
    public func append(
        _ final: [(block: Block, certificate: Certificate?, receipts: [Receipt], next: ValidatorSetRecord?)]
    ) {
        precondition(!isFetchingState, "blocks come before the state")
        var batch = WriteBatch()
        for (block, certificate, receipts, next) in final {
            let changes = next.map { [StateChange(key: ValidatorSetRecord.place, value: Leaf($0).encoded)] } ?? []
            let execution = Execution(receipts: receipts, changes: changes, entries: [])
            progress.tip = blocks.stage(block, certificate, execution, into: &batch, after: progress.tip)
        }
        save(batch)
    }

    /// From now on the state after the last block is fetched.
    public func beginState() {
        progress.snapshot = tip.height
        progress.path = NibblePath()
        save(WriteBatch())
    }

    /// Goes on with blocks: nobody has the state after the last one any more.
    public func abandonState() {
        progress.snapshot = nil
        progress.path = nil
        root = .empty
        save(WriteBatch())
        answered { () throws(StorageFailure) in
            while true {
                let entries = try state.entries(from: [], to: nil, limit: 10_000)
                if entries.isEmpty { return }
                var batch = WriteBatch()
                for entry in entries { batch.delete(entry.key) }
                state.write(batch, isSynced: true)
            }
        }
    }

    /// Stores a proven piece of the state and goes on to the next.
    public func add(_ leaves: [StateChunk.Leaf]) {
        guard let height = progress.snapshot, let path = progress.path else {
            preconditionFailure("pieces come while the state is fetched")
        }
        let update = StateTree.extend(root, with: leaves, version: height, in: Nodes(state: state))
        var batch = WriteBatch()
        for node in update.nodes { batch.put(KeySpace.State.node(node.key), node.bytes) }
        for leaf in leaves { batch.put(KeySpace.State.value(leaf.key), leaf.value) }
        batch.put(KeySpace.join, update.root.hash.bytes)
        state.write(batch, isSynced: true)
        root = StateRoot(hash: update.root.hash, version: height)
        progress.path = path.after
        save(WriteBatch())
    }

    /// The piece is too large: goes on with the first of the sixteen that it falls into.
    public func divide() {
        progress.path = progress.path?.firstBelow
        save(WriteBatch())
    }

    /// Makes it a home like any other. Once this has returned, ``LedgerStore`` opens it.
    ///
    /// - Throws: When the pieces do not make up the state that the header commits to, which no proof lets happen.
    public func finish() throws(StorageFailure) {
        guard let height = progress.snapshot, progress.path == nil else {
            preconditionFailure("a home is finished when all is there")
        }
        guard root.hash == header.stateRoot else { throw .contradiction(height: height, field: "state root") }
        var batch = WriteBatch()
        batch.put(KeySpace.State.root(height), root.hash.bytes + KeySpace.bytes(root.version.rawValue))
        batch.put(KeySpace.head, StateHead(chain: tip.chain, height: height, root: root, retained: retention).encoded)
        batch.put(KeySpace.State.snapshot(height), [])
        state.write(batch, isSynced: true)
        batch = WriteBatch()
        batch.put(KeySpace.head, tip.encoded)
        batch.put(KeySpace.origin, KeySpace.bytes(height.rawValue))
        batch.delete(KeySpace.join)
        blocks.database.write(batch, isSynced: true)
        batch = WriteBatch()
        batch.delete(KeySpace.join)
        state.write(batch, isSynced: true)
    }

    private func save(_ batch: WriteBatch) {
        var batch = batch
        batch.put(KeySpace.join, progress.encoded)
        blocks.database.write(batch, isSynced: true)
    }

    private struct Nodes: StateTreeReader {
        let state: any Database

        func node(_ key: NodeKey) -> [UInt8]? {
            answered { () throws(StorageFailure) in try state.value(KeySpace.State.node(key)) }
        }
    }
}
