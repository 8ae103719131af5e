/// How long the rules wait. Every validator should use the same; none relies on it for safety.
public struct Pace: Hashable, Sendable {
    /// Δ: by when a message between two correct validators has usually arrived.
    public var delay: Duration
    /// What building and executing a full block may take on top.
    public var work: Duration
    /// How often an idle chain makes an empty block (R10).
    public var heartbeat: Duration
    /// How often a validator says where it stands.
    public var statusInterval: Duration

    /// - Parameter delay: Δ; a quarter of a second suits validators on one continent.
    public init(
        delay: Duration = .milliseconds(250), work: Duration = .milliseconds(500), heartbeat: Duration = .seconds(5),
        statusInterval: Duration = .seconds(1)
    ) {
        self.delay = delay
        self.work = work
        self.heartbeat = heartbeat
        self.statusInterval = statusInterval
    }

    /// 1.5 to the power of 0, 1, 2, … in 64ths, at most 16.
    ///
    /// Growth covers a Δ that was set too small; the cap lets a long outage end quickly. Rational, so that it is the
    /// same on every machine.
    private static let growth: [Int64] = [64, 96, 144, 216, 324, 486, 729, 1024]

    /// Δ scaled for a number of views without progress, in microseconds.
    private func scaled(_ factor: Int64, by stalled: UInt64) -> Int64 {
        delay.microseconds * factor * Self.growth[Int(min(stalled, UInt64(Self.growth.count - 1)))] / 64
    }

    /// T_l in microseconds: how long a leader's proposal is awaited.
    func leaderTimeout(stalled: UInt64) -> Int64 { scaled(2, by: stalled) + work.microseconds }
    /// T_a in microseconds: how long a view may last.
    func advanceTimeout(stalled: UInt64) -> Int64 { scaled(3, by: stalled) + work.microseconds * 2 }
    /// T_r: how often a validator that gave its view up repeats itself (R8).
    var retryInterval: Duration { delay * 4 }
    /// T_skip in microseconds: after how much silence a leader is not waited for (R0).
    func silence(stalled: UInt64) -> Int64 {
        (advanceTimeout(stalled: stalled) + retryInterval.microseconds) * 2 + statusInterval.microseconds * 3
    }
}
