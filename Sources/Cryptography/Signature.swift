public import Codec

/// An ES256K signature: r||s, 64 bytes, s in the lower half (RFC 8812, RFC 6979).
///
/// A value of this type has r and s in range and s low; whether it is valid is for a key to say.
public struct Signature: Hashable, Sendable {
    /// Bytes of a signature.
    public static let length = 64

    private let r: Digest
    private let s: Digest

    /// - Parameter bytes: 64 bytes; a high s, a zero or a value not below the order is refused.
    public init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard Secp256k1.isLowS(bytes), let r = Digest(bytes[..<32]), let s = Digest(bytes[32...]) else { return nil }
        self.r = r
        self.s = s
    }

    /// The 64 bytes.
    public var bytes: [UInt8] { r.bytes + s.bytes }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 8) { buffer in
            r.withUnsafeBytes { buffer.copyMemory(from: $0) }
            s.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[32...]).copyMemory(from: $0) }
            return body(UnsafeRawBufferPointer(buffer))
        }
    }
}

extension Signature: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let signature = Signature(try reader.readBytes(exactly: Self.length)) else {
            throw .invalid(field: "signature")
        }
        self = signature
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}
