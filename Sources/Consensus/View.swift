public import Codec

/// A turn of one leader; turns are numbered from 1 in every epoch, and 0 stands for the block the epoch began with.
public struct View: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number of the turn.
    public let rawValue: UInt64

    /// Where an epoch begins: its opening block counts as notarized and final in this view.
    public static let genesis = View(rawValue: 0)

    /// The turn with this number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The turn after this one.
    public var next: View { View(rawValue: rawValue + 1) }

    /// The turn before this one.
    var previous: View {
        precondition(rawValue > 0, "nothing precedes the view an epoch begins with")
        return View(rawValue: rawValue - 1)
    }

    public static func < (left: View, right: View) -> Bool { left.rawValue < right.rawValue }
}

extension View: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        rawValue = try reader.readUnsigned(max: UInt64(Int64.max))
    }

    public func encode(to writer: inout CBORWriter) { writer.write(rawValue) }
}

extension View: CustomStringConvertible {
    public var description: String { "\(rawValue)" }
}

/// A period with one validator set; the genesis block opens epoch 0.
public struct Epoch: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number of the period.
    public let rawValue: UInt64

    /// The period that the genesis block opens.
    public static let first = Epoch(rawValue: 0)

    /// The period with this number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }
}

extension Epoch: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        rawValue = try reader.readUnsigned(max: UInt64(Int64.max))
    }

    public func encode(to writer: inout CBORWriter) { writer.write(rawValue) }
}
