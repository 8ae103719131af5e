internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif
internal import Synchronization

/// How far a long transfer is, on standard error: drawn on a terminal, or line by line when somebody insists.
public final class ProgressBar: Sendable {
    private static let width = 28

    private let title: String
    private let style: Style
    private let state = Mutex(State())

    private enum Style { case none, bar, lines }

    private struct State {
        var percent = -1
        let start = ContinuousClock.now
    }

    /// - Parameter forced: Whether to show it though standard error is no terminal.
    public init(_ title: String, forced: Bool = false) {
        self.title = title
        style = isatty(STDERR_FILENO) == 1 ? .bar : forced ? .lines : .none
    }

    /// Draws the bar when a whole percent has changed. The last call has `completed` equal to `total`.
    public func update(_ completed: UInt64, of total: UInt64) {
        guard style != .none else { return }
        let percent = total == 0 ? 100 : Int(Double(completed) * 100 / Double(total))
        let speed = state.withLock { state -> Double? in
            guard percent > state.percent else { return nil }
            state.percent = percent
            let elapsed = (ContinuousClock.now - state.start) / .seconds(1)
            return elapsed > 0 ? Double(completed) / elapsed : 0
        }
        guard let speed else { return }
        draw(percent, completed, total, speed)
    }

    private func draw(_ percent: Int, _ completed: UInt64, _ total: UInt64, _ speed: Double) {
        let numbers = "\(ByteCount.text(completed)) of \(ByteCount.text(total)), \(ByteCount.text(UInt64(speed)))/s"
        if style == .lines {
            // A tenth at a time: a log is not a terminal.
            if percent % 10 == 0 { Program.note("\(title) \(percent) % (\(numbers))") }
            return
        }
        let done = percent * Self.width / 100
        let bar = String(repeating: "#", count: done) + String(repeating: ".", count: Self.width - done)
        let end = percent == 100 ? "\n" : ""
        FileHandle.standardError.write(Data("\r\(title) [\(bar)] \(percent) % \(numbers)\u{1B}[K\(end)".utf8))
    }
}

/// Sizes for people.
public enum ByteCount {
    /// `5.0 MiB`.
    public static func text(_ bytes: UInt64) -> String {
        var value = Double(bytes)
        var unit = "B"
        for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
            value /= 1024
            unit = next
        }
        return unit == "B" ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(unit)"
    }
}
