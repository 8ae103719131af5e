/// How people and other systems read a key: `did:key:zQ3s…`, multicodec secp256k1-pub (e7 01) in base58btc
/// (W3C CCG did:key).
public struct DIDKey: Hashable, Sendable {
    /// The key that the identifier names.
    public let key: PublicKey

    /// Names a key.
    public init(_ key: PublicKey) { self.key = key }

    private static let prefix = "did:key:z"
    private static let codec: [UInt8] = [0xe7, 0x01]
    /// `z` and 48 characters: 35 bytes whose first is e7.
    private static let maximumLength = prefix.utf8.count + 48
}

extension DIDKey: LosslessStringConvertible {
    /// Reads the one form that ``description`` writes.
    public init?(_ description: String) {
        guard description.utf8.count <= Self.maximumLength, description.hasPrefix(Self.prefix),
            let bytes = Base58.decode(description.dropFirst(Self.prefix.count)), bytes.starts(with: Self.codec),
            let key = PublicKey(bytes.dropFirst(Self.codec.count))
        else { return nil }
        self.key = key
    }

    /// `did:key:zQ3s…`, 57 characters.
    public var description: String { Self.prefix + Base58.encode(Self.codec + key.bytes) }
}

/// Base58 with Bitcoin's alphabet; a leading zero byte is a leading `1`. Quadratic, for short input.
enum Base58 {
    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let zeros = bytes.prefix { $0 == 0 }.map { _ in alphabet[0] }
        return String(decoding: zeros + digits.reversed().map { alphabet[Int($0)] }, as: UTF8.self)
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            var carry = digit
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 255)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 255))
                carry >>= 8
            }
        }
        let zeros = text.utf8.prefix { $0 == alphabet[0] }.map { _ in UInt8(0) }
        return zeros + bytes.reversed()
    }
}
