internal import Consensus
internal import Foundation

/// The clock that a replica is told: time since 1970 that follows the system's and never runs backwards.
///
/// When the system's clock is set forward, this one jumps with it. When it is set back, this one goes at half its pace
/// until the two agree: standing still instead would keep every deadline from coming.
struct NodeClock {
    private var last: Int64
    private var lastMonotonic: ContinuousClock.Instant

    init() {
        last = Self.systemTime
        lastMonotonic = .now
    }

    /// What time it is.
    mutating func now() -> Instant {
        now(system: Self.systemTime, monotonic: .now)
    }

    mutating func now(system: Int64, monotonic: ContinuousClock.Instant) -> Instant {
        let elapsed = Int64(lastMonotonic.duration(to: monotonic) / .microseconds(1))
        last = max(system, last + max(0, elapsed) / 2)
        lastMonotonic = monotonic
        return Instant(microseconds: last)
    }

    private static var systemTime: Int64 { Int64(Date.now.timeIntervalSince1970 * 1_000_000) }
}
