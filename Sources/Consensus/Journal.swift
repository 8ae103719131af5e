public import Codec

/// What a validator must not forget: facts, in the order in which they became true.
///
/// The file only frames records; their bytes are made and read here. Replaying them restores what was known and said
/// and never decides anything (Protocol.md, "Recovery").
public enum Journal {
    /// The most bytes of a record, a block's body included.
    public static let maximumRecordLength = 8 << 20

    /// One fact.
    public enum Record: Hashable, Sendable {
        /// This validator said it. Durable before anybody hears it.
        case vote(Vote)
        /// A quorum said it.
        case certificate(Certificate)
        /// The block notarized in this view is here, executed and durable, or is invalid.
        case certified(Epoch, View, Bool)
        /// The journal before this record was lost. The first record of the new one; until an ``abstains(_:through:)``
        /// follows, this validator says nothing.
        case lost(Epoch)
        /// The journal was lost: nothing may be said in the views up to this one.
        case abstains(Epoch, through: View)
        /// The body of a block that a following record refers to; opaque to consensus.
        case block([UInt8])
        /// An epoch has begun: the finalization of the block that closed the one before, nothing for the first, and who
        /// decides now. The journal of the epoch before goes with it.
        case epochStart(Epoch, Certificate?, ValidatorSet)
    }
}

extension Journal.Record: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 4)
        let kind = try reader.readInt(max: 255)
        switch (kind, count) {
        case (1, 2): self = .vote(try reader.read())
        case (2, 2): self = .certificate(try reader.read())
        case (3, 4): self = .certified(try reader.read(), try reader.read(), try reader.readBool())
        case (4, 3): self = .abstains(try reader.read(), through: try reader.read())
        case (5, 2): self = .block(try reader.readBytes(max: Journal.maximumRecordLength))
        case (6, 2): self = .lost(try reader.read())
        case (7, 4): self = .epochStart(try reader.read(), try reader.readOptional(), try reader.read())
        default: throw .invalid(field: "record")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .vote(let vote):
            writer.beginArray(2)
            writer.write(1)
            writer.write(vote)
        case .certificate(let certificate):
            writer.beginArray(2)
            writer.write(2)
            writer.write(certificate)
        case .certified(let epoch, let view, let certified):
            writer.beginArray(4)
            writer.write(3)
            writer.write(epoch)
            writer.write(view)
            writer.write(certified)
        case .abstains(let epoch, let view):
            writer.beginArray(3)
            writer.write(4)
            writer.write(epoch)
            writer.write(view)
        case .lost(let epoch):
            writer.beginArray(2)
            writer.write(6)
            writer.write(epoch)
        case .block(let bytes):
            writer.beginArray(2)
            writer.write(5)
            writer.write(bytes: bytes)
        case .epochStart(let epoch, let finalization, let validators):
            writer.beginArray(4)
            writer.write(7)
            writer.write(epoch)
            writer.write(optional: finalization)
            writer.write(validators)
        }
    }
}
