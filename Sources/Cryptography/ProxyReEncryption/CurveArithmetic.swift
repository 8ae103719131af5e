internal import CSecp256k1

#if canImport(Glibc)
    internal import Glibc
#endif

/// What the re-encryption scheme asks of the curve library beyond signatures.
///
/// The library returns 0 for a zero scalar and for the point at infinity; each function here turns that into `nil` or
/// `false`, and no result is ever ignored.
extension Secp256k1 {
    // MARK: Scalars, in place, 32 bytes big-endian, time independent of the values

    static func isScalar(_ scalar: UnsafeRawBufferPointer) -> Bool {
        guard scalar.count == 32, let base = scalar.baseAddress else { return false }
        return secp256k1_ec_seckey_verify(Context.shared.raw, base.assumingMemoryBound(to: UInt8.self)) == 1
    }

    static func add(_ other: UnsafeRawBufferPointer, to scalar: UnsafeMutableRawBufferPointer) -> Bool {
        let (scalar, other) = pointers(scalar, other)
        return secp256k1_ec_seckey_tweak_add(Context.shared.raw, scalar, other) == 1
    }

    static func multiply(_ scalar: UnsafeMutableRawBufferPointer, by other: UnsafeRawBufferPointer) -> Bool {
        let (scalar, other) = pointers(scalar, other)
        return secp256k1_ec_seckey_tweak_mul(Context.shared.raw, scalar, other) == 1
    }

    static func negate(_ scalar: UnsafeMutableRawBufferPointer) -> Bool {
        let (scalar, _) = pointers(scalar, UnsafeRawBufferPointer(scalar))
        return secp256k1_ec_seckey_negate(Context.shared.raw, scalar) == 1
    }

    private static func pointers(
        _ scalar: UnsafeMutableRawBufferPointer, _ other: UnsafeRawBufferPointer
    ) -> (UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>) {
        guard scalar.count == 32, other.count == 32, let left = scalar.baseAddress, let right = other.baseAddress else {
            preconditionFailure("a scalar has 32 bytes")
        }
        return (left.assumingMemoryBound(to: UInt8.self), right.assumingMemoryBound(to: UInt8.self))
    }

    // MARK: Points

