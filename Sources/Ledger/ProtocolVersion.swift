public import Codec

/// Which rules a block is executed by, counted from 1.
///
/// A chain begins with the first version and follows the next one from the height on that the organisations decide
/// (``Change/activateVersion(_:)``). One program has the rules of all versions up to ``latest`` and asks the state of a
/// block which of them count, so that it executes a chain's whole history; one that does not have them stops before the
/// height (``ProtocolRecord``).
///
/// | version | what it changed |
/// |---|---|
/// | 1 | |
/// | 2 | an organisation is not admitted under the name of another one that differs in the case of letters alone |
public struct ProtocolVersion: RawRepresentable, Hashable, Comparable, Sendable {
    /// A number from 1.
    public let rawValue: UInt64

    /// A version.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The version that every chain begins with.
    public static let first = ProtocolVersion(rawValue: 1)
    /// Names are compared without regard to the case of letters.
    static let caseless = ProtocolVersion(rawValue: 2)
    /// The newest version that this program has the rules of.
    public static let latest = caseless

    /// The version after this one.
    public var next: ProtocolVersion { ProtocolVersion(rawValue: rawValue + 1) }

    public static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool { left.rawValue < right.rawValue }
}

extension ProtocolVersion: CBORCodable, CustomStringConvertible {
    /// The most that a decoder follows: nobody comes that far.
    private static let maximum: UInt64 = 65_535

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let number = try reader.readUnsigned(max: Self.maximum)
        guard number > 0 else { throw .invalid(field: "protocol version") }
        rawValue = number
    }

    public func encode(to writer: inout CBORWriter) { writer.write(rawValue) }

    public var description: String { "\(rawValue)" }
}

/// From which block on a version's rules count: `[version, height]`.
public struct ProtocolActivation: Hashable, Sendable {
    /// How many blocks lie between the decision and the first block under the new rules, at least: whoever has not
    /// installed a program that has them hears of it before.
    public static let shortestNotice: UInt64 = 100
    /// How many, at most.
    public static let longestNotice: UInt64 = 10_000_000

    /// The rules.
    public var version: ProtocolVersion
    /// The first block that they count for.
    public var height: Height

    /// A version with its first block.
    public init(version: ProtocolVersion, height: Height) {
        self.version = version
        self.height = height
    }
}

extension ProtocolActivation: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        version = try reader.read()
        height = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(version)
        writer.write(height)
    }
}
