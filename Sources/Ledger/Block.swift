public import Codec
public import Cryptography

/// What is voted on: everything about a block in 13 fields.
///
/// `[version, chain, height, epoch, time, parent, ancestry root, transactions root, receipts root, state root,
/// validators, next validators, proposer]`
public struct BlockHeader: Hashable, Sendable {
    /// The version of the format.
    public static let version: UInt64 = 1
    static let domain = Domain("block-header")

    /// The chain.
    public var chain: ChainID
    /// The block's position; the genesis block's is 0.
    public var height: Height
    /// The period with one validator set, from 0.
    public var epoch: UInt64
    /// The proposer's clock, above the parent's time.
    public var time: Timestamp
    /// The block before; 32 zero bytes before the genesis block.
    public var parent: BlockHash
    /// RFC 6962 root over the hashes of all earlier blocks, so that a recent header proves any older one.
    public var ancestryRoot: Digest
    /// RFC 6962 root over the transactions' bytes.
    public var transactionsRoot: Digest
    /// RFC 6962 root over the receipts' encodings.
    public var receiptsRoot: Digest
    /// The state after this block.
    public var stateRoot: Digest
    /// Who decides on this block (``ValidatorSetRecord/hash``).
    public var validatorsHash: Digest
    /// Who decides on the next one.
    public var nextValidatorsHash: Digest
    /// The proposer's place in the set, from 0.
    public var proposer: Int

    /// A header.
    public init(
        chain: ChainID, height: Height, epoch: UInt64, time: Timestamp, parent: BlockHash, ancestryRoot: Digest,
        transactionsRoot: Digest, receiptsRoot: Digest, stateRoot: Digest, validatorsHash: Digest,
        nextValidatorsHash: Digest, proposer: Int
    ) {
        self.chain = chain
        self.height = height
        self.epoch = epoch
        self.time = time
        self.parent = parent
        self.ancestryRoot = ancestryRoot
        self.transactionsRoot = transactionsRoot
        self.receiptsRoot = receiptsRoot
        self.stateRoot = stateRoot
        self.validatorsHash = validatorsHash
        self.nextValidatorsHash = nextValidatorsHash
        self.proposer = proposer
    }

    /// Whether this block changes who decides: it is the last of its epoch, and what follows is the next one's.
    public var closesEpoch: Bool { nextValidatorsHash != validatorsHash }

    /// The epoch of a block that builds on this one.
    public var nextEpoch: UInt64 { closesEpoch ? epoch + 1 : epoch }

    /// The block's identity.
    public var hash: BlockHash { BlockHash(.hash(encoded, in: Self.domain)) }

    /// The first block of a chain: no transactions, no parent, the state that the genesis file describes.
    public static func genesis(_ genesis: Genesis, stateRoot: Digest) -> BlockHeader {
        let empty = MerkleTree.emptyRoot
        let validators = genesis.validatorSet.hash
        return BlockHeader(
            chain: genesis.chain, height: .genesis, epoch: 0, time: genesis.time, parent: BlockHash(.zero),
            ancestryRoot: empty, transactionsRoot: empty, receiptsRoot: empty, stateRoot: stateRoot,
            validatorsHash: validators, nextValidatorsHash: validators, proposer: 0)
    }
}

extension BlockHeader: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 13)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "block version") }
        chain = try reader.read()
        height = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(Int64.max))
        time = try reader.read()
        parent = try reader.read()
        ancestryRoot = try reader.read()
        transactionsRoot = try reader.read()
        receiptsRoot = try reader.read()
        stateRoot = try reader.read()
        validatorsHash = try reader.read()
        nextValidatorsHash = try reader.read()
        proposer = try reader.readInt(max: Genesis.maximumValidators - 1)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(13)
        writer.write(Self.version)
        writer.write(chain)
        writer.write(height)
        writer.write(epoch)
        writer.write(time)
        writer.write(parent)
        writer.write(ancestryRoot)
        writer.write(transactionsRoot)
        writer.write(receiptsRoot)
        writer.write(stateRoot)
        writer.write(validatorsHash)
        writer.write(nextValidatorsHash)
        writer.write(UInt64(proposer))
    }
}

/// A header with the transactions that it commits to: `[header, [transaction's bytes…]]`.
public struct Block: Hashable, Sendable {
    /// The most transactions that a decoder follows.
    public static let maximumTransactions = 65_536

    /// What is voted on.
    public var header: BlockHeader
    /// In the order of execution.
    public var transactions: [Transaction]

    /// A block.
    public init(header: BlockHeader, transactions: [Transaction]) {
        self.header = header
        self.transactions = transactions
    }

    /// What ``BlockHeader/transactionsRoot`` must be.
    public static func transactionsRoot(of transactions: [Transaction]) -> Digest {
        MerkleTree.root(ofLeafHashes: transactions.map(\.leafHash))
    }

    /// What ``BlockHeader/receiptsRoot`` must be.
    public static func receiptsRoot(of receipts: [Receipt]) -> Digest { MerkleTree.root(of: receipts.map(\.encoded)) }
}

extension Block: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        header = try reader.read()
        let count = try reader.readArrayCount(max: Self.maximumTransactions)
        transactions = []
        for _ in 0..<count {
            transactions.append(try Transaction(decoding: try reader.readBytes(max: Transaction.maximumBytes)))
        }
    }

    public var expectedLength: Int { transactions.reduce(512) { $0 + $1.bytes.count + 5 } }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(header)
        writer.beginArray(transactions.count)
        for transaction in transactions { writer.write(bytes: transaction.bytes) }
    }
}
