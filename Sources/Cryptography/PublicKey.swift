public import Codec

/// A point of secp256k1 that is not infinity, in its 33-byte compressed form, already parsed.
///
/// Parsing costs a seventh of checking a signature, so a key is parsed once and kept.
public struct PublicKey: Sendable {
    /// Bytes of the compressed form.
    public static let length = 33

    let point: Secp256k1.ParsedPoint
    /// The coordinate, 32 bytes.
    package let x: Digest
    /// 02 or 03, which of the two points.
    package let prefix: UInt8

    /// - Parameter bytes: 33 bytes with prefix 02 or 03, on the curve; nothing else is a key.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let key = Array(bytes).withUnsafeBytes({ PublicKey(compressed: $0) }) else { return nil }
        self = key
    }

    /// - Parameter memory: As ``init(_:)`` takes them, borrowed.
    init?(compressed memory: UnsafeRawBufferPointer) {
        guard let point = Secp256k1.ParsedPoint(compressed: memory), let base = memory.baseAddress else { return nil }
        self.point = point
        x = Digest(at: base + 1)
        prefix = memory[0]
    }

    init(point: Secp256k1.ParsedPoint) {
        let bytes = point.compressed
        guard let x = Digest(bytes[1...]) else { preconditionFailure("a compressed point has 33 bytes") }
        self.point = point
        self.x = x
        prefix = bytes[0]
    }

    /// The 33 bytes.
    public var bytes: [UInt8] { [prefix] + x.bytes }

    /// Whether the owner of this key signed `message` for `domain`.
    public func isValid(_ signature: Signature, for message: [UInt8], in domain: Domain) -> Bool {
        isValid(signature, forDigest: .hash(message, in: domain))
    }

    /// Whether the owner of this key signed a message with this hash (ES256K, low S).
    public func isValid(_ signature: Signature, forDigest digest: Digest) -> Bool {
        signature.withUnsafeBytes { Secp256k1.verify($0, of: digest, by: point) }
    }
}

extension PublicKey: Hashable, Comparable {
    public static func == (left: PublicKey, right: PublicKey) -> Bool {
        left.x == right.x && left.prefix == right.prefix
    }

    public static func < (left: PublicKey, right: PublicKey) -> Bool { (left.prefix, left.x) < (right.prefix, right.x) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(x)
        hasher.combine(prefix)
    }
}

extension PublicKey: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let bytes = try reader.readBytes(exactly: Self.length)
        guard let key = bytes.withUnsafeBytes({ PublicKey(compressed: $0) }) else {
            throw .invalid(field: "public key")
        }
        self = key
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

extension PublicKey: CustomStringConvertible {
    public var description: String { bytes.hex }
}
