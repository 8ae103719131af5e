internal import Synchronization

/// Counts something that only grows. Costs an atomic addition.
public final class Counter: Sendable {
    private let value = Atomic<UInt64>(0)

    /// Starts at 0.
    public init() {}

    /// Counts `amount` more.
    public func add(_ amount: UInt64 = 1) { value.add(amount, ordering: .relaxed) }

    /// The count.
    public var count: UInt64 { value.load(ordering: .relaxed) }
}

/// Durations sorted into buckets from 1 ms to 10 s.
public final class Histogram: Sendable {
    /// Upper bounds in seconds.
    public static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct State {
        var buckets = [UInt64](repeating: 0, count: Histogram.bounds.count)
        var count: UInt64 = 0
        var sum = 0.0
    }

    private let state = Mutex(State())

    /// Empty.
    public init() {}

    /// Adds a duration.
    public func record(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        state.withLock { state in
            state.count += 1
            state.sum += seconds
            if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { state.buckets[bucket] += 1 }
        }
    }

    /// How many of at most each bound (cumulative), how many in all, their sum in seconds.
    var snapshot: (buckets: [UInt64], count: UInt64, sum: Double) {
        state.withLock { state in
            var total: UInt64 = 0
            let cumulative = state.buckets.map { bucket in
                total += bucket
                return total
            }
            return (cumulative, state.count, state.sum)
        }
    }
}

/// Collects a page of metrics in the Prometheus text format, version 0.0.4.
///
/// Values are read when the page is asked for; nothing here holds identities, keys or content, and labels name indexes
/// and kinds only.
public struct MetricsPage: Sendable {
    /// The page's media type.
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page.
    public private(set) var text = ""

    /// An empty page.
    public init() {}

    /// Adds a value that only grows.
    public mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        counter(name, help, [([:], value)])
    }

    /// Adds a value that only grows, once a combination of labels.
    public mutating func counter(_ name: String, _ help: String, _ samples: [(labels: [String: String], value: UInt64)])
    {
        head(name, help, "counter")
        for sample in samples { line(name, sample.labels, "\(sample.value)") }
    }

    /// Adds a value that goes up and down.
    public mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
        gauge(name, help, [([:], Double(value))])
    }

    /// Adds a value that goes up and down, once a combination of labels.
    public mutating func gauge(_ name: String, _ help: String, _ samples: [(labels: [String: String], value: Double)]) {
        head(name, help, "gauge")
        for sample in samples { line(name, sample.labels, number(sample.value)) }
    }

    /// Adds the distribution of a duration in seconds.
    public mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        head(name, help, "histogram")
        let snapshot = histogram.snapshot
        for (bound, count) in zip(Histogram.bounds, snapshot.buckets) {
            line("\(name)_bucket", ["le": number(bound)], "\(count)")
        }
        line("\(name)_bucket", ["le": "+Inf"], "\(snapshot.count)")
        line("\(name)_sum", [:], number(snapshot.sum))
        line("\(name)_count", [:], "\(snapshot.count)")
    }

    private mutating func head(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ name: String, _ labels: [String: String], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }
}
