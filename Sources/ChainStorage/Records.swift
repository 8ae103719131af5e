public import Codec
internal import Cryptography
public import Ledger

/// A block's transactions: an array of their bytes as received.
struct BlockBody: CBORCodable {
    let transactions: [Transaction]

    init(_ transactions: [Transaction]) { self.transactions = transactions }

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        var transactions: [Transaction] = []
        for _ in 0..<(try reader.readArrayCount(max: Block.maximumTransactions)) {
            transactions.append(try Transaction(decoding: try reader.readBytes(max: Transaction.maximumBytes)))
        }
        self.transactions = transactions
    }

    var expectedLength: Int { transactions.reduce(16) { $0 + $1.bytes.count + 5 } }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(transactions.count)
        for transaction in transactions { writer.write(bytes: transaction.bytes) }
    }
}

/// How an epoch began: `[height of the block that closed the one before, [consensus key…]]`.
public struct EpochOpening: Hashable, Sendable {
    /// The height of the block that closed the epoch before.
    public let height: Height
    /// Who decides in the epoch, in order.
    public let validators: ValidatorSetRecord
}

extension EpochOpening: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        height = try reader.read()
        validators = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(height)
        writer.write(validators)
    }
}

/// An array of records.
struct RecordList<Record: CBORCodable>: CBORCodable {
    let records: [Record]

    init(_ records: [Record]) { self.records = records }

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        records = try reader.readArray(max: Block.maximumTransactions)
    }

    var expectedLength: Int { 16 + records.count * 64 }

    func encode(to writer: inout CBORWriter) { writer.write(array: records) }
}

/// What the state database holds: `[format, chain, height, root, root's version, retained]`.
struct StateHead: Hashable, CBORCodable {
    static let format: UInt64 = 1

    let chain: ChainID
    /// The block that this is the state after.
    let height: Height
    let root: StateRoot
    /// How many heights below this one have roots that can be read.
    let retained: UInt64

    init(chain: ChainID, height: Height, root: StateRoot, retained: UInt64) {
        self.chain = chain
        self.height = height
        self.root = root
        self.retained = retained
    }

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 6)
        guard try reader.readUnsigned() == Self.format else { throw .invalid(field: "format") }
        chain = try reader.read()
        height = try reader.read()
        let hash: Digest = try reader.read()
        root = StateRoot(hash: hash, version: try reader.read())
        retained = try reader.readUnsigned(max: UInt64(UInt32.max))
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(6)
        writer.write(Self.format)
        writer.write(chain)
        writer.write(height)
        writer.write(root.hash)
        writer.write(root.version)
        writer.write(retained)
    }
}
