package import ChainStorage
package import Codec
package import Consensus
package import Ledger
package import Replication

/// The shipped store as a replica reads it.
package struct StoredChain: ChainReader {
    package let ledger: LedgerStore

    /// The chain in an open store.
    package init(ledger: LedgerStore) { self.ledger = ledger }

    package var position: ChainPosition {
        let tip = ledger.tip
        guard let header = header(at: tip.height) else { preconditionFailure("the tip has a header") }
        return ChainPosition(header: header, hash: tip.hash, state: ledger.state.root, ancestry: tip.ancestry)
    }

    package func header(at height: Height) -> BlockHeader? { sound { try ledger.blocks.header(at: height) } }
    package func block(at height: Height) -> Block? { sound { try ledger.blocks.block(at: height) } }
    package func height(of block: BlockHash) -> Height? { sound { try ledger.blocks.height(of: block) } }
    package func finalization(atOrAbove height: Height) -> (height: Height, certificate: Certificate)? {
        sound { try ledger.blocks.finalization(atOrAbove: height) }
    }
    package func value(_ key: StateKey) -> [UInt8]? { ledger.value(key) }
    package func contains(_ transaction: TransactionID) -> Bool { ledger.contains(transaction) }
    package func node(_ key: NodeKey) -> [UInt8]? { ledger.node(key) }

    private func sound<Value>(_ read: () throws -> Value) -> Value {
        do { return try read() } catch { preconditionFailure("memory does not rot: \(error)") }
    }
}
