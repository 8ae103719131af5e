public import Codec
public import Cryptography

/// A validator's place in its set, from 0.
public struct ValidatorIndex: RawRepresentable, Hashable, Comparable, Sendable {
    /// The place.
    public let rawValue: Int

    /// The validator at this place.
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static func < (left: ValidatorIndex, right: ValidatorIndex) -> Bool { left.rawValue < right.rawValue }
}

extension ValidatorIndex: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        rawValue = try reader.readInt(max: ValidatorSet.maximumCount - 1)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(UInt64(rawValue)) }
}

extension ValidatorIndex: CustomStringConvertible {
    public var description: String { "\(rawValue)" }
}

/// The validators of one epoch, in the order that the chain gives them.
public struct ValidatorSet: Hashable, Sendable {
    /// The most validators a set may have; bounds every certificate.
    public static let maximumCount = 128

    /// The consensus keys in order.
    public let keys: [PublicKey]

    /// - Parameter keys: 1 to ``maximumCount`` keys, none twice; nothing else is a set.
    public init?(_ keys: [PublicKey]) {
        guard (1...Self.maximumCount).contains(keys.count), Set(keys).count == keys.count else { return nil }
        self.keys = keys
    }

    /// How many validators there are: n.
    public var count: Int { keys.count }

    /// How many of them may be faulty: f = (n - 1) / 3, rounded down.
    public var faults: Int { (count - 1) / 3 }

    /// How many of them decide: n - f, which for n = 5 and 6 is more than 2f + 1; any two quorums share an honest one.
    public var quorum: Int { count - faults }

    /// The places in order.
    public var indices: [ValidatorIndex] { keys.indices.map(ValidatorIndex.init(rawValue:)) }

    /// Whether somebody holds this place.
    public func contains(_ index: ValidatorIndex) -> Bool { keys.indices.contains(index.rawValue) }

    /// The key of the validator at a place that exists.
    public subscript(index: ValidatorIndex) -> PublicKey { keys[index.rawValue] }

    /// The place of a key, nothing when it is not a validator's.
    public func index(of key: PublicKey) -> ValidatorIndex? {
        keys.firstIndex(of: key).map(ValidatorIndex.init(rawValue:))
    }
}

extension ValidatorSet: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let set = ValidatorSet(try reader.readArray(max: Self.maximumCount)) else {
            throw .invalid(field: "validators")
        }
        self = set
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: keys) }
}
