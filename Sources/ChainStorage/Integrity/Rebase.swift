internal import Codec
internal import Cryptography
internal import Ledger

/// Makes of a store that executed every block what a home is that was filled from the snapshot of its last block, so that
/// whatever such a home does from there on is compared with the very same.
enum Rebase {
    private static let page = 4096

    static func apply(
        at height: Height, chain: any Database, state: any Database, genesis: Genesis, retention: UInt64
    ) throws(StorageFailure) {
        // What histories tell of the blocks up to here, and every other state and the names that the nodes had.
        try delete(from: [0x30], to: [0x31], in: chain)
        try delete(from: [0x10], to: [0x11], in: state)
        try delete(from: [0x12], to: [0x16], in: state)
        var root = StateRoot.empty
        var start: [UInt8]? = [0x11]
        while let from = start {
            let entries = try state.entries(from: from, to: [0x12], limit: page)
            let leaves = try entries.map { entry throws(StorageFailure) in
                guard let digest = Digest(entry.key.dropFirst()) else {
                    throw .damaged(record: KeySpace.describeState(entry.key))
                }
                return StateChunk.Leaf(key: StateKey(digest), value: entry.value)
            }
            let update = StateTree.extend(root, with: leaves, version: height, in: Nodes(state: state))
            var batch = WriteBatch()
            for node in update.nodes { batch.put(KeySpace.State.node(node.key), node.bytes) }
            state.write(batch, isSynced: false)
            root = update.root
            start = entries.count < page ? nil : entries.last.map { $0.key + [0] }
        }
        var batch = WriteBatch()
        batch.put(KeySpace.State.root(height), root.hash.bytes + KeySpace.bytes(root.version.rawValue))
        batch.put(KeySpace.State.snapshot(height), [])
        batch.put(
            KeySpace.head, StateHead(chain: genesis.chain, height: height, root: root, retained: retention).encoded)
        state.write(batch, isSynced: false)
        batch = WriteBatch()
        batch.put(KeySpace.origin, KeySpace.bytes(height.rawValue))
        chain.write(batch, isSynced: false)
    }

    private static func delete(from start: [UInt8], to end: [UInt8], in database: any Database) throws(StorageFailure) {
        while true {
            let entries = try database.entries(from: start, to: end, limit: page)
            if entries.isEmpty { return }
            var batch = WriteBatch()
            for entry in entries { batch.delete(entry.key) }
            database.write(batch, isSynced: false)
        }
    }

    private struct Nodes: StateTreeReader {
        let state: any Database

        func node(_ key: NodeKey) -> [UInt8]? {
            answered { () throws(StorageFailure) in try state.value(KeySpace.State.node(key)) }
        }
    }
}
