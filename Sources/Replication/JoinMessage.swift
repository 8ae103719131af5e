public import Codec
public import Consensus
public import Ledger

/// What a node that joins by a snapshot and those who help it say to each other: `[kind, …]`.
public enum JoinMessage: Hashable, Sendable {
    /// Asks for the newest snapshot: `[1]`.
    case offerRequest
    /// The newest snapshot here, 0 for none; also the answer to whoever asks for a piece of another one: `[2, height]`.
    case offer(Height)
    /// Asks for final blocks from a height on, none above another: `[3, from, through]`.
    case blocksRequest(from: Height, through: Height)
    /// The blocks: `[4, [[block, [receipt…]]…], [header…], certificate, [consensus key…] or null]`.
    case blocks(JoinBlocks)
    /// Asks for a piece of the state after a block: `[5, height, path]`.
    case chunkRequest(Height, NibblePath)
    /// The piece, or nothing when it is too large: `[6, height, path, chunk or null]`.
    case chunk(Height, NibblePath, StateChunk?)
}

/// Final blocks with all that their headers commit to but the state, for a node that does not execute them.
public struct JoinBlocks: Hashable, Sendable {
    /// A block with its receipts.
    public struct Item: Hashable, Sendable {
        /// The block.
        public var block: Block
        /// One a transaction.
        public var receipts: [Receipt]

        /// A block with its receipts.
        public init(block: Block, receipts: [Receipt]) {
            self.block = block
            self.receipts = receipts
        }
    }

    /// In order; nothing follows the block that closes an epoch.
    public var items: [Item]
    /// The headers between the last of them and the certified block.
    public var headers: [BlockHeader]
    /// The finalization that proves them all.
    public var certificate: Certificate
    /// Who decides on what follows, if the last block closes its epoch.
    public var validators: ValidatorSetRecord?

    /// Blocks with what proves them.
    public init(items: [Item], headers: [BlockHeader], certificate: Certificate, validators: ValidatorSetRecord?) {
        self.items = items
        self.headers = headers
        self.certificate = certificate
        self.validators = validators
    }
}

extension JoinMessage: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 5)
        switch (try reader.readInt(max: 255), count) {
        case (1, 1): self = .offerRequest
        case (2, 2): self = .offer(try reader.read())
        case (3, 3): self = .blocksRequest(from: try reader.read(), through: try reader.read())
        case (4, 5):
            let items = try reader.readArray(of: JoinBlocks.Item.self, max: Packet.maximumBlocks)
            let headers = try reader.readArray(of: BlockHeader.self, max: Packet.maximumHeaders)
            self = .blocks(
                JoinBlocks(
                    items: items, headers: headers, certificate: try reader.read(),
                    validators: try reader.readOptional()))
        case (5, 3): self = .chunkRequest(try reader.read(), try Self.path(from: &reader))
        case (6, 4): self = .chunk(try reader.read(), try Self.path(from: &reader), try reader.readOptional())
        default: throw .invalid(field: "join message")
        }
    }

    private static func path(from reader: inout CBORReader) throws(DecodingFailure) -> NibblePath {
        let path: NibblePath = try reader.read()
        guard path.count <= StateChunk.maximumDepth else { throw .invalid(field: "path") }
        return path
    }

    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .offerRequest:
            writer.beginArray(1)
            writer.write(UInt64(1))
        case .offer(let height):
            writer.beginArray(2)
            writer.write(UInt64(2))
            writer.write(height)
        case .blocksRequest(let first, let last):
            writer.beginArray(3)
            writer.write(UInt64(3))
            writer.write(first)
            writer.write(last)
        case .blocks(let blocks):
            writer.beginArray(5)
            writer.write(UInt64(4))
            writer.write(array: blocks.items)
            writer.write(array: blocks.headers)
            writer.write(blocks.certificate)
            writer.write(optional: blocks.validators)
        case .chunkRequest(let height, let path):
            writer.beginArray(3)
            writer.write(UInt64(5))
            writer.write(height)
            writer.write(path)
        case .chunk(let height, let path, let chunk):
            writer.beginArray(4)
            writer.write(UInt64(6))
            writer.write(height)
            writer.write(path)
            writer.write(optional: chunk)
        }
    }
}

extension JoinBlocks.Item: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        block = try reader.read()
        receipts = try reader.readArray(max: Block.maximumTransactions)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(block)
        writer.write(array: receipts)
    }
}
