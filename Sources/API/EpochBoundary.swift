public import Codec
public import Consensus
public import Ledger

/// Where one epoch ends and the next begins: `[header, finalization, [consensus key…]]`.
///
/// The header is that of the block that closes the epoch, the finalization is by the epoch's own validators, and the keys
/// are those who decide from the next block on: their hash stands in the header.
public struct EpochBoundary: Hashable, Sendable {
    /// The block that closes the epoch.
    public let header: BlockHeader
    /// What makes it final.
    public let certificate: Certificate
    /// Who decides next.
    public let validators: ValidatorSetRecord

    /// A boundary; nothing is checked here but by ``TrustAnchor/follow(_:)``.
    public init(header: BlockHeader, certificate: Certificate, validators: ValidatorSetRecord) {
        self.header = header
        self.certificate = certificate
        self.validators = validators
    }
}

extension EpochBoundary: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        header = try reader.read()
        certificate = try reader.read()
        validators = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(header)
        writer.write(certificate)
        writer.write(validators)
    }
}

/// The boundaries from an epoch on, in order: an array.
public struct EpochsReply: Hashable, Sendable {
    /// The most boundaries of an answer; who needs more asks again.
    public static let maximumCount = 64

    /// The ends of the epochs from the one asked for on; fewer than there are is no end.
    public let boundaries: [EpochBoundary]

    /// An answer.
    public init(boundaries: [EpochBoundary]) { self.boundaries = boundaries }
}

extension EpochsReply: CBORCodable, JSONRepresentable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        boundaries = try reader.readArray(max: Self.maximumCount)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: boundaries) }

    /// For people: which block ended each epoch, and who decides since.
    public var json: JSONValue {
        .array(
            boundaries.map { boundary in
                [
                    "epoch": .number(boundary.header.epoch), "height": .number(boundary.header.height.rawValue),
                    "block": .text(boundary.header.hash),
                    "nextValidators": .array(boundary.validators.ids.map { .text($0) }),
                ]
            })
    }
}
