public import ArgumentParser
internal import Foundation
public import Ledger

extension ExpressibleByArgument where Self: DigestIdentifier {
    /// 64 hexadecimal digits.
    public init?(argument: String) { self.init(hex: argument.lowercased()) }
}

extension DocumentID: ExpressibleByArgument {}
extension GrantID: ExpressibleByArgument {}
extension AccessID: ExpressibleByArgument {}
extension StaffID: ExpressibleByArgument {}
extension OrganizationID: ExpressibleByArgument {}
extension TransactionID: ExpressibleByArgument {}
extension IncidentID: ExpressibleByArgument {}
extension NoticeID: ExpressibleByArgument {}
extension ValidatorID: ExpressibleByArgument {}
extension ChangeID: ExpressibleByArgument {}
extension AuditorID: ExpressibleByArgument {}
extension ThreadID: ExpressibleByArgument {}

extension ScopeID: ExpressibleByArgument {
    /// 66 hexadecimal digits.
    public init?(argument: String) { self.init(hex: argument.lowercased()) }
}

extension Purpose: ExpressibleByArgument {
    /// An HL7 code, in any case.
    public init?(argument: String) { self.init(rawValue: argument.uppercased()) }

    public static var allValueStrings: [String] { allCases.map(\.code) }
}

extension Role: ExpressibleByArgument {
    /// `clinician`, `registrar`, `privacy-officer` or `service`.
    public init?(argument: String) { self.init(name: argument) }

    public static var allValueStrings: [String] { allCases.map(\.name) }
}

/// A moment that a person writes: a day, whose end is meant, or a time of UTC.
public struct Moment: ExpressibleByArgument, Sendable {
    /// The moment.
    public let timestamp: Timestamp

    /// `2026-12-31` or `2026-12-31T12:00:00Z`.
    public init?(argument: String) {
        let text = argument.count == 10 ? argument + "T23:59:59Z" : argument
        guard let date = try? Date(text, strategy: .iso8601), date.timeIntervalSince1970 >= 0 else { return nil }
        timestamp = Timestamp(rawValue: UInt64(date.timeIntervalSince1970 * 1000))
    }

    /// Now, by the machine's clock, in whole minutes.
    public static var now: Timestamp {
        Timestamp(rawValue: UInt64(max(0, Date.now.timeIntervalSince1970 / 60).rounded(.down)) * 60_000)
    }
}

extension Timestamp {
    /// So many days later.
    public func advanced(byDays days: Int) -> Timestamp {
        advanced(byMilliseconds: UInt64(max(0, days)) * 86_400_000)
    }

    /// What people read: `2026-11-24 04:30:00Z`.
    public var shown: String {
        String(description.prefix(10)) + " " + description.dropFirst(11).prefix(8) + "Z"
    }
}
