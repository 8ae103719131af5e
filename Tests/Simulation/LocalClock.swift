import Consensus

/// A validator's own clock: set wrong, running fast or slow, set forward and back, standing still.
///
/// What the replica is told follows from it as in a node: it never runs backwards, and goes at half its pace while the
/// machine's clock is behind what was said before.
package struct LocalClock {
    /// Where every clock begins: long after the genesis block.
    package static let beginning: Int64 = 1_000_000_000

    /// How far the clock is off, in microseconds.
    package var offset: Int64 = 0
    /// How many microseconds it gains in a second.
    package var drift: Int64 = 0
    /// Until which simulated moment it stands still, and since when.
    package var freeze: Range<Int64>?
    private var told = LocalClock.beginning
    private var toldAt: Int64 = 0

    package init() {}

    /// The process starts anew and remembers nothing of what it was told.
    mutating func restart(at time: Int64) {
        told = reading(at: time)
        toldAt = time
    }

    /// What a replica is told at a simulated moment.
    mutating func tell(at time: Int64) -> Instant {
        told = max(reading(at: time), told + (time - toldAt) / 2)
        toldAt = time
        return Instant(microseconds: told)
    }

    /// About when, in simulated time, the replica can be told of a moment.
    func moment(of instant: Int64, after time: Int64) -> Int64 {
        let reading = reading(at: time)
        let missing = max(0, instant - max(reading, told))
        let isSlow = reading < told || (freeze.map { $0.contains(time) } ?? false)
        return time + (isSlow ? missing * 2 : missing)
    }

    /// The clock is set right, about.
    mutating func repair(to offset: Int64) { (self.offset, drift, freeze) = (offset, 0, nil) }

    private func reading(at time: Int64) -> Int64 {
        let moment = freeze.map { $0.contains(time) ? $0.lowerBound : time } ?? time
        return Self.beginning + moment + offset + moment * drift / 1_000_000
    }
}
