/// Why a phrase was not accepted. Positions count from 1, as people do; the words themselves are never repeated.
public enum MnemonicFailure: Error, Hashable, Sendable {
    /// A phrase has 12, 15, 18, 21 or 24 words.
    case unsupportedLength(words: Int)
    /// The word at this position is not in the list.
    case unknownWord(position: Int)
    /// Every word is in the list, but together they are no phrase: two are swapped, or one stands for another.
    case wrongChecksum
}

/// A BIP-39 phrase: 12 to 24 English words that hold 128 to 256 random bits and a checksum.
///
/// The entropy is kept, not the words; ``phrase`` writes them out for a person and that copy is theirs to look after.
public struct Mnemonic: Sendable {
    /// 16 to 32 bytes, a multiple of 4.
    public let entropy: SecretBytes

    /// - Parameter entropy: 16, 20, 24, 28 or 32 bytes; nothing else makes a phrase.
    public init?(entropy: SecretBytes) {
        guard (16...32).contains(entropy.count), entropy.count.isMultiple(of: 4) else { return nil }
        self.entropy = entropy
    }

    /// A fresh phrase.
    ///
    /// - Precondition: `wordCount` is 12, 15, 18, 21 or 24.
    public static func random(wordCount: Int = 24) -> Mnemonic {
        precondition(wordCount.isMultiple(of: 3), "a phrase has a multiple of three words")
        guard let mnemonic = Mnemonic(entropy: .random(count: wordCount / 3 * 4)) else {
            preconditionFailure("a phrase has 12 to 24 words")
        }
        return mnemonic
    }

    /// Reads a phrase: words of any case, separated by spaces, tabs or newlines.
    public init(phrase: String) throws(MnemonicFailure) {
        let words = phrase.split(whereSeparator: \.isWhitespace)
        guard (12...24).contains(words.count), words.count.isMultiple(of: 3) else {
            throw .unsupportedLength(words: words.count)
        }
        var indexes: [Int] = []
        for (offset, word) in words.enumerated() {
            guard let index = MnemonicWords.index(of: word.lowercased()) else {
                throw .unknownWord(position: offset + 1)
            }
            indexes.append(index)
        }
        let entropy = SecretBytes(count: words.count / 3 * 4) { (out: UnsafeMutableRawBufferPointer) in
            for bit in 0..<(out.count * 8) where indexes[bit / 11] & (1024 >> (bit % 11)) != 0 {
                out[bit / 8] |= 128 >> UInt8(bit % 8)
            }
        }
        self.entropy = entropy
        guard wordIndexes == indexes else { throw .wrongChecksum }
    }

    /// How many words the phrase has.
    public var wordCount: Int { entropy.count / 4 * 3 }

    /// The words, separated by single spaces.
    public var phrase: String { words.joined(separator: " ") }

    /// The words in order.
    public var words: [String] { wordIndexes.map { String(MnemonicWords.all[$0]) } }

    /// The 64-byte seed: PBKDF2-HMAC-SHA512 over the phrase, 2 048 rounds, salt `mnemonic` and the passphrase.
    ///
    /// - Parameter passphrase: ASCII only. BIP-39 normalises to NFKD, which leaves ASCII alone; anything else would need
    ///   tables that two systems may not share, and then the phrase would not restore.
    /// - Returns: Nothing when the passphrase is not ASCII.
    public func seed(passphrase: String = "") -> SecretBytes? {
        guard passphrase.utf8.allSatisfy({ $0 < 128 }) else { return nil }
        let salt = Array("mnemonic".utf8) + Array(passphrase.utf8)
        let text = phraseBytes
        return SecretBytes(count: 64) { (out: UnsafeMutableRawBufferPointer) in
            text.withUnsafeBytes { OpenSSL.pbkdf2SHA512(password: $0, salt: salt, iterations: 2048, into: out) }
        }
    }

    /// The phrase in UTF-8, in memory that is cleansed.
    private var phraseBytes: SecretBytes {
        let words = wordIndexes.map { MnemonicWords.all[$0] }
        let count = words.reduce(words.count - 1) { $0 + $1.utf8.count }
        return SecretBytes(count: count) { (out: UnsafeMutableRawBufferPointer) in
            var offset = 0
            for word in words {
                if offset > 0 {
                    out[offset] = 0x20
                    offset += 1
                }
                for byte in word.utf8 {
                    out[offset] = byte
                    offset += 1
                }
            }
        }
    }

    /// 11 bits a word: the entropy, then the first bits of its SHA-256.
    private var wordIndexes: [Int] {
        entropy.withUnsafeBytes { entropy in
            let checksum = Digest.sha256(entropy).bytes[0]
            let bits = entropy.count * 8
            return (0..<(entropy.count / 4 * 3)).map { word in
                (0..<11).reduce(0) { value, offset in
                    let bit = word * 11 + offset
                    let byte = bit < bits ? entropy[bit / 8] : checksum
                    return value << 1 | Int(byte >> UInt8(7 - bit % 8) & 1)
                }
            }
        }
    }
}

extension Mnemonic: CustomStringConvertible {
    /// How many words there are; never the words.
    public var description: String { "phrase of \(wordCount) words" }
}

extension MnemonicFailure: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .unsupportedLength(let words): "a phrase has 12, 15, 18, 21 or 24 words, not \(words)"
        case .unknownWord(let position): "word \(position) is not in the list of English words"
        case .wrongChecksum: "the words are in the list but do not form a phrase: check their order and spelling"
        }
    }
}
