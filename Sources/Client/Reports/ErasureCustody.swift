internal import API
internal import Codec
internal import Ledger

/// Reads off evidence what has ended, and who held something of it.
struct ErasureCustody {
    /// The end of a document or grant.
    struct End {
        let subject: Subject
        let cause: ErasureReport.Cause
        let time: Timestamp
        /// What ended it; nothing where its time is over.
        let entry: HistoryEntry?
        let history: ProvedHistory
    }

    private let audit: AccessAudit

    init(_ audit: AccessAudit) { self.audit = audit }

    /// Everything that has ended, in no particular order.
    func ends() throws(ReportFailure) -> [End] {
        var ends: [End] = []
        for (subject, history) in try histories() {
            let end: End? =
                switch subject {
                case .document: documentEnd(subject, history)
                case .grant: grantEnd(subject, history)
                default: nil
                }
            if let end { ends.append(end) }
        }
        return ends
    }

    /// The histories of what the subject erases or grants; none may be missing.
    private func histories() throws(ReportFailure) -> [(Subject, ProvedHistory)] {
        let own = audit.history.subject
        guard own.kind == .scope || own.kind == .organization else { return [(own, audit.history)] }
        var found: [(Subject, ProvedHistory)] = []
        for event in audit.history.events where event.isApplied {
            let (subject, history): (Subject, ProvedHistory?)
            switch event.operation {
            case .eraseDocument(let erasure):
                (subject, history) = (.document(erasure.document), audit.documents[erasure.document])
            case .grantConsent(let consent):
                (subject, history) = (.grant(consent.grant), audit.grants[consent.grant])
            default: continue
            }
            guard let history else { throw .missingHistory(subject) }
            found.append((subject, history))
        }
        return found
    }

    private func documentEnd(_ subject: Subject, _ history: ProvedHistory) -> End? {
        for event in history.events where event.isApplied {
            guard case .eraseDocument(let erasure) = event.operation, .document(erasure.document) == subject else {
                continue
            }
            let cause = erasure.officer.map { ErasureReport.Cause.officer($0, erasure.basis) } ?? .patient
            return End(
                subject: subject, cause: cause, time: event.entry.time, entry: event.entry, history: history)
        }
        return nil
    }

    /// A grant ends by what comes first: the patient's word, its time, or the end of its scope.
    private func grantEnd(_ subject: Subject, _ history: ProvedHistory) -> End? {
        guard case .grantConsent(let consent) = history.events.first?.operation else { return nil }
        var ends: [(cause: ErasureReport.Cause, time: Timestamp, entry: HistoryEntry?)] = []
        for event in history.events where event.isApplied {
            if case .revokeConsent = event.operation { ends.append((.patient, event.entry.time, event.entry)) }
        }
        for event in audit.history.events where event.isApplied {
            if case .closeScope(let closing) = event.operation, closing.scope == consent.scope {
                ends.append((.closure, event.entry.time, event.entry))
            }
        }
        if consent.notAfter < audit.history.header.time { ends.append((.expiry, consent.notAfter, nil)) }
        guard let first = ends.min(by: { $0.time < $1.time }) else { return nil }
        return End(subject: subject, cause: first.cause, time: first.time, entry: first.entry, history: history)
    }

    /// Who has confirmed, and who has not though they hold something as far as the chain tells.
    ///
    /// A grant's fragments are with those who acknowledged them. A document's content may be with everybody who was a
    /// validator from its commitment to its erasure.
    func confirmations(of end: End) -> (given: [ErasureReport.Confirmation], missing: [ValidatorID]) {
        var given: [ErasureReport.Confirmation] = []
        var holders: [ValidatorID] = []
        var resharing = RoundHolders()
        for event in end.history.events where event.isApplied {
            switch event.operation {
            case .confirmErasure(let confirmation) where confirmation.subject == end.subject:
                given.append(.init(validator: confirmation.validator, entry: event.entry, kept: confirmation.kept))
            case .acknowledgeGrant(let acknowledgement): holders.append(acknowledgement.validator)
            case .reshareGrant(let dealing): resharing.begin(dealing)
            case .answerResharing(let answer): if let new = resharing.add(answer) { holders = new }
            default: break
            }
        }
        if end.subject.kind == .document, let first = end.history.events.first, let last = end.entry {
            holders = audit.trust.deciders(from: first.entry.height, through: last.height)
                .map(ValidatorID.init(consensusKey:))
        }
        return (given, holders.filter { holder in !given.contains { $0.validator == holder } }.sorted())
    }
}
