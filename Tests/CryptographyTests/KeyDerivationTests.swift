import Cryptography
import Testing

@Suite("Key derivation")
struct KeyDerivationTests {
    struct Expansion: Sendable {
        let secret: [UInt8]
        let salt: [UInt8]
        let info: [UInt8]
        let result: String
    }

    /// RFC 5869 A.1 to A.3.
    static let expansions = [
        Expansion(
            secret: [UInt8](repeating: 0x0b, count: 22), salt: Array(0..<13), info: Array(0xf0..<0xfa),
            result: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
        Expansion(
            secret: Array(0..<0x50), salt: Array(0x60..<0xb0), info: Array(0xb0...0xff),
            result: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
                + "0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"),
        Expansion(
            secret: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [],
            result: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
    ]

    @Test(arguments: expansions) func `HKDF gives the bytes of RFC 5869`(_ vector: Expansion) {
        let result = KeyDerivation.hkdf(
            SecretBytes(copying: vector.secret), salt: vector.salt, info: vector.info, count: vector.result.count / 2)
        #expect(result.copy().hex == vector.result)
    }

    /// RFC 4231 cases 1 to 4, 6 and 7; case 5 truncates, which we never do.
    static let tags: [([UInt8], [UInt8], String)] = [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: tags) func `HMAC gives the bytes of RFC 4231`(key: [UInt8], message: [UInt8], tag: String) {
        #expect(KeyDerivation.hmac(message, key: SecretBytes(copying: key)).hex == tag)
    }

    @Test func `HMAC takes an empty key and an empty message`() {
        let tag = KeyDerivation.hmac([], key: SecretBytes(copying: []))
        #expect(tag.hex == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    /// RFC 7914 section 12, all but the one that takes 1 GiB.
    @Test func `scrypt gives the bytes of RFC 7914`() {
        func derive(_ password: String, _ salt: String, _ n: UInt64, _ r: UInt64, _ p: UInt64) -> String? {
            KeyDerivation.scrypt(
                SecretBytes(copying: Array(password.utf8)), salt: Array(salt.utf8), n: n, r: r, p: p, count: 64)?
                .copy().hex
        }
        #expect(
            derive("", "", 16, 1, 1)
                == "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")
        #expect(
            derive("password", "NaCl", 1024, 8, 16)
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")
        #expect(
            derive("pleaseletmein", "SodiumChloride", 16384, 8, 1)
                == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
        #expect(derive("password", "salt", 1000, 8, 1) == nil, "N is a power of two")
    }

    static let roles: [KeyRole] = [
        .identitySigning, .receiving, .sealing,
        .scopeSigning(category: "imaging", epoch: 0), .scopeSigning(category: "imaging", epoch: 1),
        .scopeSigning(category: "summary", epoch: 0), .scopeDelegation(category: "imaging", epoch: 0),
        .scopeSecret(category: "imaging", epoch: 0), .scopeSealing(category: "imaging", epoch: 0),
    ]

    @Test func `every role, category and epoch has its own secret, and keeps it`() {
        let seed = SecretBytes(copying: [UInt8](0..<64))
        let secrets = Self.roles.map { KeyDerivation.secret(for: $0, from: seed).copy() }
        #expect(Set(secrets).count == Self.roles.count)
        #expect(secrets == Self.roles.map { KeyDerivation.secret(for: $0, from: seed).copy() })
        // A wallet restored years later must find its keys: the labels never change.
        let lock = Digest.sha256(secrets.flatMap { $0 })
        #expect(lock.hex == "81631f61719260741dc223368036895bbe5e50ba0ca727fb80dc1d3262d683c1")
    }

    @Test func `a refused candidate is followed by another`() {
        let seed = SecretBytes(copying: [UInt8](0..<64))
        var seen: [[UInt8]] = []
        let key = KeyDerivation.key(for: .receiving, from: seed) { candidate in
            seen.append(candidate.copy())
            return seen.count < 3 ? nil : candidate
        }
        #expect(Set(seen).count == 3)
        #expect(key.copy() == seen.last)
        #expect(seen.first == KeyDerivation.secret(for: .receiving, from: seed).copy())
    }
}
