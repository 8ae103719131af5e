public import Codec

/// A moment on the chain: milliseconds since 1970-01-01T00:00:00Z. Rules read a block's time, never a clock.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable {
    /// The last moment that a format accepts, in the year 9999.
    public static let maximum = Timestamp(rawValue: 253_402_300_799_999)

    /// Milliseconds.
    public let rawValue: UInt64

    /// - Parameter rawValue: Milliseconds since 1970.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The day of UTC that the moment falls in, counted from 1970-01-01.
    public var day: UInt64 { rawValue / 86_400_000 }

    /// The moment `milliseconds` later, at most the ``maximum``.
    public func advanced(byMilliseconds milliseconds: UInt64) -> Timestamp {
        let (sum, overflow) = rawValue.addingReportingOverflow(milliseconds)
        return overflow ? .maximum : min(Timestamp(rawValue: sum), .maximum)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.rawValue < right.rawValue }
}

extension Timestamp: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        rawValue = try reader.readUnsigned(max: Self.maximum.rawValue)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(rawValue) }
}

extension Timestamp: CustomStringConvertible {
    /// `2026-11-24T04:30:00.000Z`.
    public var description: String {
        let (year, month, dayOfMonth) = civilDate
        let inDay = rawValue % 86_400_000
        let time = [inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1000 % 60].map { Self.padded($0, 2) }
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))"
        return "\(date)T\(time.joined(separator: ":")).\(Self.padded(inDay % 1000, 3))Z"
    }

    /// Days to year, month and day by Hinnant's `civil_from_days`, for days that are not negative.
    private var civilDate: (year: UInt64, month: UInt64, day: UInt64) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ value: UInt64, _ width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
