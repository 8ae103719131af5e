public import Codec

/// Who has deleted what it held of an erased document or an ended grant: `[[validator, height, kept]…]`, ascending by
/// validator. There is no leaf before the first confirmation.
public struct ErasureRecord: StateRecord {
    /// One validator's word.
    public struct Confirmation: Hashable, Sendable {
        /// Who.
        public var validator: ValidatorID
        /// The block.
        public var height: Height
        /// Pieces of content that stay because another document names them.
        public var kept: Int
    }

    public typealias ID = Subject
    public static var kind: StateKind { .erasure }

    /// The confirmations.
    public private(set) var confirmations: [Confirmation]

    init() { confirmations = [] }

    /// When a validator confirmed, and what it keeps; nothing before.
    public subscript(validator: ValidatorID) -> Confirmation? { confirmations.first { $0.validator == validator } }

    /// As many as may hold anything at one time: a full set, and all that left it and still follow.
    static let maximumConfirmations = 2 * Genesis.maximumValidators

    /// Takes another confirmation in. Where that would be too many, those of validators that are gone make room: what they
    /// said stays in the histories.
    ///
    /// - Parameter present: Whether a validator belongs to the set or follows; at most ``maximumConfirmations`` do.
    mutating func add(_ confirmation: Confirmation, present: (ValidatorID) -> Bool) {
        confirmations = (confirmations + [confirmation]).sorted { $0.validator < $1.validator }
        if confirmations.count > Self.maximumConfirmations { confirmations.removeAll { !present($0.validator) } }
    }

    public static func bytes(of id: Subject) -> [UInt8] { id.encoded }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        confirmations = try reader.readArray(max: Self.maximumConfirmations)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: confirmations) }
}

extension ErasureRecord.Confirmation: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        validator = try reader.read()
        height = try reader.read()
        kept = try reader.readInt(max: ConfirmErasure.maximumKept)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(validator)
        writer.write(height)
        writer.write(UInt64(kept))
    }
}
