public import Ledger

/// What a report rests on: the same file of proofs gives the same report anywhere.
public struct ReportBasis: Hashable, Sendable {
    /// Whose history was read.
    public let subject: Subject
    /// The block whose state commits to the history's length and head.
    public let header: BlockHeader
    /// The first moment that is reported; the last is the header's.
    public let since: Timestamp

    /// A window that ends with the proved block.
    ///
    /// - Parameter years: How long it is, in years of 365.25 days; nothing for everything.
    public init(_ history: ProvedHistory, years: UInt64?) {
        subject = history.subject
        header = history.header
        let end = history.header.time.rawValue
        let span = (years ?? .max).multipliedReportingOverflow(by: Self.millisecondsInYear)
        since = Timestamp(rawValue: span.overflow || span.partialValue > end ? 0 : end - span.partialValue)
    }

    private static let millisecondsInYear: UInt64 = 31_557_600_000

    /// Whether something happened in the window.
    func covers(_ event: ProvedEvent) -> Bool { event.entry.time >= since }
}

/// Somebody who asked, as their employer registered them.
public struct ReportPerson: Hashable, Sendable {
    /// The member of staff.
    public let staff: StaffID
    /// What the employer calls them on the chain.
    public let pseudonym: String
    /// What they are employed as.
    public let role: Role
    /// Where.
    public let organization: OrganizationID

    init(_ staff: StaffID, _ registration: RegisterStaff) {
        self.staff = staff
        pseudonym = registration.pseudonym
        role = registration.role
        organization = registration.organization
    }
}
