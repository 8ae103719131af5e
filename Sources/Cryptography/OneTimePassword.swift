internal import COpenSSL

/// Time-based one-time passwords: RFC 6238 over RFC 4226, what authenticator apps show.
public struct OneTimePassword: Sendable {
    /// The hash under the HMAC. Apps that ignore the URI's word for it use SHA-1, whose collisions do not weaken an HMAC.
    public enum Algorithm: String, CaseIterable, Hashable, Sendable {
        case sha1 = "SHA1"
        case sha256 = "SHA256"
        case sha512 = "SHA512"
    }

    /// Seconds for which a code stands.
    public static let period: UInt64 = 30

    private let secret: SecretBytes
    private let algorithm: Algorithm
    private let digits: Int

    /// - Precondition: `digits` is 6 to 8.
    public init(secret: SecretBytes, algorithm: Algorithm = .sha1, digits: Int = 6) {
        precondition((6...8).contains(digits), "a code has 6 to 8 digits")
        self.secret = secret
        self.algorithm = algorithm
        self.digits = digits
    }

    /// The step that a moment falls in.
    public static func step(at seconds: UInt64) -> UInt64 { seconds / period }

    /// The code of a step (RFC 4226 section 5.3).
    public func code(at step: UInt64) -> String {
        let message = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        var tag = mac(of: message)
        defer { tag.erase() }
        let offset = Int((tag.last ?? 0) & 15)
        var number = tag[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        let modulus = (0..<digits).reduce(UInt32(1)) { value, _ in value * 10 }
        number %= modulus
        let text = "\(number)"
        return String(repeating: "0", count: digits - text.count) + text
    }

    private func mac(of message: [UInt8]) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: 64)
        var length: UInt32 = 0
        let hash =
            switch algorithm {
            case .sha1: EVP_sha1()
            case .sha256: EVP_sha256()
            case .sha512: EVP_sha512()
            }
        let made = secret.withUnsafeBytes { key in
            HMAC(hash, key.baseAddress, Int32(key.count), message, message.count, &tag, &length)
        }
        precondition(made != nil && length >= 20, "HMAC is available")
        return Array(tag.prefix(Int(length)))
    }
}
