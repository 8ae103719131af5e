/// Sizes that hide sizes: a plaintext grows by at most 12 percent, and what its size still tells is O(log log size) bits
/// ("Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PETS 2019, section 4).
public enum Padme {
    /// The smallest padded size that holds `size` bytes.
    ///
    /// - Parameter size: Below 2^62.
    public static func paddedSize(of size: UInt64) -> UInt64 {
        precondition(size < 1 << 62, "a size is far below what 64 bits hold")
        guard size > 1 else { return size }
        let exponent = 63 - size.leadingZeroBitCount
        // As many bits as it takes to write the exponent may be other than zero behind the first.
        let kept = 64 - UInt64(exponent).leadingZeroBitCount
        let mask: UInt64 = (1 << UInt64(exponent - kept)) - 1
        return (size + mask) & ~mask
    }

    /// Whether padding gives this size.
    public static func isPadded(_ size: UInt64) -> Bool { size < 1 << 62 && paddedSize(of: size) == size }
}
