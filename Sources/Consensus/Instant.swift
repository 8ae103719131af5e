/// A reading of the clock that the caller hands in: microseconds since 1970 that never run backwards.
///
/// The rules compare instants and add intervals to them; they never ask what time it is.
public struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    /// A reading in microseconds since 1970.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Whole milliseconds since 1970, the unit of block times.
    public var milliseconds: UInt64 { UInt64(max(0, microseconds / 1000)) }

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    public static func + (instant: Instant, interval: Duration) -> Instant { instant + interval.microseconds }

    /// Later by a number of microseconds.
    static func + (instant: Instant, microseconds: Int64) -> Instant {
        Instant(microseconds: instant.microseconds + microseconds)
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