    /// `scalar * point` for a secret scalar: the library's Diffie-Hellman routine is its one constant-time
    /// multiplication of any point, so it is called with a hash function that only writes the point down.
    static func multiply(_ point: ParsedPoint, bySecret scalar: UnsafeRawBufferPointer) -> ParsedPoint? {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 16) { buffer in
            defer { OpenSSL.cleanse(buffer) }
            guard exchange(point, scalar, into: buffer, writeUncompressed), let base = buffer.baseAddress else {
                return nil
            }
            var raw = secp256k1_pubkey()
            let bytes = base.assumingMemoryBound(to: UInt8.self)
            guard secp256k1_ec_pubkey_parse(Context.shared.raw, &raw, bytes, 65) == 1 else { return nil }
            return ParsedPoint(raw: raw)
        }
    }

    /// The compressed form of `scalar * point`, written straight into 33 bytes: the point is itself a secret.
    static func multiply(
        _ point: ParsedPoint, bySecret scalar: UnsafeRawBufferPointer,
        compressedInto out: UnsafeMutableRawBufferPointer
    ) -> Bool {
        precondition(out.count == 33, "a compressed point has 33 bytes")
        return exchange(point, scalar, into: out, writeCompressed)
    }

    /// `scalar * point` in time that depends on the scalar: for public values only.
    static func multiply(_ point: ParsedPoint, byPublic scalar: UnsafeRawBufferPointer) -> ParsedPoint? {
        guard scalar.count == 32, let base = scalar.baseAddress else { return nil }
        var raw = point.raw
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        guard secp256k1_ec_pubkey_tweak_mul(Context.shared.raw, &raw, bytes) == 1 else { return nil }
        return ParsedPoint(raw: raw)
    }

    /// The sum; nothing when it is infinity or there is no summand.
    static func sum(_ points: [ParsedPoint]) -> ParsedPoint? {
        guard !points.isEmpty else { return nil }
        let raws = points.map(\.raw)
        var result = secp256k1_pubkey()
        let succeeded = raws.withUnsafeBufferPointer { raws in
            withUnsafeTemporaryAllocation(of: UnsafePointer<secp256k1_pubkey>?.self, capacity: raws.count) { pointers in
                for index in 0..<raws.count { pointers[index] = raws.baseAddress.map { $0 + index } }
                return secp256k1_ec_pubkey_combine(
                    Context.shared.raw, &result, pointers.baseAddress.unsafelyUnwrapped, raws.count)
            }
        }
        return succeeded == 1 ? ParsedPoint(raw: result) : nil
    }

    /// `base * G - factor * point`, both products in one pass, in time that depends on the values: for public ones only.
    ///
    /// The library computes such a sum where ECDSA recovers a key: from r, s and m it gives `r^-1 (s*R - m*G)`, where R has
    /// the x-coordinate r (SEC 1, 4.1.6). With R the point, `s = -factor*r` and `m = -base*r` that is the difference.
    ///
    /// - Returns: Nothing when the difference is infinity, and for one point in 2^128, whose x-coordinate is not below the
    ///   group order.
    static func difference(
        base: UnsafeRawBufferPointer, _ point: ParsedPoint, times factor: UnsafeRawBufferPointer
    ) -> ParsedPoint? {
        let compressed = point.compressed
        // r, s and m, one after the other.
        return withUnsafeTemporaryAllocation(byteCount: 96, alignment: 8) { buffer -> ParsedPoint? in
            for start in stride(from: 0, to: 96, by: 32) {
                compressed[1...].withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + 32]).copyMemory(from: $0)
                }
            }
            let s = UnsafeMutableRawBufferPointer(rebasing: buffer[32..<64])
            let m = UnsafeMutableRawBufferPointer(rebasing: buffer[64..<96])
            guard isScalar(UnsafeRawBufferPointer(s)), multiply(s, by: factor), negate(s), multiply(m, by: base),
                negate(m),
                let bytes = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            else { return nil }
            var signature = secp256k1_ecdsa_recoverable_signature()
            var raw = secp256k1_pubkey()
            guard
                secp256k1_ecdsa_recoverable_signature_parse_compact(
                    Context.shared.raw, &signature, bytes, Int32(compressed[0] & 1)) == 1,
                secp256k1_ecdsa_recover(Context.shared.raw, &raw, &signature, bytes + 64) == 1
            else { return nil }
            return ParsedPoint(raw: raw)
        }
    }

    static func isEqual(_ left: ParsedPoint, _ right: ParsedPoint) -> Bool {
        var left = left.raw
        var right = right.raw
        return secp256k1_ec_pubkey_cmp(Context.shared.raw, &left, &right) == 0
    }

    private static func exchange(
        _ point: ParsedPoint, _ scalar: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer,
        _ write: secp256k1_ecdh_hash_function
    ) -> Bool {
        guard scalar.count == 32, let base = scalar.baseAddress, let outBase = out.baseAddress else { return false }
        var raw = point.raw
        return secp256k1_ecdh(
            Context.shared.raw, outBase.assumingMemoryBound(to: UInt8.self), &raw,
            base.assumingMemoryBound(to: UInt8.self), write, nil) == 1
    }

    private static let writeUncompressed: secp256k1_ecdh_hash_function = { out, x, y, _ in
        guard let out, let x, let y else { return 0 }
        out[0] = 4
        memcpy(out + 1, x, 32)
        memcpy(out + 33, y, 32)
        return 1
    }

    private static let writeCompressed: secp256k1_ecdh_hash_function = { out, x, y, _ in
        guard let out, let x, let y else { return 0 }
        out[0] = 2 | (y[31] & 1)
        memcpy(out + 1, x, 32)
        return 1
    }
}
