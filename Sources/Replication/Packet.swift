public import Codec
public import Consensus
public import Ledger

/// What validators send each other: consensus messages, transactions, and blocks on request. Bytes: `[kind, …]`.
public enum Packet: Sendable {
    /// The most bytes of a packet, blocks included.
    public static let maximumBytes = 8 << 20
    /// The most transactions that travel together.
    public static let maximumTransactions = 1024
    /// The most headers that follow the blocks of a range.
    public static let maximumHeaders = 4096
    /// The most blocks in a range.
    public static let maximumBlocks = 1024

    /// A consensus message; a proposal brings its block.
    case consensus(Message, Block?)
    /// Transactions that clients handed to the sender.
    case transactions([Transaction])
    /// Asks for a block by its hash.
    case blockRequest(BlockHash)
    /// A block that was asked for.
    case block(Block)
    /// Asks for final blocks from a height on.
    case rangeRequest(from: Height)
    /// Final blocks in order, the headers between the last of them and the certified block, and the certificate that
    /// proves them all.
    case range([Block], headers: [BlockHeader], Certificate)
    /// Between a node that joins by a snapshot and one that helps it.
    case join(JoinMessage)

    /// How urgent a packet is.
    public enum Urgency: Hashable, Sendable {
        /// Votes, certificates, proposals: never behind anything else.
        case consensus
        /// New transactions.
        case transactions
        /// Everything that helps others to catch up.
        case bulk
    }

    /// How urgent this packet is.
    public var urgency: Urgency {
        switch self {
        case .consensus, .blockRequest: .consensus
        case .transactions: .transactions
        case .block, .rangeRequest, .range, .join: .bulk
        }
    }
}

extension Packet: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let start = reader.position
        let count = try reader.readArrayCount(max: 4)
        switch (try reader.readInt(max: 255), count) {
        case (1, 3): self = .consensus(try reader.read(), try reader.readOptional())
        case (2, 2): self = .transactions(try Self.readTransactions(from: &reader))
        case (3, 2): self = .blockRequest(try reader.read())
        case (4, 2): self = .block(try reader.read())
        case (5, 2): self = .rangeRequest(from: try reader.read())
        case (6, 4):
            let blocks = try reader.readArray(of: Block.self, max: Self.maximumBlocks)
            let headers = try reader.readArray(of: BlockHeader.self, max: Self.maximumHeaders)
            self = .range(blocks, headers: headers, try reader.read())
        case (7, 2): self = .join(try reader.read())
        default: throw .unexpectedType(expected: "packet", offset: start)
        }
    }

    private static func readTransactions(from reader: inout CBORReader) throws(DecodingFailure) -> [Transaction] {
        let count = try reader.readArrayCount(max: maximumTransactions)
        var transactions: [Transaction] = []
        for _ in 0..<count {
            transactions.append(try Transaction(decoding: try reader.readBytes(max: Transaction.maximumBytes)))
        }
        return transactions
    }

    public var expectedLength: Int {
        switch self {
        case .consensus(_, let block): 1024 + (block?.expectedLength ?? 0)
        case .transactions(let transactions): transactions.reduce(16) { $0 + $1.bytes.count + 5 }
        case .block(let block): 16 + block.expectedLength
        case .range(let blocks, let headers, _):
            blocks.reduce(2048 + headers.count * 320) { $0 + $1.expectedLength }
        case .join(.blocks(let blocks)):
            blocks.items.reduce(2048 + blocks.headers.count * 320) { $0 + $1.block.expectedLength }
        case .blockRequest, .rangeRequest, .join: 64
        }
    }

    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .consensus(let message, let block):
            writer.beginArray(3)
            writer.write(1)
            writer.write(message)
            writer.write(optional: block)
        case .transactions(let transactions):
            writer.beginArray(2)
            writer.write(2)
            writer.beginArray(transactions.count)
            for transaction in transactions { writer.write(bytes: transaction.bytes) }
        case .blockRequest(let hash):
            writer.beginArray(2)
            writer.write(3)
            writer.write(hash)
        case .block(let block):
            writer.beginArray(2)
            writer.write(4)
            writer.write(block)
        case .rangeRequest(let height):
            writer.beginArray(2)
            writer.write(5)
            writer.write(height)
        case .range(let blocks, let headers, let certificate):
            writer.beginArray(4)
            writer.write(6)
            writer.write(array: blocks)
            writer.write(array: headers)
            writer.write(certificate)
        case .join(let message):
            writer.beginArray(2)
            writer.write(7)
            writer.write(message)
        }
    }
}
