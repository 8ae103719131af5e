public import Codec

/// The name of content: its SHA-256 and how to read it (CIDv1, multiformats.io/cid).
///
/// 36 bytes: version 1, the format, 0x12 0x20 (sha2-256, 32 bytes), the hash. Shown as `b` and 58 lower-case base32
/// digits without padding. Everything else that the CID format permits is refused: one content, one name.
public struct ContentID: Hashable, Sendable {
    /// How the content is to be read.
    public enum Format: UInt8, Sendable {
        /// Opaque bytes.
        case raw = 0x55
        /// DAG-CBOR, whose links can be followed.
        case dagCBOR = 0x71
    }

    /// Bytes of an identifier.
    public static let length = 36
    /// Characters of an identifier.
    public static let textLength = 59

    /// How the content is to be read.
    public let format: Format
    /// The SHA-256 of the content, without a domain: other tools give the same name.
    public let digest: Digest

    /// The name of content whose hash is known.
    public init(format: Format, digest: Digest) {
        self.format = format
        self.digest = digest
    }

    /// The name of `content`.
    public init(of content: [UInt8], format: Format = .raw) {
        self.init(format: format, digest: .sha256(content))
    }

    /// The name of borrowed content.
    public init(of content: UnsafeRawBufferPointer, format: Format = .raw) {
        self.init(format: format, digest: .sha256(content))
    }

    /// - Parameter bytes: Exactly the 36 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        let bytes = Array(bytes)
        guard bytes[0] == 1, let format = Format(rawValue: bytes[1]), bytes[2] == 0x12, bytes[3] == 32,
            let digest = Digest(bytes[4...])
        else { return nil }
        self.init(format: format, digest: digest)
    }

    /// The 36 bytes.
    public var bytes: [UInt8] { [1, format.rawValue, 0x12, 32] + digest.bytes }

    /// Whether `content` is what this names.
    public func names(_ content: [UInt8]) -> Bool { digest == .sha256(content) }

    /// Whether borrowed content is what this names.
    public func names(_ content: UnsafeRawBufferPointer) -> Bool { digest == .sha256(content) }
}

extension ContentID: LosslessStringConvertible {
    /// - Parameter text: Exactly as ``description`` writes it.
    public init?(_ text: String) {
        guard text.utf8.count == Self.textLength, text.utf8.first == UInt8(ascii: "b"),
            let bytes = Base32.decode(text.utf8.dropFirst())
        else { return nil }
        self.init(bytes)
    }

    public var description: String { "b" + Base32.encode(bytes) }
}

extension ContentID: Comparable {
    public static func < (left: ContentID, right: ContentID) -> Bool {
        (left.format.rawValue, left.digest) < (right.format.rawValue, right.digest)
    }
}

extension ContentID: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let id = ContentID(try reader.readBytes(exactly: Self.length)) else {
            throw .invalid(field: "content id")
        }
        self = id
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

/// Base32 in lower case without padding (RFC 4648 section 6), as multibase `b` wants it.
package enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity((bytes.count * 8 + 4) / 5)
        var buffer = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xfff
            bits += 8
            while bits >= 5 {
                bits -= 5
                digits.append(alphabet[buffer >> bits & 31])
            }
        }
        if bits > 0 { digits.append(alphabet[buffer << (5 - bits) & 31]) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// - Returns: Nothing for another alphabet, a digit too many or leftover bits that are not zero.
    static func decode(_ digits: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = 0
        var bits = 0
        for digit in digits {
            let value: UInt8
            switch digit {
            case 97...122: value = digit - 97
            case 50...55: value = digit - 24
            default: return nil
            }
            buffer = (buffer << 5 | Int(value)) & 0xfff
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        guard bits < 5, buffer & ((1 << bits) - 1) == 0 else { return nil }
        return bytes
    }
}
