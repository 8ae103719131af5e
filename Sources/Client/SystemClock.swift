internal import Foundation

/// The machine's clock.
public enum SystemClock {
    /// Seconds since 1970.
    @Sendable public static func seconds() -> Int64 { Int64(Date().timeIntervalSince1970) }
}
