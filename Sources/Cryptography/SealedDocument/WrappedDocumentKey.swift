public import Codec

/// A document's key under another capsule: 32 bytes sealed with AES-256-GCM, 48 bytes.
///
/// The key that seals it follows by HKDF-SHA256 from what the other capsule hides and the other scope's secret, as a
/// document key does, in a domain of its own. It seals nothing else, hence the nonce is zero.
public struct WrappedDocumentKey: Hashable, Sendable {
    /// Bytes of it.
    public static let length = 32 + AESGCM.tagLength

    private static let domain = Domain("wrapped-document-key")
    private static let nonce = [UInt8](repeating: 0, count: AESGCM.nonceLength)

    private let sealed: [UInt8]

    /// Wraps a key.
    ///
    /// - Parameters:
    ///   - keySeed: What the other capsule encapsulates.
    ///   - scopeSecret: S of the other scope, 32 bytes.
    ///   - capsule: The other capsule.
    ///   - scope: The other scope's verifying key.
    public init(
        _ key: DocumentKey, keySeed: SecretBytes, scopeSecret: SecretBytes, capsule: Capsule, scope: PublicKey
    ) {
        let cipher = Self.cipher(keySeed, scopeSecret, capsule, scope)
        var sealed = [UInt8](repeating: 0, count: Self.length)
        key.withSecret { plaintext in
            plaintext.withUnsafeBytes { plaintext in
                sealed.withUnsafeMutableBytes { cipher.seal(plaintext, nonce: Self.nonce, into: $0) }
            }
        }
        self.sealed = sealed
    }

    /// Opens it.
    ///
    /// - Returns: Nothing if it is another share's or was altered.
    public func open(
        keySeed: SecretBytes, scopeSecret: SecretBytes, capsule: Capsule, scope: PublicKey
    ) -> DocumentKey? {
        let cipher = Self.cipher(keySeed, scopeSecret, capsule, scope)
        var opened = false
        let secret = SecretBytes(count: 32) { out in
            sealed.withUnsafeBytes { opened = cipher.open($0, nonce: Self.nonce, into: out) }
        }
        return opened ? DocumentKey(secret) : nil
    }

    private static func cipher(
        _ keySeed: SecretBytes, _ scopeSecret: SecretBytes, _ capsule: Capsule, _ scope: PublicKey
    ) -> AESGCM {
        AESGCM(
            key: DocumentKey.derive(
                keySeed: keySeed, scopeSecret: scopeSecret, info: domain.prefix + capsule.bytes + scope.bytes))
    }
}

extension WrappedDocumentKey: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        sealed = Array(try reader.readBytes(exactly: Self.length))
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: sealed) }
}
