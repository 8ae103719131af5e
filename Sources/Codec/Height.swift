/// A block's position in the chain; the genesis block stands at 0.
public struct Height: RawRepresentable, Hashable, Comparable, Sendable {
    /// The position.
    public let rawValue: UInt64

    /// The genesis block's position.
    public static let genesis = Height(rawValue: 0)

    /// A position.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The position after this one.
    public var next: Height { Height(rawValue: rawValue + 1) }

    public static func < (left: Height, right: Height) -> Bool { left.rawValue < right.rawValue }
}

extension Height: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        rawValue = try reader.readUnsigned(max: UInt64(Int64.max))
    }

    public func encode(to writer: inout CBORWriter) { writer.write(rawValue) }
}

extension Height: CustomStringConvertible {
    public var description: String { "\(rawValue)" }
}
