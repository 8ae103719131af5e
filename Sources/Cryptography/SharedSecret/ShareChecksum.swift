/// The Reed-Solomon code over 1 024 words with which a share notices a wrong word (SLIP-0039, RS1024): any three errors.
enum ShareChecksum {
    /// How many words it takes.
    static let length = 3

    private static let generator: [UInt32] = [
        0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x3f3f120,
    ]

    /// The words to append.
    static func make(_ words: [Int], isExtendable: Bool) -> [Int] {
        let value = polynomial(words + [0, 0, 0], isExtendable) ^ 1
        return [20, 10, 0].map { Int(value >> $0 & 1023) }
    }

    /// Whether the last three words fit the others.
    static func isValid(_ words: [Int], isExtendable: Bool) -> Bool { polynomial(words, isExtendable) == 1 }

    private static func polynomial(_ words: [Int], _ isExtendable: Bool) -> UInt32 {
        let prefix = Array((isExtendable ? "shamir_extendable" : "shamir").utf8).map(Int.init)
        var checksum: UInt32 = 1
        for word in prefix + words {
            let top = checksum >> 20
            checksum = (checksum & 0xfffff) << 10 ^ UInt32(word)
            for (bit, factor) in generator.enumerated() { checksum ^= factor & (0 &- (top >> UInt32(bit) & 1)) }
        }
        return checksum
    }
}
