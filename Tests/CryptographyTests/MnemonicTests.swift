import Cryptography
import Testing

@Suite("BIP-39 phrases")
struct MnemonicTests {
    @Test(arguments: MnemonicVectors.all)
    func `entropy, phrase and seed are the official ones`(_ vector: MnemonicVectors.Vector) throws {
        let entropy = try #require([UInt8](hex: vector.entropy))
        let mnemonic = try #require(Mnemonic(entropy: SecretBytes(copying: entropy)))
        #expect(mnemonic.phrase == vector.phrase)
        #expect(try Mnemonic(phrase: vector.phrase).entropy.copy() == entropy)
        #expect(mnemonic.seed(passphrase: "TREZOR")?.copy().hex == vector.seed)
    }

    static let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"

    @Test func `case and white space do not matter`() throws {
        let typed = "  Legal WINNER thank\tyear wave sausage worth\nuseful legal winner  thank yellow\n"
        #expect(try Mnemonic(phrase: typed).phrase == Self.phrase)
    }

    @Test(arguments: [12, 15, 18, 21, 24]) func `a fresh phrase has the asked length and reads back`(count: Int) throws
    {
        let mnemonic = Mnemonic.random(wordCount: count)
        #expect(mnemonic.words.count == count)
        #expect(try Mnemonic(phrase: mnemonic.phrase).entropy == mnemonic.entropy)
        #expect(Mnemonic.random(wordCount: count).entropy != mnemonic.entropy)
    }

    @Test(arguments: [0, 1, 11, 13, 23, 25, 27]) func `other lengths are no phrases`(count: Int) {
        let phrase = Array(repeating: "abandon", count: count).joined(separator: " ")
        #expect(throws: MnemonicFailure.unsupportedLength(words: count)) { try Mnemonic(phrase: phrase) }
    }

    @Test func `a misspelt word is named by its position`() {
        let phrase = Self.phrase.replacing("sausage", with: "sausagee")
        #expect(throws: MnemonicFailure.unknownWord(position: 6)) { try Mnemonic(phrase: phrase) }
    }

    @Test func `swapped words do not form a phrase`() {
        let phrase = Self.phrase.replacing("wave sausage", with: "sausage wave")
        #expect(throws: MnemonicFailure.wrongChecksum) { try Mnemonic(phrase: phrase) }
    }

    @Test(arguments: [0, 15, 17, 18, 33, 36]) func `entropy of another length makes no phrase`(count: Int) {
        #expect(Mnemonic(entropy: .random(count: count)) == nil)
    }

    @Test func `a passphrase changes the seed and must be ASCII`() throws {
        let mnemonic = try Mnemonic(phrase: Self.phrase)
        #expect(mnemonic.seed() != mnemonic.seed(passphrase: "more"))
        #expect(mnemonic.seed(passphrase: "é") == nil)
    }

    @Test func `neither description nor error repeats a word`() throws {
        let mnemonic = try Mnemonic(phrase: Self.phrase)
        #expect("\(mnemonic)" == "phrase of 12 words")
        #expect(!"\(MnemonicFailure.unknownWord(position: 6))".contains("sausage"))
    }
}
