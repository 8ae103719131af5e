/// A share of a secret as words that a guardian keeps on paper (SLIP-0039).
///
/// 20 words for 128 bits, 33 for 256. A share alone says nothing of the secret; the first words name the set that it
/// belongs to, so that two sets are not mixed up.
public struct RecoveryShare: Sendable {
    /// Names the set: 15 random bits, the same in all its shares.
    public let identifier: Int
    /// Whether sets of different identifiers give the same secret for one passphrase, as newer sets do.
    public let isExtendable: Bool
    /// PBKDF2 takes 10 000 times two to this many rounds: 0 to 15.
    public let iterationExponent: Int
    /// Which group, from 0.
    public let groupIndex: Int
    /// How many groups restore the secret: 1 to 16.
    public let groupThreshold: Int
    /// How many groups there are.
    public let groupCount: Int
    /// Which share of the group, from 0.
    public let memberIndex: Int
    /// How many shares of the group restore the group's part: 1 to 16.
    public let memberThreshold: Int
    let value: SecretBytes

    /// The most words that are looked at: a secret of 64 bytes.
    public static let maximumWords = 59
    private static let minimumWords = 20
    private static let headerWords = 4
    private static let bitsPerWord = 10

    init(_ set: SecretSharing.Parameters, group: (index: Int, threshold: Int), member: Int, value: SecretBytes) {
        identifier = set.identifier
        isExtendable = set.isExtendable
        iterationExponent = set.iterationExponent
        groupIndex = group.index
        groupThreshold = set.groupThreshold
        groupCount = set.groupCount
        memberIndex = member
        memberThreshold = group.threshold
        self.value = value
    }

    /// Reads a share: words of any case, separated by spaces, tabs or newlines.
    public init(phrase: String) throws(RecoveryShareFailure) {
        let texts = phrase.split(whereSeparator: \.isWhitespace)
        guard (Self.minimumWords...Self.maximumWords).contains(texts.count) else {
            throw .unsupportedLength(words: texts.count)
        }
        var words: [Int] = []
        for (offset, text) in texts.enumerated() {
            guard let index = ShareWords.index(of: text.lowercased()) else { throw .unknownWord(position: offset + 1) }
            words.append(index)
        }
        let valueWords = words[Self.headerWords..<(words.count - ShareChecksum.length)]
        let padding = Self.bitsPerWord * valueWords.count % 16
        guard padding <= 8 else { throw .unsupportedLength(words: texts.count) }
        let head = words[0] << 10 | words[1]
        isExtendable = head >> 4 & 1 == 1
        guard ShareChecksum.isValid(words, isExtendable: isExtendable) else { throw .wrongChecksum }
        identifier = head >> 5
        iterationExponent = head & 15
        let parameters = words[2] << 10 | words[3]
        groupIndex = parameters >> 16 & 15
        groupThreshold = (parameters >> 12 & 15) + 1
        groupCount = (parameters >> 8 & 15) + 1
        memberIndex = parameters >> 4 & 15
        memberThreshold = (parameters & 15) + 1
        guard groupThreshold <= groupCount, groupIndex < groupCount else { throw .invalidGroups }
        guard let first = valueWords.first, first >> (Self.bitsPerWord - padding) == 0 else { throw .invalidPadding }
        let count = (Self.bitsPerWord * valueWords.count - padding) / 8
        let bits = Array(valueWords)
        value = SecretBytes(count: count) { (out: UnsafeMutableRawBufferPointer) in
            for bit in 0..<(8 * count) {
                let place = padding + bit
                let word = bits[place / Self.bitsPerWord]
                out[bit / 8] |=
                    UInt8(word >> (Self.bitsPerWord - 1 - place % Self.bitsPerWord) & 1) << UInt8(7 - bit % 8)
            }
        }
    }

    /// The words, separated by single spaces.
    public var phrase: String { words.map { String(ShareWords.all[$0]) }.joined(separator: " ") }

