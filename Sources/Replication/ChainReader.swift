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
