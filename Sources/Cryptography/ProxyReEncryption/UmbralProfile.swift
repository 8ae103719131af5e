/// Which implementation of Umbral the constants and the hash follow.
///
/// The ledger speaks ``rustUmbral``. The other one is here because its authors' vectors check the same arithmetic.
package enum UmbralProfile: Sendable {
    /// rust-umbral 0.11.0: U by RFC 9380, hash values in 1 to n-1.
    case rustUmbral
    /// pyUmbral 0.3.0: U by try and increment, hash values in 0 to n-1, of which 0 is a failure.
    case pyUmbral

    /// The second generator U, whose logarithm nobody knows.
    package var pointU: Point {
        switch self {
        case .rustUmbral: Self.rustU
        case .pyUmbral: Self.pythonU
        }
    }

    // RFC 9380, suite secp256k1_XMD:SHA-256_SSWU_RO_, DST "PARAMETERS", message "POINT_U"; a test derives it.
    private static let rustU = point("03079390d0fbe220fc34aab8ecbf49098098036820fadb98c03143e55db8ec73cd")
    private static let pythonU = point("029aca250e9d377ce6502e5d6247c5dfdaecc4c16d98cb3a0700a415aecaacd46e")

    private static func point(_ hex: String) -> Point {
        guard let bytes = [UInt8](hex: hex), let point = Point(bytes) else {
            preconditionFailure("the parameters of Umbral are points")
        }
        return point
    }

    /// The number that a digest stands for: modulo n-1, plus 1 (pyUmbral: modulo n), in time independent of the digest.
    ///
    /// - Returns: 32 bytes big-endian; zero is possible in pyUmbral's profile.
    package func reduce(_ digest: Digest) -> SecretBytes {
        SecretBytes(count: 32) { (out: UnsafeMutableRawBufferPointer) in
            // Little-endian limbs. The order is above 2^255, so that one subtraction is enough.
            let lowest: UInt64 = self == .rustUmbral ? 0xbfd2_5e8c_d036_4140 : 0xbfd2_5e8c_d036_4141
            let modulus = [lowest, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff]
            var value = (0..<4).map { limb in
                digest.withUnsafeBytes {
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 24 - 8 * limb, as: UInt64.self))
                }
            }
            defer { value.withUnsafeMutableBytes { OpenSSL.cleanse($0) } }
            var borrow: UInt64 = 0
            var reduced = value
            defer { reduced.withUnsafeMutableBytes { OpenSSL.cleanse($0) } }
            for limb in 0..<4 {
                let (first, underflow) = value[limb].subtractingReportingOverflow(modulus[limb])
                let (second, again) = first.subtractingReportingOverflow(borrow)
                reduced[limb] = second
                borrow = (underflow ? 1 : 0) | (again ? 1 : 0)
            }
            let keep = 0 &- borrow
            var carry: UInt64 = self == .rustUmbral ? 1 : 0
            for limb in 0..<4 {
                let chosen = (value[limb] & keep) | (reduced[limb] & ~keep)
                let (sum, overflow) = chosen.addingReportingOverflow(carry)
                carry = overflow ? 1 : 0
                out.storeBytes(of: sum.bigEndian, toByteOffset: 24 - 8 * limb, as: UInt64.self)
            }
        }
    }

    /// HKDF-SHA256 with an empty salt, as Umbral turns a key seed into keys.
    package static func derive(_ secret: SecretBytes, info: [UInt8] = [], count: Int) -> SecretBytes {
        SecretBytes(count: count) { (out: UnsafeMutableRawBufferPointer) in
            secret.withUnsafeBytes { OpenSSL.hkdfSHA256(secret: $0, salt: [], info: info, into: out) }
        }
    }
}

/// Umbral's hash to a scalar: `SHA256(be32(length of tag) || tag || parts)`, reduced as the profile says.
package struct UmbralHash: ~Copyable {
    private let profile: UmbralProfile
    private var hash: SHA256

    /// - Parameter tag: What is hashed, for instance `CAPSULE_POINTS`.
    package init(_ tag: [UInt8], profile: UmbralProfile) {
        self.profile = profile
        hash = SHA256()
        hash.update(withUnsafeBytes(of: UInt32(tag.count).bigEndian) { Array($0) })
        hash.update(tag)
    }

    package init(_ tag: StaticString, profile: UmbralProfile) {
        self.init(Array(tag.description.utf8), profile: profile)
    }

    package mutating func update(_ point: Point) { hash.update(point.bytes) }

    package mutating func update(_ bytes: [UInt8]) { hash.update(bytes) }

    package mutating func update(_ secret: SecretBytes) { secret.withUnsafeBytes { hash.update($0) } }

    /// The hash of public values; nothing for zero, which only pyUmbral's profile can give.
    package consuming func scalar() -> Scalar? { secretScalar()?.published }

    /// The hash where something secret went in.
    package consuming func secretScalar() -> SecretScalar? {
        let profile = profile
        return SecretScalar(profile.reduce(hash.finalize()))
    }
}