    /// Whether it belongs to the same set.
    func isOfSet(_ other: RecoveryShare) -> Bool {
        identifier == other.identifier && isExtendable == other.isExtendable
            && iterationExponent == other.iterationExponent && groupThreshold == other.groupThreshold
            && groupCount == other.groupCount && value.count == other.value.count
    }

    private var words: [Int] {
        let head = identifier << 5 | (isExtendable ? 16 : 0) | iterationExponent
        let parameters =
            groupIndex << 16 | (groupThreshold - 1) << 12 | (groupCount - 1) << 8 | memberIndex << 4
            | (memberThreshold - 1)
        let words = [head >> 10, head & 1023, parameters >> 10, parameters & 1023] + valueWords
        return words + ShareChecksum.make(words, isExtendable: isExtendable)
    }

    private var valueWords: [Int] {
        let count = (8 * value.count + Self.bitsPerWord - 1) / Self.bitsPerWord
        let padding = Self.bitsPerWord * count - 8 * value.count
        return value.withUnsafeBytes { bytes in
            (0..<count).map { word in
                (0..<Self.bitsPerWord).reduce(0) { result, offset in
                    let place = word * Self.bitsPerWord + offset - padding
                    return result << 1 | (place < 0 ? 0 : Int(bytes[place / 8] >> UInt8(7 - place % 8) & 1))
                }
            }
        }
    }
}

extension RecoveryShare: CustomStringConvertible, CustomReflectable {
    /// Which share it is; never its words.
    public var description: String {
        "share \(memberIndex + 1) of group \(groupIndex + 1), of which \(memberThreshold) are needed"
    }

    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why shares were not accepted. Positions count from 1; words are never repeated.
public enum RecoveryShareFailure: Error, Hashable, Sendable {
    /// A share has not so many words.
    case unsupportedLength(words: Int)
    /// The word at this position is not in the list.
    case unknownWord(position: Int)
    /// A word is wrong, or two are swapped.
    case wrongChecksum
    /// More groups are needed than there are.
    case invalidGroups
    /// Bits that must be zero are not.
    case invalidPadding
    /// The shares are of different sets.
    case differentSets
    /// Two shares of a group do not agree on how many are needed.
    case differentThresholds(group: Int)
    /// Two different shares have one place.
    case repeatedPlace(group: Int)
    /// Too few groups are complete.
    case tooFewGroups(complete: Int, needed: Int)
    /// The shares fit together, but what comes out is not what was shared: one of them was altered.
    case wrongDigest
    /// Only a secret of 16 to 64 bytes, an even number, can be shared.
    case unsupportedSecret
    /// 1 to 16 groups of 1 to 16 shares; a group of which one share is enough has one.
    case unsupportedGroups
    /// A passphrase is of printable ASCII characters.
    case unsupportedPassphrase
}

extension RecoveryShareFailure: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .unsupportedLength(let words): "a share has 20 to 59 words and not every number of them, not \(words)"
        case .unknownWord(let position): "word \(position) is not in the list of share words"
        case .wrongChecksum: "the words do not form a share: check their order and spelling"
        case .invalidGroups: "the share asks for more groups than there are"
        case .invalidPadding: "the share has bits where none belong"
        case .differentSets: "the shares were not made together: their first words differ"
        case .differentThresholds(let group): "shares of group \(group + 1) do not agree on how many are needed"
        case .repeatedPlace(let group): "two different shares of group \(group + 1) have the same place"
        case .tooFewGroups(let complete, let needed):
            "\(complete) of \(needed) needed groups have enough shares: more shares are needed"
        case .wrongDigest: "the shares do not give what was shared: one of them was altered"
        case .unsupportedSecret: "a secret of 16 to 64 bytes, an even number, can be shared"
        case .unsupportedGroups: "there are 1 to 16 groups of 1 to 16 shares, and no group needs one of several"
        case .unsupportedPassphrase: "a passphrase is of printable ASCII characters"
        }
    }
}
