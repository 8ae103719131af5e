/// A part of the ledger whose cost is watched: what to set up once, and what to do again and again.
///
/// The list is used twice: `Tests/MeasurementTests` does each once, so that none rots; `Tools/Benchmarks` times them.
public struct Measurement: Sendable {
    /// Its name, `module: what, with how much`.
    public let name: String
    /// How many keys, signatures, bytes or the like one call works on; a figure is the time of a call divided by it.
    public let count: Int
    /// What ``count`` counts.
    public let unit: String
    /// Whether the set-up takes so long, or so much memory, that tests leave the measurement out.
    public let isLarge: Bool
    /// Sets up, and gives what is timed. Every call does the same work, on a state that may have moved on.
    public let make: @Sendable () -> () -> Void

    init(
        _ name: String, per count: Int, _ unit: String, isLarge: Bool = false,
        make: @escaping @Sendable () -> () -> Void
    ) {
        self.name = name
        self.count = count
        self.unit = unit
        self.isLarge = isLarge
        self.make = make
    }

    /// Every measurement.
    public static let all = codec + cryptography + reEncryption + sealing + stateTree + ledger + storage
}

/// Keeps a result from being optimised away.
@inline(never)
func consume<Value>(_ value: consuming Value) { withExtendedLifetime(value) {} }

/// Gives what an operation on valid input returns; there is no measurement of a failure.
func valid<Value, Failure>(_ body: () throws(Failure) -> Value) -> Value {
    do { return try body() } catch { preconditionFailure("what is measured succeeds: \(error)") }
}
