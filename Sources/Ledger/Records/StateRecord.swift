public import Codec

/// What a state leaf holds beside its history.
public protocol StateRecord: CBORCodable, Hashable, Sendable {
    /// What finds it.
    associatedtype ID: Hashable, Sendable
    /// Its place in the key space.
    static var kind: StateKind { get }
    /// The bytes that its key is a hash of.
    static func bytes(of id: ID) -> [UInt8]
}

extension StateRecord {
    /// Where the record of `id` stands.
    public static func key(_ id: ID) -> StateKey { StateKey(kind, bytes(of: id)) }
}

extension StateRecord where ID: DigestIdentifier {
    public static func bytes(of id: ID) -> [UInt8] { id.bytes }
}

/// The identifier of a record of which there is one.
public enum Only: Hashable, Sendable {
    case only
}

extension StateRecord where ID == Only {
    public static func bytes(of id: Only) -> [UInt8] { [] }
}

/// A state leaf: `[record, history count, history head]`.
///
/// A leaf of a kind without history has the count 0 and the head of 32 zero bytes for ever.
public struct Leaf<Record: StateRecord>: Hashable, Sendable {
    /// What is known of the subject.
    public var record: Record
    /// Its history's length and head.
    public var history: HistoryHead

    /// A leaf.
    public init(_ record: Record, history: HistoryHead = .empty) {
        self.record = record
        self.history = history
    }
}

extension Leaf: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        record = try Record(from: &reader)
        history = HistoryHead(count: try reader.readUnsigned(), digest: try reader.read())
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(record)
        writer.write(history.count)
        writer.write(history.digest)
    }
}
