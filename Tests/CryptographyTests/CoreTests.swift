import Codec
import Cryptography
import Testing

@Suite("Digest and hexadecimal")
struct DigestTests {
    @Test func `SHA-256 of the FIPS 180-4 examples`() {
        #expect(
            Digest.sha256(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest.sha256([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Digest.sha256([UInt8](repeating: 0x61, count: 1_000_000)).hex
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `pieces hash as the whole`() {
        var hash = SHA256()
        hash.update(Array("a".utf8))
        hash.update([])
        hash.update(Array("bc".utf8))
        #expect(hash.finalize() == Digest.sha256(Array("abc".utf8)))
    }

    @Test func `a domain separates`() {
        let first = Domain("first")
        let bytes: [UInt8] = [1, 2, 3]
        #expect(Digest.hash(bytes, in: first) == Digest.sha256(Array("careledger/v1/first".utf8) + [0] + bytes))
        #expect(Digest.hash(bytes, in: first) != Digest.hash(bytes, in: Domain("second")))
    }

    @Test func `order, nibbles and bytes agree`() throws {
        let small = try #require(Digest(hex: "00" + String(repeating: "ff", count: 31)))
        let large = try #require(Digest(hex: "1a" + String(repeating: "00", count: 31)))
        #expect(small < large)
        #expect(large.nibble(at: 0) == 1 && large.nibble(at: 1) == 10 && large.nibble(at: 63) == 0)
        #expect(try Digest(decoding: large.encoded) == large)
        #expect(Digest(large.bytes.dropLast()) == nil)
        #expect(Digest(hex: "zz") == nil && [UInt8](hex: "abc") == nil && [UInt8](hex: "aBcD") == [0xab, 0xcd])
    }
}

@Suite("Signing keys")
struct SigningKeyTests {
    @Test func `a signature holds for its message, domain and key alone`() {
        let key = SigningKey.random()
        let domain = Domain("test")
        let signature = key.sign([1, 2, 3], in: domain)
        #expect(key.publicKey.isValid(signature, for: [1, 2, 3], in: domain))
        #expect(!key.publicKey.isValid(signature, for: [1, 2, 4], in: domain))
        #expect(!key.publicKey.isValid(signature, for: [1, 2, 3], in: Domain("other")))
        #expect(!SigningKey.random().publicKey.isValid(signature, for: [1, 2, 3], in: domain))
    }

    @Test func `only the compressed form of a point on the curve is a key`() throws {
        let key = SigningKey.random().publicKey
        #expect(PublicKey(key.bytes) == key)
        for prefix: UInt8 in [0, 1, 4, 5, 6, 7] { #expect(PublicKey([prefix] + key.bytes.dropFirst()) == nil) }
        #expect(PublicKey([2] + [UInt8](repeating: 0, count: 32)) == nil)
        #expect(PublicKey(key.bytes + [0]) == nil)
        #expect(throws: DecodingFailure.self) {
            try PublicKey(decoding: [0x58, 33, 2] + [UInt8](repeating: 0, count: 32))
        }
    }

    @Test func `secrets of zero and of the order are no keys`() throws {
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
        #expect(SigningKey(SecretBytes(copying: [UInt8](repeating: 0, count: 32))) == nil)
        #expect(SigningKey(SecretBytes(copying: try #require([UInt8](hex: order)))) == nil)
        #expect(SigningKey(SecretBytes(copying: [1])) == nil)
    }

    @Test func `a secret compares by content and shows only its length`() {
        let secret = SecretBytes(copying: [1, 2, 3])
        #expect(secret == SecretBytes(copying: [1, 2, 3]))
        #expect(secret != SecretBytes(copying: [1, 2, 4]))
        #expect(secret != SecretBytes(copying: [1, 2]))
        #expect("\(secret)" == "3 secret bytes")
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }
}

@Suite("AES-256-GCM")
struct AESGCMTests {
    /// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
    @Test func `the published vector with associated data`() throws {
        let key = try #require([UInt8](hex: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let nonce = try #require([UInt8](hex: "cafebabefacedbaddecaf888"))
        let data = try #require([UInt8](hex: "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        let plaintext = try #require(
            [UInt8](
                hex: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                    + "b16aedf5aa0de657ba637b39"))
        let expected =
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
            + "c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b"
        let cipher = AESGCM(key: SecretBytes(copying: key))
        var sealed = [UInt8](repeating: 0, count: plaintext.count + AESGCM.tagLength)
        plaintext.withUnsafeBytes { plain in
            sealed.withUnsafeMutableBytes { cipher.seal(plain, nonce: nonce, authenticating: data, into: $0) }
        }
        #expect(sealed.hex == expected)
        var opened = [UInt8](repeating: 0, count: plaintext.count)
        let good = sealed.withUnsafeBytes { sealed in
            opened.withUnsafeMutableBytes { cipher.open(sealed, nonce: nonce, authenticating: data, into: $0) }
        }
        #expect(good && opened == plaintext)
        sealed[3] ^= 1
        let bad = sealed.withUnsafeBytes { sealed in
            opened.withUnsafeMutableBytes { cipher.open(sealed, nonce: nonce, authenticating: data, into: $0) }
        }
        #expect(!bad && opened.allSatisfy { $0 == 0 })
    }
}
