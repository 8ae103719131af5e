public import Codec

/// That an organisation has stated the names of a request: `[same, stated]`.
public struct NameStatementRecord: StateRecord {
    public typealias ID = AccessID
    public static var kind: StateKind { .nameStatement }

    /// Whether who asked has the family name of whom it was about.
    public var isSame: Bool
    /// The block.
    public var stated: Height

    init(isSame: Bool, stated: Height) {
        self.isSame = isSame
        self.stated = stated
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        isSame = try reader.readBool()
        stated = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(isSame)
        writer.write(stated)
    }
}
