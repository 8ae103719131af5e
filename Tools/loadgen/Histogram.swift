/// Counts durations in buckets that grow with the value: 64 to each power of two, so that a percentile is off by at most
/// 1.6 % whatever its size.
struct Histogram {
    private static let subBits = 6
    private var counts: [Int] = []
    private(set) var count = 0
    private(set) var maximum: UInt64 = 0

    /// Adds one duration.
    ///
    /// - Parameter value: Microseconds.
    mutating func record(_ value: UInt64) {
        let bucket = Self.bucket(of: value)
        if bucket >= counts.count { counts += [Int](repeating: 0, count: bucket + 1 - counts.count) }
        counts[bucket] += 1
        count += 1
        maximum = max(maximum, value)
    }

    /// The duration that `share` of all are not above, in microseconds; 0 when there is none.
    func percentile(_ share: Double) -> UInt64 {
        let wanted = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return min(Self.upperBound(of: bucket), maximum) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        let exponent = max(0, UInt64.bitWidth - value.leadingZeroBitCount - subBits - 1)
        return exponent << subBits + Int(value >> UInt64(exponent))
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        let exponent = max(0, bucket >> subBits - 1)
        return (UInt64(bucket - exponent << subBits) + 1) << UInt64(exponent) - 1
    }
}
