/// Somebody whom an age file is for (C2SP age, the X25519 recipient type): 32 bytes, written `age1…` in Bech32 (BIP 173).
public struct AgeRecipient: Hashable, Sendable {
    /// An X25519 public key.
    let key: [UInt8]

    /// - Parameter text: As age-keygen prints it, in lower case.
    /// - Returns: Nothing when it is no recipient: another prefix, another length, or a checksum that does not hold.
    public init?(_ text: String) {
        guard let bytes = Bech32.decode(text, prefix: "age"), bytes.count == 32 else { return nil }
        key = bytes
    }
}

/// Bech32 (BIP 173), as far as recipients need it.
enum Bech32 {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
    private static let checksumLength = 6
    /// BIP 173 allows no more.
    private static let maximumLength = 90

    /// The bytes behind `prefix` and `1`.
    static func decode(_ text: String, prefix: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        let start = prefix.utf8.count + 1
        guard characters.count <= maximumLength, characters.count >= start + checksumLength,
            text.hasPrefix(prefix + "1")
        else { return nil }
        var values: [UInt8] = []
        for character in characters[start...] {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            values.append(UInt8(value))
        }
        guard checksum(of: expanded(prefix) + values) == 1 else { return nil }
        return octets(of: values.dropLast(checksumLength))
    }

    private static func expanded(_ prefix: String) -> [UInt8] {
        prefix.utf8.map { $0 >> 5 } + [0] + prefix.utf8.map { $0 & 31 }
    }

    private static func checksum(of values: [UInt8]) -> UInt32 {
        values.reduce(1) { sum, value in
            let top = sum >> 25
            let next = (sum & 0x1ff_ffff) << 5 ^ UInt32(value)
            return generators.enumerated().reduce(next) { $1.element & (0 &- (top >> $1.offset & 1)) ^ $0 }
        }
    }

    /// Five bits each to eight bits each; what is left over is less than five bits, all zero.
    private static func octets(of values: some Sequence<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var (rest, bits) = (0, 0)
        for value in values {
            rest = rest << 5 | Int(value)
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            octets.append(UInt8(rest >> bits & 255))
            rest &= (1 << bits) - 1
        }
        return bits < 5 && rest == 0 ? octets : nil
    }
}
