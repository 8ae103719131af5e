internal import Cryptography
internal import Ledger

extension AccessAudit {
    /// Everything that must not be in a subject's history and, of an organisation, in its staff's.
    static func judge(
        _ history: ProvedHistory, _ staff: [StaffID: ProvedHistory], _ grants: [GrantID: ProvedHistory],
        _ registrations: [StaffID: RegisterStaff], _ scope: ProvedHistory?
    ) -> [Finding] {
        var findings = judgeStaff(history, staff)
        if let scope { findings += judgeOrigin(scope) + judge(history, within: scope, registrations) }
        for history in [history] + staff.sorted(by: { $0.key < $1.key }).map(\.value) {
            findings += judgeOrigin(history)
            var end: String?
            var restrictions = RestrictionJudge()
            for event in history.events where event.isApplied {
                end = ending(event.operation, of: history.subject) ?? end
                restrictions.follow(event.operation, at: event.entry.time)
                guard let request = JudgedAccess(event.operation) else { continue }
                if let end { findings.append(Finding(entry: event.entry, text: end)) }
                guard let grant = grants[request.grant] else {
                    findings.append(
                        Finding(entry: event.entry, text: "the grant of this access is not in the evidence"))
                    continue
                }
                findings += judge(request, event, under: grant)
                let asker = request.staff.flatMap { registrations[$0]?.organization }
                findings += restrictions.findings(
                    opening: request.documents, by: asker, within: window(of: grant, at: event)
                ).map { Finding(entry: event.entry, text: $0) }
            }
        }
        return findings
    }

    /// What the scope of a document says of what was opened of it: whether its patient had denied it or closed the scope.
    /// Each access stands in the scope's own history: one that ends before the access could hide a denial.
    private static func judge(
        _ document: ProvedHistory, within scope: ProvedHistory, _ registrations: [StaffID: RegisterStaff]
    ) -> [Finding] {
        var findings: [Finding] = []
        var restrictions = RestrictionJudge()
        var end: String?
        var rest = scope.events[...]
        for event in document.events where event.isApplied {
            guard let request = JudgedAccess(event.operation) else { continue }
            guard let place = rest.firstIndex(where: { $0.place == event.place }) else {
                findings.append(
                    Finding(entry: event.entry, text: "the access does not stand in its scope's history"))
                continue
            }
            for other in rest[..<place] where other.isApplied {
                restrictions.follow(other.operation, at: other.entry.time)
                end = ending(other.operation, of: scope.subject) ?? end
            }
            rest = rest[place...]
            let asker = request.staff.flatMap { registrations[$0]?.organization }
            let texts = restrictions.findings(opening: [], by: asker, within: nil) + (end.map { [$0] } ?? [])
            findings += texts.map { Finding(entry: event.entry, text: $0) }
        }
        return findings
    }

    /// Which documents a grant was confined to when something was opened under it.
    private static func window(of grant: ProvedHistory, at event: ProvedEvent) -> ScopeRestriction? {
        let end = grant.events.firstIndex { $0.place == event.place } ?? grant.events.endIndex
        return RestrictionJudge.window(after: grant.events[..<end].lazy.filter(\.isApplied).map(\.operation))
    }

    /// After which operation nobody may open anything of the subject, and what to say of an access that did.
    private static func ending(_ operation: Operation, of subject: Subject) -> String? {
        switch (operation, subject) {
        case (.eraseDocument(let erasure), .document(let id)) where id == erasure.document:
            "the document had been erased"
        case (.closeScope(let closing), .scope(let id)) where id == closing.scope: "the scope had been closed"
        default: nil
        }
    }

    /// Where staff are in the evidence, all whom the organisation ever registered are, and nobody else.
    private static func judgeStaff(_ history: ProvedHistory, _ staff: [StaffID: ProvedHistory]) -> [Finding] {
        guard !staff.isEmpty else { return [] }
        var registered: Set<StaffID> = []
        var findings: [Finding] = []
        for event in history.events where event.isApplied {
            guard case .registerStaff(let registration) = event.operation else { continue }
            registered.insert(registration.staff)
            if staff[registration.staff] == nil {
                findings.append(
                    Finding(entry: event.entry, text: "the history of a member of staff is not in the evidence"))
            }
        }
        for id in staff.keys.sorted() where !registered.contains(id) {
            findings.append(Finding(entry: nil, text: "the evidence holds staff of another organisation"))
        }
        return findings
    }

