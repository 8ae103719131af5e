public import Codec
internal import Cryptography
public import Ledger
internal import Synchronization

/// The states that nodes which join fetch, and what is deleted of all others.
///
/// A state that is a snapshot stays whole after its height has left the retained ones, until a later snapshot has left
/// them too. Its nodes that become stale meanwhile are noted instead of deleted, and deleted some at a time once it is
/// not kept any more. All of it follows from the heights alone.
extension StateStore {
    /// Noted lists that are deleted with one block.
    private static let drainRate = 4

    /// A piece of the state after the block at `height`, without a chunk when it is too large; nothing when the state is
    /// not kept.
    public func chunk(
        _ path: NibblePath, at height: Height, limit: Int = StateChunk.maximumBytes
    ) throws(StorageFailure) -> (chunk: StateChunk?, root: StateRoot)? {
        guard let root = try root(at: height) else { return nil }
        do throws(MissingNode) { return (try StateTree.chunk(path, at: root, in: self, limit: limit), root) } catch {
            throw .damaged(record: "\(error.key)")
        }
    }

    /// The heights of the snapshots that are whole, ascending.
    public var snapshots: [Height] { answered { () throws(StorageFailure) in try snapshots(below: nil) } }

    private func snapshots(below height: Height?) throws(StorageFailure) -> [Height] {
        let start = KeySpace.State.snapshot(.genesis)
        let end = KeySpace.State.snapshot(height ?? Height(rawValue: .max))
        return try database.entries(from: start, to: end, limit: 1 << 16).map {
            Height(rawValue: KeySpace.integer($0.key.dropFirst()))
        }
    }

    /// Notes that the state after a block is a snapshot, if it is.
    func stageSnapshot(_ header: BlockHeader, into batch: inout WriteBatch) {
        guard header.height > .genesis, header.closesEpoch || header.height.rawValue % snapshotInterval == 0 else {
            return
        }
        batch.put(KeySpace.State.snapshot(header.height), [])
    }

    /// Collects the deletion of what neither a retained height nor a snapshot needs once the tip is `height`.
    func stagePruning(at height: Height, into batch: inout WriteBatch) throws(StorageFailure) {
        guard height.rawValue > retention else { return }
        let oldest = Height(rawValue: height.rawValue - retention)
        let leaving = Height(rawValue: oldest.rawValue - 1)
        let found = try snapshots(below: oldest)
        let kept = found.last
        for older in found.dropLast() {
            batch.delete(KeySpace.State.root(older))
            batch.delete(KeySpace.State.snapshot(older))
        }
        if kept != leaving { batch.delete(KeySpace.State.root(leaving)) }
        if let kept { try drain(through: kept, into: &batch) }
        let key = KeySpace.State.stale(oldest)
        guard let bytes = try database.value(key) else { return }
        guard let stale = Self.decodeStale(bytes) else { throw .damaged(record: KeySpace.describeState(key)) }
        batch.delete(key)
        var noted: [NodeKey] = []
        for node in stale {
            if let kept, node.version <= kept { noted.append(node) } else { batch.delete(KeySpace.State.node(node)) }
        }
        if !noted.isEmpty { batch.put(KeySpace.State.deferred(oldest), Self.encode(noted)) }
    }

    /// What became stale at or below the kept snapshot is needed by none.
    private func drain(through kept: Height, into batch: inout WriteBatch) throws(StorageFailure) {
        let start = drained.withLock { $0 }
        guard start <= kept else { return }
        let lists = try database.entries(
            from: KeySpace.State.deferred(start), to: KeySpace.State.deferred(kept.next), limit: Self.drainRate)
        let last = lists.last.map { Height(rawValue: KeySpace.integer($0.key.dropFirst())) }
        drained.withLock { $0 = lists.count < Self.drainRate ? kept.next : (last ?? kept).next }
        for list in lists {
            guard let stale = Self.decodeStale(list.value) else {
                throw .damaged(record: KeySpace.describeState(list.key))
            }
            for node in stale { batch.delete(KeySpace.State.node(node)) }
            batch.delete(list.key)
        }
    }
}
