import Cryptography
import Testing

@Suite("Umbral: hashes, scalars, keys", .needsUmbralVectors)
struct UmbralHashTests {
    let vectors: UmbralVectors

    init() throws { vectors = try #require(UmbralVectors.shared) }

    @Test func `hash to scalar`() {
        for vector in vectors.hashToScalar {
            var hash = UmbralHash(Array(vector.dst.utf8), profile: vector.profile)
            for part in vector.parts { hash.update(part.bytes) }
            let scalar = hash.scalar()
            #expect(scalar?.bytes == vector.scalar.bytes)
        }
    }

    @Test func `digests at the edges of the order`() throws {
        for vector in vectors.digestToScalarEdges {
            let digest = try #require(Digest(vector.digest.bytes))
            #expect(vector.profile.reduce(digest).copy() == vector.scalar.bytes)
        }
    }

    @Test func `inverses`() throws {
        for vector in vectors.scalarInverse {
            let scalar = try #require(SecretScalar(vector.x.secret))
            #expect(scalar.inverse.bytes.copy() == vector.xInverseModN.bytes)
        }
    }

    @Test func `key derivation`() {
        for vector in vectors.hkdf {
            let derived = UmbralProfile.derive(vector.ikm.secret, info: vector.info.bytes, count: vector.length)
            #expect(derived.copy() == vector.okm.bytes)
        }
    }

    @Test func `delegating keys by label`() {
        for vector in vectors.secretKeyFactory {
            let key = DelegatingKey(seed: vector.seed.secret, label: vector.label.bytes)
            #expect(key.secretBytes.copy() == vector.makeKeySk.bytes)
            #expect(key.publicKey.bytes == vector.makeKeyPk.bytes)
            let info = Array("SECRET_DERIVATION/".utf8) + vector.label.bytes
            #expect(UmbralProfile.derive(vector.seed.secret, info: info, count: 64).copy() == vector.makeSecret.bytes)
        }
    }

    @Test func `hash to point`() throws {
        for vector in vectors.hashToPoint {
            let point =
                vector.method.hasPrefix("rfc9380")
                ? hashToCurve(vector.data.bytes, tag: Array(vector.dst.utf8))
                : tryAndIncrement(vector.data.bytes, tag: Array(vector.dst.utf8))
            #expect(point?.bytes == vector.point.bytes)
        }
    }
}

@Suite("Umbral: the second generator")
struct UmbralGeneratorTests {
    @Test func `U is RFC 9380's hash of its name`() {
        #expect(
            hashToCurve(Array("POINT_U".utf8), tag: Array("PARAMETERS".utf8)) == UmbralProfile.rustUmbral.pointU)
    }

    @Test func `pyUmbral's U is the first point that counting finds`() {
        #expect(
            tryAndIncrement(Array("POINT_U".utf8), tag: Array("PARAMETERS".utf8)) == UmbralProfile.pyUmbral.pointU)
    }

    /// RFC 9380 J.8.1.
    @Test(arguments: [
        ("", "03c1cae290e291aee617ebaef1be6d73861479c48b841eaba9b7b5852ddfeb1346"),
        ("abc", "023377e01eab42db296b512293120c6cee72b6ecf9f9205760bd9ff11fb3cb2c4b"),
    ])
    func `the derivation is the suite's own`(message: String, point: String) {
        let tag = Array("QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_".utf8)
        #expect(hashToCurve(Array(message.utf8), tag: tag)?.bytes.hex == point)
    }
}

/// pyUmbral's way from bytes to a point: hash with a counter until the result is the x of a point.
func tryAndIncrement(_ data: [UInt8], tag: [UInt8]) -> Point? {
    func be32(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) } }
    for counter in 0..<256 {
        let digest = Digest.sha256(be32(tag.count) + tag + be32(data.count) + data + be32(counter))
        if let point = Point([2] + digest.bytes) { return point }
    }
    return nil
}