    /// What an operation makes begins with it: its identifier is the operation's hash. Organisations and validators come
    /// from the genesis file.
    private static func judgeOrigin(_ history: ProvedHistory) -> [Finding] {
        let first = history.events.first
        let made: Subject? =
            switch first?.operation {
            case .registerStaff(let operation): .staff(operation.staff)
            case .openScope(let operation): .scope(ScopeID(operation.scope))
            case .commitDocument(let operation): .document(operation.document)
            case .postMessage(let operation): operation.document.map { .document($0) }
            case .shareDocument(let operation): .document(operation.document)
            case .grantConsent(let operation): .grant(operation.grant)
            default: nil
            }
        switch history.subject {
        case .organization, .validator: return []
        case .staff, .scope, .document, .grant:
            if let first, first.isApplied, made == history.subject { return [] }
            return [Finding(entry: first?.entry, text: "the \(history.subject.kind)'s history begins without it")]
        }
    }

    /// An access needs a grant that was given before it, acknowledged by a quorum before it, not revoked before it, and
    /// that allows its purpose at its time. It stands in the grant's own history: one that ends before the access could
    /// hide that the grant had been revoked.
    private static func judge(
        _ request: JudgedAccess, _ event: ProvedEvent, under grant: ProvedHistory
    ) -> [Finding] {
        func finding(_ text: String) -> Finding { Finding(entry: event.entry, text: text) }
        guard let end = grant.events.firstIndex(where: { $0.place == event.place }) else {
            return [finding("the access does not stand in its grant's history")]
        }
        var consent: GrantConsent?
        var holders: Set<ValidatorID> = []
        var isRevoked = false
        for other in grant.events[..<end] where other.isApplied {
            switch other.operation {
            case .grantConsent(let operation): consent = operation
            case .acknowledgeGrant(let operation): holders.insert(operation.validator)
            case .revokeConsent: isRevoked = true
            default: break
            }
        }
        guard let consent else { return [finding("the access comes before its grant")] }
        var findings: [Finding] = []
        // The ledger took the consent only with the quorum of the set that decided then as its threshold.
        if holders.count < consent.delegation.threshold {
            findings.append(finding("fewer validators than a quorum held the grant"))
        }
        if isRevoked { findings.append(finding("the grant had been revoked")) }
        if event.entry.time < consent.notBefore || event.entry.time > consent.notAfter {
            findings.append(finding("the access is outside of the grant's time"))
        }
        if !consent.purposes.contains(request.purpose) {
            findings.append(finding("the grant does not allow the purpose"))
        }
        if request.flags != consent.flags { findings.append(finding(request.text(under: consent.flags))) }
        return findings
    }
}

extension ProvedHistory {
    /// Of a document, the scope that it was put into.
    var scopeOfDocument: ScopeID? {
        guard case .document(let id) = subject else { return nil }
        return events.first?.operation.scope(making: id)
    }
}

/// What is judged of an access, whichever operation it is.
private struct JudgedAccess {
    let grant: GrantID
    let purpose: Purpose
    /// What the grant has to be.
    let flags: GrantConsent.Flags
    let documents: [DocumentID]
    /// Who asked; nothing for the scope's own owner.
    let staff: StaffID?

    /// - Returns: Nothing for an operation that opens no documents.
    init?(_ operation: Operation) {
        if let attempt = operation.accessAttempt {
            grant = attempt.grant
            purpose = attempt.purpose
            flags = attempt.isEmergency ? .emergency : []
            documents = attempt.documents
            staff = attempt.staff
        } else if case .recoverDocuments(let recovery) = operation {
            grant = recovery.grant
            purpose = RecoverDocuments.purpose
            flags = .recovery
            documents = recovery.documents
            staff = nil
        } else {
            return nil
        }
    }

    /// What is wrong where the grant is another sort of grant.
    func text(under other: GrantConsent.Flags) -> String {
        switch (flags, other) {
        case (.emergency, _): "an emergency was declared under an ordinary grant"
        case (.recovery, _): "documents were recovered under a grant that is not one for recovery"
        case (_, .recovery): "a recovery grant was used by somebody else than the owner"
        default: "an emergency grant was used without an emergency"
        }
    }
}
