internal import CSecp256k1

/// The curve library: parsing, signing and verification. Points and scalars of the re-encryption scheme stand in
/// `ProxyReEncryption`.
enum Secp256k1 {
    /// The library's context. It is written only while it is made, and the library reads it from any thread after that.
    final class Context: @unchecked Sendable {
        static let shared = Context()
        let raw: OpaquePointer

        private init() {
            guard let raw = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
                preconditionFailure("a curve context fits in memory")
            }
            // Without these the library prints and aborts without saying where.
            secp256k1_context_set_illegal_callback(
                raw, { _, _ in preconditionFailure("the curve library is called with legal arguments") }, nil)
            secp256k1_context_set_error_callback(
                raw, { _, _ in preconditionFailure("the curve library's memory is intact") }, nil)
            var seed = SystemRandom.bytes(32)
            let result = secp256k1_context_randomize(raw, seed)
            seed.erase()
            precondition(result == 1, "a fresh context takes a blinding seed")
            self.raw = raw
        }
    }

    /// A point that the library has checked to be on the curve and not infinity.
    struct ParsedPoint: Sendable {
        var raw: secp256k1_pubkey

        init(raw: secp256k1_pubkey) { self.raw = raw }

        /// - Parameter bytes: 33 bytes, prefix 02 or 03.
        init?(compressed bytes: [UInt8]) {
            guard let point = bytes.withUnsafeBytes({ ParsedPoint(compressed: $0) }) else { return nil }
            self = point
        }

        /// - Parameter memory: 33 bytes, prefix 02 or 03.
        init?(compressed memory: UnsafeRawBufferPointer) {
            guard memory.count == 33, memory[0] == 2 || memory[0] == 3,
                let base = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
            else { return nil }
            var raw = secp256k1_pubkey()
            guard secp256k1_ec_pubkey_parse(Context.shared.raw, &raw, base, 33) == 1 else { return nil }
            self.raw = raw
        }

        /// 33 bytes, prefix 02 or 03.
        var compressed: [UInt8] {
            var raw = raw
            var bytes = [UInt8](repeating: 0, count: 33)
            var length = 33
            let result = secp256k1_ec_pubkey_serialize(
                Context.shared.raw, &bytes, &length, &raw, UInt32(SECP256K1_EC_COMPRESSED))
            precondition(result == 1 && length == 33, "a parsed point has a compressed form")
            return bytes
        }
    }

    /// The point `secret * G`, in time that does not depend on the secret; nothing when it is 0 or not below the order.
    static func multiplyBase(_ secret: UnsafeRawBufferPointer) -> ParsedPoint? {
        var raw = secp256k1_pubkey()
        let base = secret.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard secret.count == 32, let base, secp256k1_ec_pubkey_create(Context.shared.raw, &raw, base) == 1 else {
            return nil
        }
        return ParsedPoint(raw: raw)
    }

    /// ECDSA with the nonce of RFC 6979, low S, as r||s.
    static func sign(_ digest: Digest, with secret: UnsafeRawBufferPointer) -> [UInt8]? {
        guard secret.count == 32, let key = secret.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        var signature = secp256k1_ecdsa_signature()
        let signed = digest.withUnsafeBytes { message in
            secp256k1_ecdsa_sign(
                Context.shared.raw, &signature,
                message.assumingMemoryBound(to: UInt8.self).baseAddress.unsafelyUnwrapped,
                key, nil, nil)
        }
        guard signed == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 64)
        let result = secp256k1_ecdsa_signature_serialize_compact(Context.shared.raw, &bytes, &signature)
        precondition(result == 1, "a signature has a compact form")
        return bytes
    }

    /// Whether r and s are in range and s is the lower of its two forms.
    static func isLowS(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 64 else { return false }
        var signature = secp256k1_ecdsa_signature()
        guard secp256k1_ecdsa_signature_parse_compact(Context.shared.raw, &signature, bytes) == 1 else { return false }
        guard bytes[..<32].contains(where: { $0 != 0 }), bytes[32...].contains(where: { $0 != 0 }) else { return false }
        return secp256k1_ecdsa_signature_normalize(Context.shared.raw, nil, &signature) == 0
    }

    static func verify(_ signature: UnsafeRawBufferPointer, of digest: Digest, by point: ParsedPoint) -> Bool {
        guard signature.count == 64, let base = signature.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return false
        }
        var parsed = secp256k1_ecdsa_signature()
        guard secp256k1_ecdsa_signature_parse_compact(Context.shared.raw, &parsed, base) == 1 else { return false }
        var key = point.raw
        return digest.withUnsafeBytes { message in
            secp256k1_ecdsa_verify(
                Context.shared.raw, &parsed, message.assumingMemoryBound(to: UInt8.self).baseAddress.unsafelyUnwrapped,
                &key)
        } == 1
    }
}
