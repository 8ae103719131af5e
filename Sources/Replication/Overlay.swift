internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

/// A block that was executed and is not stored yet: what it changed, on top of its parent.
///
/// A reference: it never changes, and every look at the state after a block goes through a list of them.
final class Overlay: Sendable {
    let block: Block
    let position: ChainPosition
    let execution: Execution
    let update: TreeUpdate
    let values: [StateKey: [UInt8]?]
    let nodes: [NodeKey: [UInt8]]
    let transactions: Set<TransactionID>
    /// The chain's limits, where this block has changed them.
    let parameters: ParametersRecord?

    init(_ block: Block, hash: BlockHash, ancestry: MerkleFrontier, execution: Execution, update: TreeUpdate) {
        self.block = block
        self.execution = execution
        self.update = update
        var ancestry = ancestry
        _ = ancestry.append(hash.digest)
        position = ChainPosition(header: block.header, hash: hash, state: update.root, ancestry: ancestry)
        values = Dictionary(uniqueKeysWithValues: execution.changes.map { ($0.key, $0.value) })
        nodes = Dictionary(uniqueKeysWithValues: update.nodes.map { ($0.key, $0.bytes) })
        transactions = Set(block.transactions.map(\.id))
        parameters = values[ParametersRecord.place].flatMap { $0 }.map { bytes in
            do { return try Leaf<ParametersRecord>(decoding: bytes).record } catch {
                preconditionFailure("parameters that were written decode: \(error)")
            }
        }
    }
}

/// The executed blocks above the stored chain. Several may stand at one height; each leads down to the stored tip.
struct Overlays: Sendable {
    private var overlays: [BlockHash: Overlay] = [:]

    subscript(hash: BlockHash) -> Overlay? { overlays[hash] }

    var count: Int { overlays.count }

    mutating func insert(_ overlay: Overlay) { overlays[overlay.position.hash] = overlay }

    /// Forgets what is stored or can no longer become final.
    mutating func removeAll(through height: Height) {
        guard overlays.values.contains(where: { $0.position.header.height <= height }) else { return }
        overlays = overlays.filter { $0.value.position.header.height > height }
    }

    /// The overlays from the stored tip up to and including `hash`; nothing when a block between is not here.
    func path(to hash: BlockHash, from tip: ChainPosition) -> [Overlay]? {
        var path: [Overlay] = []
        var next = hash
        while next != tip.hash {
            guard let overlay = overlays[next], overlay.position.header.height > tip.header.height else { return nil }
            path.append(overlay)
            next = overlay.position.header.parent
        }
        return path.reversed()
    }
}

/// The state after an unstored block: its overlays over the stored chain.
struct OverlayReader<Store: ChainReader>: LedgerReader, StateTreeReader {
    /// From the stored tip upwards.
    let path: [Overlay]
    let store: Store

    /// The block that this is the state after.
    var position: ChainPosition { path.last?.position ?? store.position }

    func value(_ key: StateKey) -> [UInt8]? {
        for overlay in path.reversed() { if let value = overlay.values[key] { return value } }
        return store.value(key)
    }

    func contains(_ transaction: TransactionID) -> Bool {
        path.contains { $0.transactions.contains(transaction) } || store.contains(transaction)
    }

    var parameters: ParametersRecord {
        for overlay in path.reversed() { if let parameters = overlay.parameters { return parameters } }
        return store.parameters
    }

    func node(_ key: NodeKey) -> [UInt8]? {
        for overlay in path.reversed() { if let bytes = overlay.nodes[key] { return bytes } }
        return store.node(key)
    }
}
