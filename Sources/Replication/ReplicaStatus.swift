public import Codec
public import Consensus
public import Ledger

/// Where a validator stands and what it waits for: the answer to "why is it stuck?".
public struct ReplicaStatus: Hashable, Sendable {
    /// What consensus waits for.
    public let engine: EngineReport
    /// The height of the last stored block.
    public let height: Height
    /// The hash of the last stored block.
    public let tip: BlockHash
    /// The height of the highest block known to be final; above ``height`` while blocks are missing.
    public let finalized: Height
    /// The highest height that another validator claims; a hint.
    public let claimed: Height
    /// Blocks that were asked for and have not come.
    public let missing: [BlockHash]
    /// Transactions that wait to be put into a block.
    public let waitingTransactions: Int
    /// Their bytes.
    public let waitingBytes: Int
    /// Executed blocks that are not final yet.
    public let unfinalizedBlocks: Int
}

extension Replica {
    /// Where this validator stands.
    public var status: ReplicaStatus {
        let position = store.position
        return ReplicaStatus(
            engine: engine.report, height: position.header.height, tip: position.hash,
            finalized: engine.finalizedBlock.height, claimed: catchUp.target, missing: blocks.wanted.map(\.hash),
            waitingTransactions: mempool.count, waitingBytes: mempool.bytes, unfinalizedBlocks: overlays.count)
    }
}
