/// The field of 256 elements in which secrets are shared: polynomials over GF(2) modulo x^8 + x^4 + x^3 + x + 1.
///
/// No step looks anything up or branches by the operands: a shared secret leaves no trace in caches or time.
enum GaloisField {
    /// The product.
    static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (left, right, product) = (left, right, UInt8(0))
        for _ in 0..<8 {
            product ^= left & mask(right & 1)
            let carry = left >> 7
            left = left << 1 ^ 0x1b & mask(carry)
            right >>= 1
        }
        return product
    }

    /// The inverse, a^254; 0 for 0.
    static func inverse(_ value: UInt8) -> UInt8 {
        // 254 = 2 + 4 + 8 + 16 + 32 + 64 + 128.
        var square = value
        var result: UInt8 = 1
        for _ in 0..<7 {
            square = multiply(square, square)
            result = multiply(result, square)
        }
        return result
    }

    /// All ones for 1, zero for 0.
    private static func mask(_ bit: UInt8) -> UInt8 { 0 &- bit }

    /// What the polynomials through `points` are at `x`.
    ///
    /// - Parameter points: Different places with as many values each; places are public, values are not.
    static func interpolate(_ points: [(x: UInt8, values: SecretBytes)], at x: UInt8) -> SecretBytes {
        if let known = points.first(where: { $0.x == x }) { return known.values }
        return SecretBytes(count: points.first?.values.count ?? 0) { (out: UnsafeMutableRawBufferPointer) in
            for point in points {
                var basis: UInt8 = 1
                for other in points where other.x != point.x {
                    basis = multiply(basis, multiply(x ^ other.x, inverse(point.x ^ other.x)))
                }
                point.values.withUnsafeBytes { values in
                    for index in out.indices { out[index] ^= multiply(basis, values[index]) }
                }
            }
        }
    }
}
