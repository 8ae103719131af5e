public import Codec

/// A secret at rest under a password: scrypt (RFC 7914) makes the key, AES-256-GCM seals.
///
/// Encoded as CBOR `[version, log2 N, r, p, salt(16), nonce(12), sealed]`. Everything before `sealed` is authenticated with
/// it, and the cost is bounded before a byte of memory is taken for it, so that a planted file cannot exhaust the machine.
public enum PasswordSeal {
    /// How much work and memory a guess takes: 128 * r * 2^log2N bytes, p times over.
    public struct Cost: Hashable, Sendable {
        let logN: Int
        let r: Int
        let p: Int

        /// N = 2^17, r = 8, p = 1: 128 MiB and about 0.4 s.
        public static let standard = Cost(logN: 17, r: 8, p: 1)
        /// N = 2^10: for tests, which make many.
        package static let testing = Cost(logN: 10, r: 8, p: 1)

        /// The costs that are accepted when opening: at most 1 GiB and four passes.
        fileprivate static let logNRange: ClosedRange<UInt64> = 10...20
        fileprivate static let blockSize: UInt64 = 8
        fileprivate static let passesRange: ClosedRange<UInt64> = 1...4
    }

    /// The version that this code writes and reads.
    private static let version: UInt64 = 1
    private static let saltLength = 16

    /// Seals a secret under a password.
    ///
    /// - Parameter domain: What kind of secret it is; opening needs the same.
    public static func seal(
        _ secret: SecretBytes, password: SecretBytes, domain: Domain, cost: Cost = .standard
    ) -> [UInt8] {
        let salt = SystemRandom.bytes(saltLength)
        let nonce = SystemRandom.bytes(AESGCM.nonceLength)
        guard let key = deriveKey(password, salt: salt, cost: cost) else {
            preconditionFailure("scrypt runs at a cost that this program chose")
        }
        let header = header(cost: cost, salt: salt, nonce: nonce)
        var sealed = [UInt8](repeating: 0, count: secret.count + AESGCM.tagLength)
        secret.withUnsafeBytes { secret in
            sealed.withUnsafeMutableBytes { sealed in
                AESGCM(key: key).seal(secret, nonce: nonce, authenticating: domain.prefix + header, into: sealed)
            }
        }
        var writer = CBORWriter(capacity: header.count + sealed.count + 8)
        writer.write(encoded: header)
        writer.write(bytes: sealed)
        return writer.bytes
    }

    /// Opens a sealed secret of at most `limit` bytes.
    ///
    /// - Throws: ``PasswordSealFailure``; a wrong password and an altered file look the same.
    public static func open(
        _ bytes: [UInt8], password: SecretBytes, domain: Domain, maximumLength limit: Int
    ) throws(PasswordSealFailure) -> SecretBytes {
        let parts: Parts
        do { parts = try Parts(decoding: bytes, maximumLength: limit) } catch { throw .malformed(error) }
        guard let key = deriveKey(password, salt: parts.salt, cost: parts.cost) else { throw .outOfMemory }
        var opened = false
        let secret = SecretBytes(count: parts.sealed.count - AESGCM.tagLength) { (out: UnsafeMutableRawBufferPointer) in
            opened = parts.sealed.withUnsafeBytes {
                AESGCM(key: key).open($0, nonce: parts.nonce, authenticating: domain.prefix + parts.header, into: out)
            }
        }
        guard opened else { throw .wrongPassword }
        return secret
    }

    private struct Parts {
        let cost: Cost
        let salt: [UInt8]
        let nonce: [UInt8]
        let header: [UInt8]
        let sealed: [UInt8]

        init(decoding bytes: [UInt8], maximumLength limit: Int) throws(DecodingFailure) {
            var reader = CBORReader(bytes)
            try reader.readArray(count: 7)
            guard try reader.readUnsigned() == version else { throw .invalid(field: "version") }
            let logN = try reader.readUnsigned()
            let r = try reader.readUnsigned()
            let p = try reader.readUnsigned()
            guard Cost.logNRange.contains(logN), r == Cost.blockSize, Cost.passesRange.contains(p) else {
                throw .invalid(field: "cost")
            }
            cost = Cost(logN: Int(logN), r: Int(r), p: Int(p))
            salt = Array(try reader.readBytes(exactly: saltLength))
            nonce = Array(try reader.readBytes(exactly: AESGCM.nonceLength))
            header = reader.bytes(from: 0, to: reader.position)
            sealed = try reader.readBytes(max: limit + AESGCM.tagLength)
            guard sealed.count >= AESGCM.tagLength else { throw .invalid(field: "sealed") }
            try reader.finish()
        }
    }

    private static func header(cost: Cost, salt: [UInt8], nonce: [UInt8]) -> [UInt8] {
        var writer = CBORWriter(capacity: 48)
        writer.beginArray(7)
        writer.write(version)
        for parameter in [cost.logN, cost.r, cost.p] { writer.write(UInt64(parameter)) }
        writer.write(bytes: salt)
        writer.write(bytes: nonce)
        return writer.bytes
    }

    private static func deriveKey(_ password: SecretBytes, salt: [UInt8], cost: Cost) -> SecretBytes? {
        KeyDerivation.scrypt(password, salt: salt, n: 1 << UInt64(cost.logN), r: UInt64(cost.r), p: UInt64(cost.p))
    }
}

/// Why a sealed secret could not be opened.
public enum PasswordSealFailure: Error, Hashable, Sendable {
    /// Not a sealed secret, or not one that this version reads.
    case malformed(DecodingFailure)
    /// The password is wrong, or the bytes were altered; nobody can tell which.
    case wrongPassword
    /// The machine has not the memory that the seal's cost demands.
    case outOfMemory
}
