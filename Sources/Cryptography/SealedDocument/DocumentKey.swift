/// The key of one document, 32 bytes.
///
/// It takes both what the capsule hides and the scope secret to derive it, so that neither a broken curve nor a leaked
/// scope secret opens anything alone.
public struct DocumentKey: Sendable {
    private static let domain = Domain("document-key")
    private let secret: SecretBytes

    /// - Parameters:
    ///   - keySeed: What the capsule encapsulates.
    ///   - scopeSecret: S, 32 bytes.
    ///   - capsule: As on the chain.
    ///   - scope: The scope's verifying key, which is its identifier.
    public init(keySeed: SecretBytes, scopeSecret: SecretBytes, capsule: Capsule, scope: PublicKey) {
        secret = Self.derive(
            keySeed: keySeed, scopeSecret: scopeSecret, info: Self.domain.prefix + capsule.bytes + scope.bytes)
    }

    /// What both secrets give together for one purpose: 32 bytes.
    static func derive(keySeed: SecretBytes, scopeSecret: SecretBytes, info: [UInt8]) -> SecretBytes {
        precondition(scopeSecret.count == 32, "a scope secret has 32 bytes")
        let both = SecretBytes(count: keySeed.count + scopeSecret.count) { buffer in
            keySeed.withUnsafeBytes { buffer.copyMemory(from: $0) }
            scopeSecret.withUnsafeBytes { secret in
                UnsafeMutableRawBufferPointer(rebasing: buffer[keySeed.count...]).copyMemory(from: secret)
            }
        }
        return SecretBytes(count: 32) { out in
            both.withUnsafeBytes { OpenSSL.hkdfSHA256(secret: $0, salt: [], info: info, into: out) }
        }
    }

    /// - Parameter secret: 32 bytes.
    package init(_ secret: SecretBytes) {
        precondition(secret.count == 32, "a document key has 32 bytes")
        self.secret = secret
    }

    /// Lends the key, to wrap it.
    func withSecret(_ body: (SecretBytes) -> Void) { body(secret) }

    /// What one sealing with `salt` uses.
    package func schedule(salt: [UInt8]) -> DocumentKeySchedule {
        func derive(_ domain: Domain) -> SecretBytes {
            SecretBytes(count: 32) { out in
                secret.withUnsafeBytes {
                    OpenSSL.hkdfSHA256(secret: $0, salt: salt, info: Array(domain.fullName.utf8), into: out)
                }
            }
        }
        guard let commitment = derive(Domain("commit")).withUnsafeBytes({ Digest($0) }) else {
            preconditionFailure("a commitment has 32 bytes")
        }
        return DocumentKeySchedule(
            payload: derive(Domain("payload")), manifestAuthentication: derive(Domain("manifest-mac")),
            commitment: commitment)
    }
}

/// The keys of one sealing.
package struct DocumentKeySchedule {
    /// Seals the segments.
    package let payload: SecretBytes
    /// Authenticates the manifest.
    let manifestAuthentication: SecretBytes
    /// Names the key without telling it. AES-GCM does not: two keys can be found that open one ciphertext differently.
    package let commitment: Digest

    /// The code that authenticates a manifest.
    package func authenticate(_ message: [UInt8]) -> Digest {
        var code = [UInt8](repeating: 0, count: 32)
        manifestAuthentication.withUnsafeBytes { key in
            message.withUnsafeBytes { message in
                code.withUnsafeMutableBytes { code in
                    guard let base = code.baseAddress else { return }
                    OpenSSL.hmacSHA256(key: key, message: message, into: base)
                }
            }
        }
        guard let digest = Digest(code) else { preconditionFailure("HMAC-SHA256 gives 32 bytes") }
        return digest
    }
}

/// Where a document belongs: a scope and the organisation that wrote it. A manifest names its place, so that it cannot
/// be passed off as another patient's.
public struct DocumentContext: Hashable, Sendable {
    /// `hash(scope id || organisation id)`, 33 and 32 bytes.
    public let digest: Digest

    /// - Parameters:
    ///   - scope: The scope's verifying key, which is its identifier.
    ///   - author: The identifier of the organisation that commits the document.
    public init(scope: PublicKey, author: Digest) {
        digest = .hash(scope.bytes + author.bytes, in: Domain("document-context"))
    }
}
