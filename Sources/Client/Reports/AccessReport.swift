public import Ledger

/// Everything that a member of staff, or anybody of an organisation, ever asked to open, allowed or refused.
public struct AccessReport: Hashable, Sendable {
    /// One request.
    public struct Row: Hashable, Sendable {
        /// When, and what came of it.
        public let entry: HistoryEntry
        /// Who asked.
        public let person: ReportPerson
        /// Whose documents: the scope of the grant, where the evidence holds it.
        public let scope: ScopeID?
        /// What for.
        public let request: AccessAttempt
    }

    /// What it rests on.
    public let basis: ReportBasis
    /// The requests, oldest first.
    public let rows: [Row]
    /// What must not be.
    public let findings: [AccessAudit.Finding]

    /// Reads the requests off the proved history of a member of staff, or of an organisation.
    ///
    /// - Parameter years: How far back; nothing for everything.
    /// - Throws: ``ReportFailure`` when the evidence is about something else.
    public init(_ audit: AccessAudit, years: UInt64? = nil) throws(ReportFailure) {
        switch audit.history.subject {
        case .staff, .organization: break
        default: throw .wrongSubject(expected: "member of staff or an organisation")
        }
        let basis = ReportBasis(audit.history, years: years)
        self.basis = basis
        var rows: [Row] = []
        for access in audit.accesses where basis.covers(access.event) {
            guard let registration = audit.registrations[access.request.staff] else {
                throw .unknownStaff(access.request.staff)
            }
            rows.append(
                Row(
                    entry: access.event.entry, person: ReportPerson(access.request.staff, registration),
                    scope: audit.grants[access.request.grant]?.scopeOfGrant, request: access.request))
        }
        self.rows = rows
        findings = audit.findings
    }
}

extension ProvedHistory {
    fileprivate var scopeOfGrant: ScopeID? {
        if case .grantConsent(let consent) = events.first?.operation { consent.scope } else { nil }
    }
}
