public import Codec

/// The 1216 bytes of an X-Wing public key (ML-KEM-768 and X25519), as the ledger carries them. Whoever seals parses it.
public struct SealingKeyBytes: Hashable, Sendable {
    /// Bytes of a key.
    public static let length = 1216

    /// The bytes.
    public let bytes: [UInt8]

    /// - Parameter bytes: Exactly 1216 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = Array(bytes)
    }
}

extension SealingKeyBytes: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        bytes = Array(try reader.readBytes(exactly: Self.length))
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}
