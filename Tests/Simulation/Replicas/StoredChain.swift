package import ChainStorage
package import Codec
package import Consensus
package import Ledger
package import Replication

/// The shipped store as a replica reads it.
package struct StoredChain: ChainReader {
    package let store: LedgerStore

    /// Opens the databases; a store that does not open is a violation of its own.
    package init(_ store: LedgerStore) { self.store = store }

    package var position: ChainPosition {
        let tip = store.tip
        guard let header = header(at: tip.height) else { preconditionFailure("the tip has a header") }
        return ChainPosition(header: header, hash: tip.hash, state: store.state.root, ancestry: tip.ancestry)
    }

    package func header(at height: Height) -> BlockHeader? { sound { try store.blocks.header(at: height) } }
    package func block(at height: Height) -> Block? { sound { try store.blocks.block(at: height) } }
    package func height(of block: BlockHash) -> Height? { sound { try store.blocks.height(of: block) } }
    package func finalization(atOrAbove height: Height) -> (height: Height, certificate: Certificate)? {
        sound { try store.blocks.finalization(atOrAbove: height) }
    }
    package func value(_ key: StateKey) -> [UInt8]? { store.value(key) }
    package func contains(_ transaction: TransactionID) -> Bool { store.contains(transaction) }
    package func node(_ key: NodeKey) -> [UInt8]? { store.node(key) }

    private func sound<Value>(_ read: () throws -> Value) -> Value {
        do { return try read() } catch { preconditionFailure("memory does not rot: \(error)") }
    }
}
