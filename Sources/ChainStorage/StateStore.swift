public import Codec
internal import Cryptography
public import Ledger
internal import Synchronization

/// The state after the last block, the nodes of its tree, and those of the trees some heights back.
///
/// Every value stands twice: in the tree's leaf, from which proofs are made, and under its key, so that the rules read it
/// with one look-up, and learn that there is none without one. What a block makes stale is deleted when its height has
/// fallen out of the retained ones.
public final class StateStore: Sendable {
    /// Heights below the tip whose state can be proved, unless a database was begun with another number.
    public static let defaultRetention: UInt64 = 1024
    /// Heights between two snapshots, unless said otherwise.
    public static let defaultSnapshotInterval: UInt64 = 10_000

    let database: any Database
    private let current: Mutex<StateHead?>
    private let nodes = GenerationCache<NodeKey, [UInt8]>(costLimit: 48 << 20) { $1.count + 96 }
    private let values = GenerationCache<StateKey, [UInt8]?>(costLimit: 16 << 20) { ($1?.count ?? 0) + 80 }
    let retention: UInt64
    /// The states that are kept for nodes that join: those at multiples of this height, and those at ends of epochs.
    let snapshotInterval: UInt64
    /// Up to where the lists of a snapshot that is not kept any more have been deleted: a database is slow to step over
    /// what was deleted.
    let drained: Mutex<Height> = Mutex(.genesis)

    /// Reads the state record.
    ///
    /// - Parameter retention: For a new database; an older one keeps what it was begun with.
    init(
        _ database: any Database, retention: UInt64, snapshotInterval: UInt64 = defaultSnapshotInterval
    ) throws(StorageFailure) {
        self.database = database
        self.snapshotInterval = snapshotInterval
        current = Mutex(nil)
        guard let bytes = try database.value(KeySpace.head) else {
            self.retention = retention
            return
        }
        guard let head = try? StateHead(decoding: bytes) else {
            throw .damaged(record: KeySpace.describeState(KeySpace.head))
        }
        self.retention = head.retained
        current.withLock { $0 = head }
    }

    var head: StateHead? { current.withLock { $0 } }

    /// The root after the last block.
    public var root: StateRoot { head?.root ?? .empty }

    /// The root after the block at `height`, nothing when it is above the tip or was pruned.
    public func root(at height: Height) throws(StorageFailure) -> StateRoot? {
        let key = KeySpace.State.root(height)
        guard let bytes = try database.value(key) else { return nil }
        guard bytes.count == 40, let hash = Digest(bytes[..<32]) else {
            throw .damaged(record: KeySpace.describeState(key))
        }
        return StateRoot(hash: hash, version: Height(rawValue: KeySpace.integer(bytes[32...])))
    }

    /// Proves what stands under `key` after the block at `height`; nothing when that height is not retained.
    public func proof(of key: StateKey, at height: Height) throws(StorageFailure) -> StateProof? {
        guard let root = try root(at: height) else { return nil }
        do throws(MissingNode) {
            return try StateTree.proof(of: key, at: root, in: self)
        } catch {
            // The height may have left the retained ones since its root was read.
            if try self.root(at: height) == nil { return nil }
            throw .damaged(record: "\(error.key)")
        }
    }

    // MARK: Writing

    /// Collects what a block does to the state.
    func stage(_ final: FinalizedBlock, into batch: inout WriteBatch, after head: StateHead?) -> StateHead {
        let header = final.block.header
        let height = header.height
        precondition(height == head?.height.next ?? .genesis, "the state follows the chain height by height")
        precondition(final.update.root.hash == header.stateRoot, "a final block commits to the state after it")
        for node in final.update.nodes { batch.put(KeySpace.State.node(node.key), node.bytes) }
        for change in final.execution.changes {
            let key = KeySpace.State.value(change.key)
            if let value = change.value { batch.put(key, value) } else { batch.delete(key) }
        }
        stageSnapshot(header, into: &batch)
        let root = final.update.root
        batch.put(KeySpace.State.root(height), root.hash.bytes + KeySpace.bytes(root.version.rawValue))
        if !final.update.stale.isEmpty {
            batch.put(KeySpace.State.stale(height), Self.encode(final.update.stale))
        }
        let next = StateHead(chain: header.chain, height: height, root: root, retained: retention)
        batch.put(KeySpace.head, next.encoded)
        return next
    }

    /// Makes written blocks visible.
    func publish(_ head: StateHead, _ blocks: [FinalizedBlock]) {
        for block in blocks {
            nodes.insert(block.update.nodes.lazy.map { ($0.key, $0.bytes) })
            values.replace(block.execution.changes.lazy.map { ($0.key, $0.value) })
        }
        current.withLock { $0 = head }
    }

    // A node key with its length before it (1 byte), one after the other.
    static func encode(_ stale: [NodeKey]) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(stale.count * 16)
        for key in stale { encoded += key.bytes(after: UInt8(key.length)) }
        return encoded
    }

    static func decodeStale(_ bytes: [UInt8]) -> [NodeKey]? {
        var keys: [NodeKey] = []
        var rest = bytes[...]
        while let count = rest.popFirst() {
            guard rest.count >= Int(count), let key = NodeKey(bytes: rest.prefix(Int(count))) else { return nil }
            keys.append(key)
            rest = rest.dropFirst(Int(count))
        }
        return keys
    }
}

extension StateStore: StateTreeReader {
    public func node(_ key: NodeKey) -> [UInt8]? {
        nodes.value(key) { answered { () throws(StorageFailure) in try database.value(KeySpace.State.node(key)) } }
    }

    /// The value under `key` after the last block.
    public func value(_ key: StateKey) -> [UInt8]? {
        values.value(key) {
            .some(answered { () throws(StorageFailure) in try database.value(KeySpace.State.value(key)) })
        }
            ?? nil
    }
}
