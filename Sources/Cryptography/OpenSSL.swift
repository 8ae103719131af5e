internal import COpenSSL

#if canImport(Glibc)
    internal import Glibc
#endif

/// The symmetric primitives, all through OpenSSL's provider interface, so that a hospital can put its own provider
/// underneath. Algorithms are fetched once and contexts reused: implicit fetches triple the cost of short inputs.
enum OpenSSL {
    /// Overwrites memory in a way that the compiler may not leave out.
    static func cleanse(_ memory: UnsafeMutableRawBufferPointer) {
        if let base = memory.baseAddress { OPENSSL_cleanse(base, memory.count) }
    }

    /// Compares without a data-dependent branch; the lengths are public.
    static func isEqualConstantTime(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let left = left.baseAddress, let rightBase = right.baseAddress else { return true }
        return CRYPTO_memcmp(left, rightBase, right.count) == 0
    }

    /// Fills memory from the provider's random generator.
    static func fillRandom(_ memory: UnsafeMutableRawBufferPointer) {
        guard memory.count > 0 else { return }
        let result = RAND_bytes(memory.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(memory.count))
        precondition(result == 1, "the random generator always delivers")
    }

    static func hmacSHA256(
        key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer, into out: UnsafeMutableRawPointer
    ) {
        var length = 0
        var parameters = [
            OSSL_PARAM_construct_utf8_string(Handles.digestParameter, Handles.digestName, 0),
            OSSL_PARAM_construct_end(),
        ]
        let context = EVP_MAC_CTX_new(Handles.shared.hmac)
        defer { EVP_MAC_CTX_free(context) }
        let empty: [UInt8] = [0]
        let succeeded = empty.withUnsafeBufferPointer { empty in
            let keyBase = key.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty.baseAddress
            let messageBase = message.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty.baseAddress
            return EVP_MAC_init(context, keyBase, key.count, &parameters) == 1
                && EVP_MAC_update(context, messageBase, message.count) == 1
                && EVP_MAC_final(context, out.assumingMemoryBound(to: UInt8.self), &length, 32) == 1
        }
        precondition(succeeded && length == 32, "HMAC-SHA256 is available")
    }

    /// HKDF-SHA256 (RFC 5869), extract and expand.
    static func hkdfSHA256(
        secret: UnsafeRawBufferPointer, salt: [UInt8], info: [UInt8], into out: UnsafeMutableRawBufferPointer
    ) {
        var secretKey = [UInt8](repeating: 0, count: 32)
        defer { secretKey.withUnsafeMutableBytes { cleanse($0) } }
        let salt = salt.isEmpty ? [UInt8](repeating: 0, count: 32) : salt
        salt.withUnsafeBytes { salt in
            secretKey.withUnsafeMutableBytes { extracted in
                if let base = extracted.baseAddress { hmacSHA256(key: salt, message: secret, into: base) }
            }
        }
        precondition(out.count <= 255 * 32, "HKDF-SHA256 gives at most 8160 bytes")
        var previous: [UInt8] = []
        var offset = 0
        var counter: UInt8 = 1
        defer { previous.withUnsafeMutableBytes { cleanse($0) } }
        while offset < out.count {
            var block = [UInt8](repeating: 0, count: 32)
            var input = previous + info + [counter]
            secretKey.withUnsafeBytes { key in
                input.withUnsafeBytes { input in
                    block.withUnsafeMutableBytes { block in
                        if let base = block.baseAddress { hmacSHA256(key: key, message: input, into: base) }
                    }
                }
            }
            input.withUnsafeMutableBytes { cleanse($0) }
            let count = min(32, out.count - offset)
            for index in 0..<count { out[offset + index] = block[index] }
            offset += count
            counter &+= 1
            previous.withUnsafeMutableBytes { cleanse($0) }
            previous = block
            block.withUnsafeMutableBytes { cleanse($0) }
        }
    }

    /// scrypt (RFC 7914). Returns whether the provider accepted the cost.
    static func scrypt(
        password: [UInt8], salt: [UInt8], n: UInt64, r: UInt64, p: UInt64, maximumMemory: UInt64,
        into out: UnsafeMutableRawBufferPointer
    ) -> Bool {
        password.withUnsafeBytes { password in
            EVP_PBE_scrypt(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count, n, r, p,
                maximumMemory, out.baseAddress?.assumingMemoryBound(to: UInt8.self), out.count) == 1
        }
    }

