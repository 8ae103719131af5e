public import Ledger

/// The accounting of disclosures of a scope (45 CFR 164.528(b)(2)): for each the date, who received it, what, what for.
public struct DisclosureReport: Hashable, Sendable {
    /// One disclosure.
    public struct Row: Hashable, Sendable {
        /// When, and in which block.
        public let entry: HistoryEntry
        /// Who received it.
        public let recipient: ReportPerson
        /// What.
        public let documents: [DocumentID]
        /// What for.
        public let purpose: Purpose
        /// The consent that it rested on.
        public let grant: GrantID

        /// The paragraph that frees a disclosure for this purpose from the accounting; nothing where it must be in it.
        public var exemption: String? { purpose.accountingExemption }
    }

    /// What it rests on.
    public let basis: ReportBasis
    /// The disclosures, oldest first.
    public let rows: [Row]
    /// What must not be.
    public let findings: [AccessAudit.Finding]

    /// Reads the disclosures off a scope's proved history.
    ///
    /// - Parameter years: How far back; the law says six.
    /// - Throws: ``ReportFailure`` when the evidence is about something else or does not say who asked.
    public init(_ audit: AccessAudit, years: UInt64? = 6) throws(ReportFailure) {
        guard audit.history.subject.kind == .scope else { throw .wrongSubject(expected: "scope") }
        let basis = ReportBasis(audit.history, years: years)
        var rows: [Row] = []
        for access in audit.accesses
        where access.event.isApplied && access.request.opensDocuments && basis.covers(access.event) {
            guard let registration = audit.registrations[access.request.staff] else {
                throw .unknownStaff(access.request.staff)
            }
            rows.append(
                Row(
                    entry: access.event.entry, recipient: ReportPerson(access.request.staff, registration),
                    documents: access.request.documents, purpose: access.request.purpose, grant: access.request.grant))
        }
        self.basis = basis
        self.rows = rows
        findings = audit.findings
    }
}

/// Why evidence does not make a report.
public enum ReportFailure: Error, Hashable, Sendable {
    /// It is about another sort of subject.
    case wrongSubject(expected: String)
    /// It does not hold the registration of somebody who asked.
    case unknownStaff(StaffID)
    /// It does not hold the history of a document that was erased or of a grant.
    case missingHistory(Subject)
}

extension ReportFailure: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .wrongSubject(let expected): "the evidence is not about a \(expected)"
        case .unknownStaff(let staff): "the evidence does not say who staff \(staff) is: export it again"
        case .missingHistory(let subject): "the evidence does not say what became of \(subject): export it again"
        }
    }
}

extension Purpose {
    /// 45 CFR 164.528(a)(1): treatment, payment and operations, and what the individual asked for, need no accounting.
    var accountingExemption: String? {
        switch self {
        case .treatment, .emergencyTreatment, .emergencyRoomTreatment, .coordinationOfCare, .careManagement,
            .healthcarePayment, .healthcareOperations:
            "164.528(a)(1)(i)"
        case .patientRequest: "164.528(a)(1)(ii)"
        default: nil
        }
    }
}
