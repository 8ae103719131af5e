/// A secret key that signs, and nothing else: a key has one role.
public struct SigningKey: Sendable {
    private let secret: SecretBytes
    /// The key that checks its signatures.
    public let publicKey: PublicKey

    /// - Parameter secret: 32 bytes big-endian, from 1 to the group order less 1; nothing else is a key.
    public init?(_ secret: SecretBytes) {
        guard secret.count == 32, let point = secret.withUnsafeBytes({ Secp256k1.multiplyBase($0) }) else { return nil }
        self.secret = secret
        publicKey = PublicKey(point: point)
    }

    /// A fresh key from the system's random generator.
    public static func random() -> SigningKey {
        // One draw in 2^128 is out of range.
        while true { if let key = SigningKey(.random(count: 32)) { return key } }
    }

    /// The 32 secret bytes, for a keystore.
    public var secretBytes: SecretBytes { secret }

    /// Signs a message for a domain.
    public func sign(_ message: [UInt8], in domain: Domain) -> Signature { sign(digest: .hash(message, in: domain)) }

    /// Signs a hash (ES256K: nonce of RFC 6979, low S).
    public func sign(digest: Digest) -> Signature {
        guard let bytes = secret.withUnsafeBytes({ Secp256k1.sign(digest, with: $0) }), let signature = Signature(bytes)
        else { preconditionFailure("a valid key signs any hash") }
        return signature
    }
}

extension SigningKey: CustomStringConvertible {
    public var description: String { "signing key of \(publicKey)" }
}
