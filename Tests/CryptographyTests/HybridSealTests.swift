import Codec
import Cryptography
import Testing

@Suite("Hybrid seal")
struct HybridSealTests {
    let reader = HybridSealTests.key(1)
    let stranger = HybridSealTests.key(2)
    let context = SealContext(Domain("test-seal"), [1, 2], [3])
    let message = SecretBytes(copying: Array("a fragment of a key".utf8))

    static func key(_ number: UInt8) -> SealingKey {
        guard let key = SealingKey(SecretBytes(copying: [UInt8](repeating: number, count: 32))) else {
            preconditionFailure("32 bytes make a pair")
        }
        return key
    }

    @Test func `what is sealed opens for its reader`() throws {
        for count in [0, 1, 65_536] {
            let message = SecretBytes.random(count: count)
            let sealed = try HybridSeal.seal(message, to: reader.publicKey, context: context)
            #expect(sealed.count == count + HybridSeal.overhead)
            #expect(try HybridSeal.open(sealed, with: reader, context: context) == message)
        }
    }

    @Test func `a message sealed by another implementation opens`() throws {
        let seed = try #require([UInt8](hex: HybridSealVector.seed))
        let key = try #require(SealingKey(SecretBytes(copying: seed)))
        #expect(Digest.sha256(key.publicKey.bytes).hex == HybridSealVector.publicKeyHash)
        let sealed = try #require([UInt8](hex: HybridSealVector.sealed))
        #expect(try HybridSeal.open(sealed, with: key, context: context) == message)
    }

    @Test func `nobody else opens it`() throws {
        let sealed = try HybridSeal.seal(message, to: reader.publicKey, context: context)
        #expect(throws: SealFailure.notForThisReader) {
            try HybridSeal.open(sealed, with: stranger, context: context)
        }
    }

    @Test func `it cannot be moved to another context`() throws {
        let sealed = try HybridSeal.seal(message, to: reader.publicKey, context: context)
        let others = [
            SealContext(Domain("test-other"), [1, 2], [3]), SealContext(Domain("test-seal"), [1], [2, 3]),
            SealContext(Domain("test-seal"), [1, 2]), SealContext(Domain("test-seal"), [1, 2], [4]),
        ]
        for other in others {
            #expect(throws: SealFailure.notForThisReader) { try HybridSeal.open(sealed, with: reader, context: other) }
        }
    }

    @Test func `no flipped bit goes unnoticed`() throws {
        let sealed = try HybridSeal.seal(message, to: reader.publicKey, context: context)
        // Every byte of ciphertext and tag, and some of the 1120 before them.
        for index in sealed.indices where index >= 1120 || index % 97 == 0 {
            var altered = sealed
            altered[index] ^= 0x10
            #expect(throws: SealFailure.notForThisReader, "byte \(index)") {
                try HybridSeal.open(altered, with: reader, context: context)
            }
        }
    }

    @Test func `a cut message does not open`() throws {
        let sealed = try HybridSeal.seal(SecretBytes(copying: []), to: reader.publicKey, context: context)
        #expect(throws: SealFailure.tooShort) {
            try HybridSeal.open(sealed.dropLast(), with: reader, context: context)
        }
        #expect(throws: SealFailure.tooShort) { try HybridSeal.open([], with: reader, context: context) }
    }

    @Test func `two seals of one message differ`() throws {
        let first = try HybridSeal.seal(message, to: reader.publicKey, context: context)
        #expect(try HybridSeal.seal(message, to: reader.publicKey, context: context) != first)
    }

    @Test func `a seed gives one pair, another length gives none`() {
        #expect(Self.key(7).publicKey == Self.key(7).publicKey)
        #expect(SealingKey(.random(count: 31)) == nil)
        #expect(SealingKey(.random(count: 33)) == nil)
    }

    @Test func `a public key is 1216 bytes with numbers in range`() throws {
        let bytes = reader.publicKey.bytes
        #expect(bytes.count == 1216)
        #expect(try SealingPublicKey(decoding: reader.publicKey.encoded) == reader.publicKey)
        #expect(SealingPublicKey(bytes.dropLast()) == nil)
        #expect(SealingPublicKey(bytes + [0]) == nil)
        var outOfRange = bytes
        outOfRange[0] = 0x01
        outOfRange[1] = outOfRange[1] & 0xf0 | 0x0d
        #expect(SealingPublicKey(outOfRange) == nil, "3329 is not below 3329")
        outOfRange[0] = 0x00
        #expect(SealingPublicKey(outOfRange) != nil, "3328 is")
    }

    @Test func `a key whose curve half is the neutral point cannot be sealed to`() throws {
        let bytes = Array(reader.publicKey.bytes[..<1184]) + [UInt8](repeating: 0, count: 32)
        let key = try #require(SealingPublicKey(bytes))
        #expect(throws: SealFailure.unusableKey) { try HybridSeal.seal(message, to: key, context: context) }
    }
}
