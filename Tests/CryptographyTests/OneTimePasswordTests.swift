import Cryptography
import Testing

@Suite("One-time passwords")
struct OneTimePasswordTests {
    /// RFC 6238 appendix B: the secret is the ASCII digits, as long as the hash.
    private static func password(_ algorithm: OneTimePassword.Algorithm) -> OneTimePassword {
        let length =
            switch algorithm {
            case .sha1: 20
            case .sha256: 32
            case .sha512: 64
            }
        let secret = (0..<length).map { UInt8(ascii: "0") + UInt8(($0 + 1) % 10) }
        return OneTimePassword(secret: SecretBytes(copying: secret), algorithm: algorithm, digits: 8)
    }

    private static let vectors: [(seconds: UInt64, sha1: String, sha256: String, sha512: String)] = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ]

    @Test func `RFC 6238 appendix B, all three hashes`() {
        for vector in Self.vectors {
            let step = OneTimePassword.step(at: vector.seconds)
            #expect(Self.password(.sha1).code(at: step) == vector.sha1)
            #expect(Self.password(.sha256).code(at: step) == vector.sha256)
            #expect(Self.password(.sha512).code(at: step) == vector.sha512)
        }
    }

    @Test func `RFC 4226 appendix D, six digits`() {
        let secret = SecretBytes(copying: Array("12345678901234567890".utf8))
        let codes = (0..<10).map { OneTimePassword(secret: secret).code(at: $0) }
        #expect(
            codes == [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ])
    }

    @Test func `base 32 as RFC 4648 section 10 has it, without padding`() {
        let vectors = [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ]
        for (text, encoded) in vectors { #expect(Base32.encode(Array(text.utf8)).uppercased() == encoded) }
    }
}