    /// PBKDF2-HMAC-SHA512 (RFC 8018), which BIP-39 prescribes.
    static func pbkdf2SHA512(
        password: UnsafeRawBufferPointer, salt: [UInt8], iterations: Int, into out: UnsafeMutableRawBufferPointer
    ) {
        let result = PKCS5_PBKDF2_HMAC(
            password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt, Int32(salt.count),
            Int32(iterations), EVP_sha512(), Int32(out.count), out.baseAddress?.assumingMemoryBound(to: UInt8.self))
        precondition(result == 1, "PBKDF2-HMAC-SHA512 is available")
    }

    static func pbkdf2SHA256(
        password: UnsafeRawBufferPointer, salt: [UInt8], iterations: Int, into out: UnsafeMutableRawBufferPointer
    ) {
        let result = PKCS5_PBKDF2_HMAC(
            password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt, Int32(salt.count),
            Int32(iterations), EVP_sha256(), Int32(out.count), out.baseAddress?.assumingMemoryBound(to: UInt8.self))
        precondition(result == 1, "PBKDF2-HMAC-SHA256 is available")
    }

    /// The fetched algorithms. They are immutable and reference counted by the library, hence safe to share.
    final class Handles: @unchecked Sendable {
        static let shared = Handles()
        nonisolated(unsafe) static let digestName = strdup("SHA256")
        /// A parameter keeps the pointer to its name: a Swift string's would be gone after the call that makes it.
        nonisolated(unsafe) static let digestParameter = strdup(OSSL_MAC_PARAM_DIGEST)
        let sha256: OpaquePointer
        let aes256GCM: OpaquePointer
        let hmac: OpaquePointer
        private let threadKey: pthread_key_t

        private init() {
            guard let sha256 = EVP_MD_fetch(nil, "SHA256", nil), let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil),
                let hmac = EVP_MAC_fetch(nil, "HMAC", nil)
            else { preconditionFailure("the provider has SHA-256, AES-256-GCM and HMAC") }
            self.sha256 = sha256
            aes256GCM = cipher
            self.hmac = hmac
            var key = pthread_key_t()
            let result = pthread_key_create(&key) { context in
                if let context { EVP_MD_CTX_free(OpaquePointer(context)) }
            }
            precondition(result == 0, "a process has room for one more thread-specific value")
            threadKey = key
        }

        /// A digest context that belongs to the calling thread.
        var threadDigestContext: OpaquePointer {
            if let existing = pthread_getspecific(threadKey) { return OpaquePointer(existing) }
            guard let context = EVP_MD_CTX_new() else { preconditionFailure("a digest context fits in memory") }
            pthread_setspecific(threadKey, UnsafeRawPointer(context))
            return context
        }
    }
}

/// SHA-256 over input that arrives in pieces.
public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// An empty hash.
    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("a digest context fits in memory") }
        self.context = context
        let result = EVP_DigestInit_ex2(context, OpenSSL.Handles.shared.sha256, nil)
        precondition(result == 1, "SHA-256 is available")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let result = EVP_DigestUpdate(context, base, bytes.count)
        precondition(result == 1, "SHA-256 takes any input")
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The hash of everything added.
    public consuming func finalize() -> Digest {
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &words) { out in
            let result = EVP_DigestFinal_ex(context, out.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
            precondition(result == 1, "SHA-256 ends")
        }
        return Digest(storedWords: words)
    }

    /// The hash of the concatenation, on a context that the calling thread reuses.
    static func hash(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> Digest {
        let context = OpenSSL.Handles.shared.threadDigestContext
        var succeeded = EVP_DigestInit_ex2(context, OpenSSL.Handles.shared.sha256, nil) == 1
        if let base = first.baseAddress {
            succeeded = EVP_DigestUpdate(context, base, first.count) == 1 && succeeded
        }
        if let base = second.baseAddress {
            succeeded = EVP_DigestUpdate(context, base, second.count) == 1 && succeeded
        }
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &words) { out in
            let result = EVP_DigestFinal_ex(context, out.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
            succeeded = result == 1 && succeeded
        }
        precondition(succeeded, "SHA-256 takes any input")
        return Digest(storedWords: words)
    }
}

