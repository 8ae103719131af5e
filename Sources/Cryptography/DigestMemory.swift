internal import COpenSSL

/// Digests to and from raw memory, for trees that handle them by the million. Nothing generic stands on this path: a
/// generic initializer that another module calls costs more than the hash.
extension Digest {
    /// Reads the 32 bytes at `memory`.
    package init(at memory: UnsafeRawPointer) {
        self.init(storedWords: memory.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self))
    }

    /// Writes the 32 bytes to `memory`.
    package func copy(to memory: UnsafeMutableRawPointer) {
        withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { memory.copyMemory(from: base, byteCount: bytes.count) }
        }
    }

    /// The same as `hash(left.bytes + right.bytes, in: domain)`.
    package static func hash(_ left: Digest, _ right: Digest, in domain: Domain) -> Digest {
        let context = OpenSSL.Handles.shared.threadDigestContext
        let prefix = domain.prefix
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        let succeeded = withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { pair in
            guard let base = pair.baseAddress else { return false }
            left.copy(to: base)
            right.copy(to: base + 32)
            return withUnsafeMutableBytes(of: &words) { out in
                EVP_DigestInit_ex2(context, OpenSSL.Handles.shared.sha256, nil) == 1
                    && EVP_DigestUpdate(context, prefix, prefix.count) == 1
                    && EVP_DigestUpdate(context, base, 64) == 1
                    && EVP_DigestFinal_ex(context, out.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
            }
        }
        precondition(succeeded, "SHA-256 takes any input")
        return Digest(storedWords: words)
    }
}
