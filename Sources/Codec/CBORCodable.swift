/// A value with exactly one encoding.
public protocol CBOREncodable {
    /// Appends the one encoding of this value.
    func encode(to writer: inout CBORWriter)
    /// About how many bytes that takes, so that what is long is written into one piece of memory.
    var expectedLength: Int { get }
}

/// A value that can be read from its one encoding.
public protocol CBORDecodable {
    /// Reads the value, or says what is wrong with the bytes.
    init(from reader: inout CBORReader) throws(DecodingFailure)
}

/// A value with exactly one encoding, in both directions.
public typealias CBORCodable = CBOREncodable & CBORDecodable

extension CBOREncodable {
    /// What most values need.
    @inlinable
    public var expectedLength: Int { 256 }

    /// The encoding.
    @inlinable
    public var encoded: [UInt8] {
        var writer = CBORWriter(capacity: expectedLength)
        encode(to: &writer)
        return writer.bytes
    }
}

extension CBORDecodable {
    /// Reads a value that takes up all of `bytes`.
    @inlinable
    public init(decoding bytes: [UInt8]) throws(DecodingFailure) {
        var reader = CBORReader(bytes)
        self = try Self(from: &reader)
        try reader.finish()
    }
}
