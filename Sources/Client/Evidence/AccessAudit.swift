public import API
internal import Codec
internal import Consensus
public import Ledger

/// Whether what happened was allowed: derived again from headers, proofs and signatures, trusting no node.
public struct AccessAudit: Sendable {
    /// Something that must not be.
    public struct Finding: Hashable, Sendable {
        /// Where.
        public let entry: HistoryEntry?
        /// What is wrong, in one sentence without a name.
        public let text: String
    }

    /// The subject's history.
    public let history: ProvedHistory
    /// The histories of the grants that its accesses name.
    public let grants: [GrantID: ProvedHistory]
    /// The histories of an organisation's staff; empty unless the evidence was made with them.
    public let staff: [StaffID: ProvedHistory]
    /// The histories of erased documents of a scope or organisation; empty unless the evidence was made with them.
    public let documents: [DocumentID: ProvedHistory]
    /// Of a document the history of its scope; nothing unless the evidence was made with it.
    public let scope: ProvedHistory?
    /// How staff who asked were registered, as far as the evidence says.
    public let registrations: [StaffID: RegisterStaff]
    /// What it was judged against, up to the newest epoch of the evidence.
    let trust: TrustAnchor
    /// What must not be; empty when everything was allowed.
    public let findings: [Finding]

    /// Judges evidence offline.
    ///
    /// - Throws: ``ProofFailure`` when the evidence proves nothing; what it proves is in the findings.
    public init(_ evidence: Evidence, trust: TrustAnchor) throws(ProofFailure) {
        guard evidence.chain == trust.chain else { throw .wrongChain }
        var trust = trust
        for boundary in evidence.boundaries where boundary.header.epoch >= trust.epoch { try trust.follow(boundary) }
        var final: [BlockHash: Certificate?] = [:]
        let history = try ProvedHistory(evidence.histories[0], trust: trust, final: &final)
        var grants: [GrantID: ProvedHistory] = [:]
        var staff: [StaffID: ProvedHistory] = [:]
        var documents: [DocumentID: ProvedHistory] = [:]
        var scope: ProvedHistory?
        var subjects: Set<Subject> = [history.subject]
        for pages in evidence.histories.dropFirst() {
            let proved = try ProvedHistory(pages, trust: trust, final: &final)
            guard subjects.insert(proved.subject).inserted else { throw .wrongSubject }
            switch proved.subject {
            case .grant(let id): grants[id] = proved
            case .staff(let id) where history.subject.kind == .organization: staff[id] = proved
            case .document(let id) where [.scope, .organization].contains(history.subject.kind):
                documents[id] = proved
            case .scope(let id) where scope == nil && history.scopeOfDocument == id: scope = proved
            default: throw .wrongSubject
            }
        }
        if case .document(let id) = history.subject { documents[id] = history }
        if case .grant(let id) = history.subject { grants[id] = history }
        self.history = history
        self.grants = grants
        self.staff = staff
        self.documents = documents
        self.scope = scope
        self.trust = trust
        let known = try Self.registrations(evidence.registrations, [history] + staff.values, trust, &final)
        registrations = known
        findings = Self.judge(history, staff, grants, known, scope)
    }

    /// The patient's word that an organisation must never open anything of a scope.
    public struct Denial: Hashable, Sendable {
        /// Whom it keeps out.
        public let organization: OrganizationID
        /// What began it.
        public let since: HistoryEntry
        /// What lifted it; nothing where it still stands.
        public internal(set) var lifted: HistoryEntry?
    }

    /// Every denial that ever stood over the subject, oldest first; nothing where the evidence does not show it: of
    /// anything but a scope, and a document with its scope.
    public var denials: [Denial]? {
        guard let history = history.subject.kind == .scope ? history : scope else { return nil }
        var denials: [Denial] = []
        for event in history.events where event.isApplied {
            guard case .restrictScope(let restriction) = event.operation,
                case .never(let organization) = restriction.restriction
            else { continue }
            let standing = denials.firstIndex { $0.organization == organization && $0.lifted == nil }
            if restriction.isInForce {
                denials.append(Denial(organization: organization, since: event.entry))
            } else if let standing {
                denials[standing].lifted = event.entry
            }
        }
        return denials
    }

    /// Something that was asked for, and what came of it.
    public struct AccessEvent: Hashable, Sendable {
        /// When, and what came of it.
        public let event: ProvedEvent
        /// What was asked for.
        public let request: AccessAttempt
    }

    /// The requests for access among the events, declared emergencies included, oldest first. An organisation's history holds those of all its staff.
    public var accesses: [AccessEvent] {
        history.events.compactMap { event in
            guard let request = event.operation.accessAttempt else { return nil }
            return AccessEvent(event: event, request: request)
        }
    }

    /// Reads who is who. An identifier is the hash of the registration itself, so that none can be made up.
    private static func registrations(
        _ proofs: [TransactionProof], _ histories: [ProvedHistory], _ trust: TrustAnchor,
        _ final: inout [BlockHash: Certificate?]
    ) throws(ProofFailure) -> [StaffID: RegisterStaff] {
        var found: [StaffID: RegisterStaff] = [:]
        for proof in proofs {
            try ProvedHistory.check(proof.finality, trust, &final)
            try proof.verifyInclusion()
            guard proof.transaction.verifySignatures() else { throw .invalidSignature }
            for (operation, outcome) in zip(proof.transaction.operations, proof.receipt.outcomes) {
                guard case .registerStaff(let registration) = operation, outcome == .applied else { continue }
                found[registration.staff] = registration
            }
        }
        for event in histories.flatMap(\.events) where event.isApplied {
            if case .registerStaff(let registration) = event.operation { found[registration.staff] = registration }
        }
        return found
    }
}
