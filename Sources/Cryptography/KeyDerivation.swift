internal import Codec

/// HKDF and HMAC with SHA-256, secrets in and secrets out.
public enum KeyDerivation {
    /// HMAC-SHA256 (RFC 2104).
    public static func hmac(_ message: [UInt8], key: SecretBytes) -> Digest {
        var tag = [UInt8](repeating: 0, count: 32)
        key.withUnsafeBytes { key in
            message.withUnsafeBytes { message in
                tag.withUnsafeMutableBytes { tag in
                    if let base = tag.baseAddress { OpenSSL.hmacSHA256(key: key, message: message, into: base) }
                }
            }
        }
        guard let digest = Digest(tag) else { preconditionFailure("an HMAC-SHA256 tag has 32 bytes") }
        return digest
    }

    /// HKDF-SHA256 (RFC 5869), extract and expand.
    ///
    /// - Parameters:
    ///   - secret: The input keying material.
    ///   - salt: Public; none counts as 32 zero bytes.
    ///   - info: What the result is for.
    ///   - count: Bytes of the result, at most 8 160.
    public static func hkdf(_ secret: SecretBytes, salt: [UInt8] = [], info: [UInt8], count: Int = 32) -> SecretBytes {
        SecretBytes(count: count) { (out: UnsafeMutableRawBufferPointer) in
            secret.withUnsafeBytes { OpenSSL.hkdfSHA256(secret: $0, salt: salt, info: info, into: out) }
        }
    }

    /// scrypt (RFC 7914): takes 128 * r * n bytes of memory.
    ///
    /// - Returns: Nothing when the parameters are not scrypt's or the memory is not there.
    package static func scrypt(
        _ password: SecretBytes, salt: [UInt8], n: UInt64, r: UInt64, p: UInt64, count: Int = 32
    ) -> SecretBytes? {
        var copy = password.copy()
        defer { copy.erase() }
        // What the algorithm needs, and its small change.
        let memory = 128 * r * (n + p + 2) + (1 << 20)
        var accepted = false
        let key = SecretBytes(count: count) { (out: UnsafeMutableRawBufferPointer) in
            accepted = OpenSSL.scrypt(
                password: copy, salt: salt, n: n, r: r, p: p, maximumMemory: memory, into: out)
        }
        return accepted ? key : nil
    }

    /// The 32 bytes that a seed holds for one role: HKDF-SHA256 with the role's label as info.
    public static func secret(for role: KeyRole, from seed: SecretBytes) -> SecretBytes {
        hkdf(seed, info: role.label)
    }

    /// The key that a seed holds for one role.
    ///
    /// - Parameter make: Turns 32 bytes into a key, or refuses them because no key has that value. That happens once in
    ///   2^128 draws; the label with a counter behind it then gives the next candidate.
    public static func key<Key>(
        for role: KeyRole, from seed: SecretBytes, _ make: (SecretBytes) -> Key?
    ) -> Key {
        if let key = make(secret(for: role, from: seed)) { return key }
        for counter in UInt8(1)...255 {
            if let key = make(hkdf(seed, info: role.label + [counter])) { return key }
        }
        preconditionFailure("one of 256 independent candidates is a key")
    }
}

/// What a derived secret is for. Each role has its own HKDF label, so that no key ever serves two purposes.
///
/// A scope's roles name the category (known only to the wallet) and the epoch: the same phrase gives the same scopes
/// again, and without the phrase two scopes cannot be linked.
public enum KeyRole: Hashable, Sendable {
    /// Signs for a person who is not acting for one scope.
    case identitySigning
    /// Opens re-encrypted capsules (secp256k1).
    case receiving
    /// Opens messages sealed to a person (X-Wing).
    case sealing
    /// Signs for a scope; its public key is the scope's id.
    case scopeSigning(category: String, epoch: UInt64)
    /// The scope's delegating key `a`.
    case scopeDelegation(category: String, epoch: UInt64)
    /// The scope's secret `S`.
    case scopeSecret(category: String, epoch: UInt64)
    /// Opens messages sealed to a scope (X-Wing).
    case scopeSealing(category: String, epoch: UInt64)
    /// What guardians keep in shares: the keys of recovery grants follow from it.
    case recoverySecret
    /// Opens capsules that were re-encrypted under a scope's recovery grant (secp256k1).
    case recoveryReceiving(scope: [UInt8])
    /// Opens the scope card of a scope's recovery grant (X-Wing).
    case recoverySealing(scope: [UInt8])
    /// Signs as a guardian of somebody else's scope; a number of its own for each scope.
    case guardian(number: UInt64)

    /// The info of HKDF: `careledger/v1/key/<role>`, a zero byte and, for a scope's roles, CBOR `[category, epoch]`; for
    /// a recovery grant's the scope's identifier, for a guardian's CBOR of the number.
    var label: [UInt8] {
        switch self {
        case .identitySigning: Domain("key/identity-signing").prefix
        case .receiving: Domain("key/receiving").prefix
        case .sealing: Domain("key/sealing").prefix
        case .scopeSigning(let category, let epoch): Self.label("key/scope-signing", category, epoch)
        case .scopeDelegation(let category, let epoch): Self.label("key/scope-delegation", category, epoch)
        case .scopeSecret(let category, let epoch): Self.label("key/scope-secret", category, epoch)
        case .scopeSealing(let category, let epoch): Self.label("key/scope-sealing", category, epoch)
        case .recoverySecret: Domain("key/recovery-secret").prefix
        case .recoveryReceiving(let scope): Domain("key/recovery-receiving").prefix + scope
        case .recoverySealing(let scope): Domain("key/recovery-sealing").prefix + scope
        case .guardian(let number): Self.label("key/guardian", number)
        }
    }

    private static func label(_ name: StaticString, _ number: UInt64) -> [UInt8] {
        var writer = CBORWriter(capacity: 16)
        writer.write(number)
        return Domain(name).prefix + writer.bytes
    }

    private static func label(_ name: StaticString, _ category: String, _ epoch: UInt64) -> [UInt8] {
        var writer = CBORWriter(capacity: 32)
        writer.beginArray(2)
        writer.write(text: category)
        writer.write(epoch)
        return Domain(name).prefix + writer.bytes
    }
}
