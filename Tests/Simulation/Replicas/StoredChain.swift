package import ChainStorage
package import Codec
package import Consensus
package import Ledger
package import Replication

/// The shipped store as a replica reads it.
package struct StoredChain: ChainReader {
    package let ledger: LedgerStore
    /// Checks of the ledger that a test defeats by what the replica reads.
    var lies: Lies = []
    /// The bytes above which a piece of a snapshot is too large.
    var pieceBytes = StateChunk.maximumBytes

    /// What a store may say that is not so.
    package struct Lies: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// No block includes any transaction: none is refused as included already.
        package static let forgetful = Lies(rawValue: 1)
        /// A transaction may wait for ever: none is refused for its window.
        package static let patient = Lies(rawValue: 2)
    }

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
    package func receipts(at height: Height) -> [Receipt]? {
        sound { try ledger.blocks.receipts(at: height) }
    }

    package func validators(after closing: BlockHeader) -> ValidatorSetRecord? {
        sound { try ledger.blocks.opening(of: closing.nextEpoch)?.validators }
    }

    package var snapshot: Height? { ledger.state.snapshots.last }

    package func chunk(_ path: NibblePath, at height: Height) -> (chunk: StateChunk?, height: Height)? {
        guard ledger.state.snapshots.contains(height) else { return nil }
        return sound { try ledger.state.chunk(path, at: height, limit: pieceBytes) }.map { ($0.chunk, height) }
    }

    package func value(_ key: StateKey) -> [UInt8]? {
        let value = ledger.value(key)
        guard lies.contains(.patient), key == ParametersRecord.key(.only), let value,
            var leaf = try? Leaf<ParametersRecord>(decoding: value)
        else { return value }
        leaf.record.limits.transactionWindow = UInt64(UInt32.max)
        return leaf.encoded
    }

    package func contains(_ transaction: TransactionID) -> Bool {
        !lies.contains(.forgetful) && ledger.contains(transaction)
    }

    package func node(_ key: NodeKey) -> [UInt8]? { ledger.node(key) }

    private func sound<Value>(_ read: () throws -> Value) -> Value {
        do { return try read() } catch { preconditionFailure("memory does not rot: \(error)") }
    }
}
