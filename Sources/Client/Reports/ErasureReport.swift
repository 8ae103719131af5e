public import Ledger

/// What was to be deleted, at whose word, and who has signed that it is: of erased documents the content, of grants that
/// have ended the fragments of the key.
public struct ErasureReport: Hashable, Sendable {
    /// Why something was to be deleted.
    public enum Cause: Hashable, Sendable {
        /// The patient erased it or revoked the grant.
        case patient
        /// A privacy officer erased it on a legal basis.
        case officer(StaffID, ErasureBasis)
        /// The grant's time is over.
        case expiry
        /// The scope was closed.
        case closure
    }

    /// A custodian's word.
    public struct Confirmation: Hashable, Sendable {
        /// Who.
        public let validator: ValidatorID
        /// When.
        public let entry: HistoryEntry
        /// Pieces of content that stay because another document names them.
        public let kept: Int
    }

    /// One document or grant.
    public struct Row: Hashable, Sendable {
        /// What.
        public let subject: Subject
        /// Why.
        public let cause: Cause
        /// From when on.
        public let requested: Timestamp
        /// The transaction that says so; nothing of a grant whose time is over.
        public let entry: HistoryEntry?
        /// Who has confirmed, in the order of the chain.
        public let confirmations: [Confirmation]
        /// Who holds something, as far as the chain tells, and has not confirmed.
        public let missing: [ValidatorID]
        /// The last moment for the confirmations.
        public let due: Timestamp
        /// Whether somebody has not confirmed in time.
        public let isOverdue: Bool

        /// Whether everybody has confirmed.
        public var isComplete: Bool { missing.isEmpty }
    }

    /// What it rests on.
    public let basis: ReportBasis
    /// What was to be deleted, oldest first.
    public let rows: [Row]
    /// What must not be.
    public let findings: [AccessAudit.Finding]

    /// A month: Regulation (EU) 2016/679 article 12(3).
    public static let lawfulDays: UInt64 = 30

    /// Reads the erasures off a proved history and those of what it erases.
    ///
    /// - Parameters:
    ///   - days: How long custodians may take, in days of block time.
    ///   - years: How far back; nothing for everything.
    /// - Throws: ``ReportFailure`` when the evidence is about something else, or was made without the histories.
    public init(
        _ audit: AccessAudit, days: UInt64 = lawfulDays, years: UInt64? = nil
    ) throws(ReportFailure) {
        switch audit.history.subject {
        case .scope, .organization, .document, .grant: break
        case .staff, .validator: throw .wrongSubject(expected: "scope, organisation, document or grant")
        }
        basis = ReportBasis(audit.history, years: years)
        let (since, now) = (basis.since, basis.header.time)
        let custody = ErasureCustody(audit)
        var rows: [Row] = []
        for end in try custody.ends() where end.time >= since {
            let (confirmations, missing) = custody.confirmations(of: end)
            let span = days.multipliedReportingOverflow(by: 86_400_000)
            let due = end.time.advanced(byMilliseconds: span.overflow ? .max : span.partialValue)
            rows.append(
                Row(
                    subject: end.subject, cause: end.cause, requested: end.time, entry: end.entry,
                    confirmations: confirmations, missing: missing, due: due,
                    isOverdue: !missing.isEmpty && now > due))
        }
        rows.sort { ($0.requested, $0.subject) < ($1.requested, $1.subject) }
        self.rows = rows
        findings = audit.findings + rows.filter(\.isOverdue).map(\.finding)
    }
}

extension ErasureReport.Row {
    fileprivate var finding: AccessAudit.Finding {
        let count = missing.count
        return AccessAudit.Finding(
            entry: entry,
            text:
                "\(count) custodian\(count == 1 ? " has" : "s have") not confirmed the erasure of \(subject), due \(due)"
        )
    }
}
