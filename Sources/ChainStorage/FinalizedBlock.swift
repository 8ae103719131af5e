public import Codec
public import Consensus
public import Cryptography
public import Ledger

/// A block that is final, with everything that it does: what a store writes for one height.
public struct FinalizedBlock: Sendable {
    /// The block.
    public let block: Block
    /// The finalization of this very block; nothing when it is final as an ancestor of one, and for the genesis block.
    public let certificate: Certificate?
    /// What its transactions did.
    public let execution: Execution
    /// What that does to the state tree.
    public let update: TreeUpdate

    /// A block with what follows from it.
    public init(block: Block, certificate: Certificate?, execution: Execution, update: TreeUpdate) {
        self.block = block
        self.certificate = certificate
        self.execution = execution
        self.update = update
    }

    /// The first block of a chain, which follows from the genesis file.
    public static func genesis(_ genesis: Genesis) -> FinalizedBlock {
        let changes = genesis.initialState
        let update = StateTree.update(changes, to: .empty, version: .genesis, in: EmptyTree())
        let header = BlockHeader.genesis(genesis, stateRoot: update.root.hash)
        return FinalizedBlock(
            block: Block(header: header, transactions: []), certificate: nil,
            execution: Execution(receipts: [], changes: changes, entries: []), update: update)
    }

    private struct EmptyTree: StateTreeReader {
        func node(_ key: NodeKey) -> [UInt8]? { nil }
    }
}

/// The last block of a chain and what the next one needs to know of all the others.
public struct ChainTip: Hashable, Sendable {
    static let format: UInt64 = 1

    /// The chain.
    public let chain: ChainID
    /// The block's position.
    public let height: Height
    /// The block's hash.
    public let hash: BlockHash
    /// The tree over the hashes of all blocks, this one included: its root is the next block's ancestry root.
    public let ancestry: MerkleFrontier

    /// The tip after `header`, whose parent is the tip before; nothing before a genesis block.
    init(_ header: BlockHeader, hash: BlockHash, ancestry: MerkleFrontier) {
        chain = header.chain
        height = header.height
        self.hash = hash
        self.ancestry = ancestry
    }
}

extension ChainTip: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        guard try reader.readUnsigned() == Self.format else { throw .invalid(field: "format") }
        chain = try reader.read()
        height = try reader.read()
        hash = try reader.read()
        ancestry = try reader.read()
        guard ancestry.count == height.rawValue + 1 else { throw .invalid(field: "ancestry") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(Self.format)
        writer.write(chain)
        writer.write(height)
        writer.write(hash)
        writer.write(ancestry)
    }
}