/// AES-256-GCM with one key and a context that is reused from message to message.
///
/// One instance serves one thread at a time.
public final class AESGCM {
    /// Bytes of the authentication tag.
    public static let tagLength = 16
    /// Bytes of the nonce.
    public static let nonceLength = 12

    private let sealing: OpaquePointer
    private let opening: OpaquePointer

    /// - Parameter key: 32 bytes.
    public init(key: SecretBytes) {
        precondition(key.count == 32, "an AES-256 key has 32 bytes")
        guard let sealing = EVP_CIPHER_CTX_new(), let opening = EVP_CIPHER_CTX_new() else {
            preconditionFailure("a cipher context fits in memory")
        }
        self.sealing = sealing
        self.opening = opening
        key.withUnsafeBytes { key in
            let base = key.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let cipher = OpenSSL.Handles.shared.aes256GCM
            let succeeded =
                EVP_EncryptInit_ex2(sealing, cipher, base, nil, nil) == 1
                && EVP_DecryptInit_ex2(opening, cipher, base, nil, nil) == 1
            precondition(succeeded, "AES-256-GCM is available")
        }
    }

    deinit {
        EVP_CIPHER_CTX_free(sealing)
        EVP_CIPHER_CTX_free(opening)
    }

    /// Seals `plaintext` into `output`, ciphertext first, then the tag.
    ///
    /// - Parameters:
    ///   - plaintext: May be the beginning of `output`.
    ///   - nonce: 12 bytes, never used twice with one key.
    ///   - output: `plaintext.count + 16` bytes.
    public func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: [UInt8], authenticating data: [UInt8] = [],
        into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(nonce.count == Self.nonceLength && output.count == plaintext.count + Self.tagLength)
        let out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var length: Int32 = 0
        var succeeded = EVP_EncryptInit_ex2(sealing, nil, nil, nonce, nil) == 1
        if !data.isEmpty {
            succeeded = EVP_EncryptUpdate(sealing, nil, &length, data, Int32(data.count)) == 1 && succeeded
        }
        if let base = plaintext.baseAddress, plaintext.count > 0 {
            let input = base.assumingMemoryBound(to: UInt8.self)
            succeeded = EVP_EncryptUpdate(sealing, out, &length, input, Int32(plaintext.count)) == 1 && succeeded
        }
        succeeded = EVP_EncryptFinal_ex(sealing, out, &length) == 1 && succeeded
        let tag = output.baseAddress.map { $0 + plaintext.count }
        succeeded = EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), tag) == 1 && succeeded
        precondition(succeeded, "AES-256-GCM seals any input")
    }

    /// Opens `sealed` (ciphertext, then tag) into `output`.
    ///
    /// - Returns: False when the tag does not match; `output` is then zeroed.
    public func open(
        _ sealed: UnsafeRawBufferPointer, nonce: [UInt8], authenticating data: [UInt8] = [],
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard nonce.count == Self.nonceLength, sealed.count >= Self.tagLength else { return false }
        let count = sealed.count - Self.tagLength
        precondition(output.count == count)
        guard let base = sealed.baseAddress else { return false }
        let out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var length: Int32 = 0
        var succeeded = EVP_DecryptInit_ex2(opening, nil, nil, nonce, nil) == 1
        if !data.isEmpty {
            succeeded = EVP_DecryptUpdate(opening, nil, &length, data, Int32(data.count)) == 1 && succeeded
        }
        if count > 0 {
            let input = base.assumingMemoryBound(to: UInt8.self)
            succeeded = EVP_DecryptUpdate(opening, out, &length, input, Int32(count)) == 1 && succeeded
        }
        let tag = UnsafeMutableRawPointer(mutating: base + count)
        succeeded = EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagLength), tag) == 1 && succeeded
        var last = [UInt8](repeating: 0, count: 16)
        succeeded = EVP_DecryptFinal_ex(opening, &last, &length) == 1 && succeeded
        if !succeeded { OpenSSL.cleanse(output) }
        return succeeded
    }
}
