public import Codec
public import Cryptography

/// The 33 bytes of a compressed key, compared and looked up without parsing the point.
///
/// Parsing costs 5 µs, and a rule only ever asks whether a key is *the* key. Whoever writes a key to the ledger parses
/// it first, so that a stored one is on the curve.
public struct KeyID: Hashable, Comparable, Sendable {
    private let prefix: UInt8
    private let x: Digest

    /// - Parameter bytes: 33 bytes with prefix 02 or 03.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == PublicKey.length, let prefix = bytes.first, prefix == 2 || prefix == 3,
            let x = Digest(bytes.dropFirst())
        else { return nil }
        self.prefix = prefix
        self.x = x
    }

    /// The bytes of a parsed key.
    public init(_ key: PublicKey) {
        prefix = key.prefix
        x = key.x
    }

    /// The 33 bytes.
    public var bytes: [UInt8] { [prefix] + x.bytes }

    /// The key, unless the bytes are no point of the curve.
    public var publicKey: PublicKey? { PublicKey(bytes) }

    public static func < (left: KeyID, right: KeyID) -> Bool { (left.prefix, left.x) < (right.prefix, right.x) }
}

extension KeyID: CBORCodable, CustomStringConvertible {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let key = KeyID(try reader.readBytes(exactly: PublicKey.length)) else { throw .invalid(field: "key") }
        self = key
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }

    public var description: String { bytes.hex }
}
