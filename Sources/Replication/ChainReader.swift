public import Codec
public import Consensus
public import Cryptography
public import Ledger

/// The chain as far as it is final and stored: what a replica builds on and serves to others.
///
/// The node's stores and the simulator's conform. A damaged store ends the process: there is nothing to fall back on.
public protocol ChainReader: LedgerReader, StateTreeReader {
    /// The last stored block.
    var position: ChainPosition { get }
    /// The header at a height, nothing above the tip.
    func header(at height: Height) -> BlockHeader?
    /// The block at a height, nothing above the tip.
    func block(at height: Height) -> Block?
    /// The height of a stored block.
    func height(of block: BlockHash) -> Height?
    /// The lowest stored block at or above `height` that has a certificate of its own, with that certificate.
    func finalization(atOrAbove height: Height) -> (height: Height, certificate: Certificate)?
    /// The receipts of the block at a height.
    func receipts(at height: Height) -> [Receipt]?
    /// Who decides from the block after this one on, which closes its epoch.
    func validators(after closing: BlockHeader) -> ValidatorSetRecord?
    /// The newest block whose state is kept for nodes that join.
    var snapshot: Height? { get }
    /// A piece of the state after the block at a height, without a chunk when it is too large; nothing when that state is
    /// not kept.
    func chunk(_ path: NibblePath, at height: Height) -> (chunk: StateChunk?, height: Height)?
}

extension ChainReader {
    /// The epoch of the next block.
    public var epoch: Epoch { Epoch(rawValue: position.header.nextEpoch) }

    /// The block that opened an epoch: the genesis block, or the one that closed the epoch before. Costs a few headers.
    ///
    /// - Precondition: The epoch has begun: ``epoch`` or an earlier one.
    func opening(of epoch: Epoch) -> BlockHeader {
        // Epochs ascend with the heights: the last block of an earlier one opened this one.
        var (low, high) = (UInt64(0), position.header.height.rawValue)
        while epoch > .first, low < high {
            let middle = (low + high + 1) / 2
            guard let header = header(at: Height(rawValue: middle)) else { preconditionFailure("a chain has no gaps") }
            if header.epoch < epoch.rawValue { low = middle } else { high = middle - 1 }
        }
        guard let header = header(at: Height(rawValue: epoch > .first ? low : 0)) else {
            preconditionFailure("a store has a genesis block")
        }
        return header
    }
}

/// A block and what its child needs to know of it and of everything below.
public struct ChainPosition: Hashable, Sendable {
    /// The block's header.
    public var header: BlockHeader
    /// The header's hash.
    public var hash: BlockHash
    /// The state after the block.
    public var state: StateRoot
    /// The tree over the hashes of all blocks up to this one; its root is the child's ancestry root.
    public var ancestry: MerkleFrontier

    /// A position.
    public init(header: BlockHeader, hash: BlockHash, state: StateRoot, ancestry: MerkleFrontier) {
        self.header = header
        self.hash = hash
        self.state = state
        self.ancestry = ancestry
    }

    /// The block as consensus knows it.
    public var reference: BlockReference { BlockReference(header, hash: hash) }
}

extension BlockReference {
    /// The block with this header.
    public init(_ header: BlockHeader, hash: BlockHash) {
        self.init(hash: hash.digest, parent: header.parent.digest, height: header.height)
    }
}
