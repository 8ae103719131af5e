internal import ChainStorage
internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger
internal import Replication

/// The ledger's store as a replica reads it. A store that does not answer ends the process: there is nothing to fall
/// back on.
///
/// Belongs to the replica's thread.
final class ReplicaStore: ChainReader {
    private let store: LedgerStore
    private var cached: ChainPosition?

    init(_ store: LedgerStore) { self.store = store }

    var position: ChainPosition {
        let tip = store.tip
        if let cached, cached.hash == tip.hash { return cached }
        guard let header = header(at: tip.height) else { preconditionFailure("the tip has a header") }
        let position = ChainPosition(
            header: header, hash: tip.hash, state: store.state.root, ancestry: tip.ancestry)
        cached = position
        return position
    }

    func header(at height: Height) -> BlockHeader? {
        answered { () throws(StorageFailure) in try store.blocks.header(at: height) }
    }

    func block(at height: Height) -> Block? {
        answered { () throws(StorageFailure) in try store.blocks.block(at: height) }
    }

    func height(of block: BlockHash) -> Height? {
        answered { () throws(StorageFailure) in try store.blocks.height(of: block) }
    }

    func finalization(atOrAbove height: Height) -> (height: Height, certificate: Certificate)? {
        answered { () throws(StorageFailure) in try store.blocks.finalization(atOrAbove: height) }
    }

    func receipts(at height: Height) -> [Receipt]? {
        answered { () throws(StorageFailure) in try store.blocks.receipts(at: height) }
    }

    func validators(after closing: BlockHeader) -> ValidatorSetRecord? {
        answered { () throws(StorageFailure) in try store.blocks.opening(of: closing.nextEpoch)?.validators }
    }

    var snapshot: Height? { store.state.snapshots.last }

    func chunk(_ path: NibblePath, at height: Height) -> (chunk: StateChunk?, height: Height)? {
        guard store.state.snapshots.contains(height) else { return nil }
        return answered { () throws(StorageFailure) in try store.state.chunk(path, at: height) }.map {
            ($0.chunk, height)
        }
    }

    func value(_ key: StateKey) -> [UInt8]? { store.value(key) }

    func contains(_ transaction: TransactionID) -> Bool { store.contains(transaction) }

    func node(_ key: NodeKey) -> [UInt8]? { store.node(key) }

    var parameters: ParametersRecord { store.parameters }
}
