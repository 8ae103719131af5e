internal import Codec

extension WorkingState {
    func apply(_ operation: RequestAccess) throws(Refusal) -> [Subject] {
        guard let member = staff[operation.staff] else { throw .unknownStaff }
        let attempt = AccessAttempt(operation)
        open(attempt, under: try permit(attempt, member))
        return subjects(of: attempt)
    }

    /// Whether a grant lets a member of staff open what they ask for. Writes nothing.
    ///
    /// - Returns: The grant with the documents counted.
    func permit(_ attempt: AccessAttempt, _ member: StaffRecord) throws(Refusal) -> GrantRecord {
        guard var grant = grants[attempt.grant] else { throw .unknownGrant }
        guard grant.isFor(attempt.staff, member) else { throw .notGrantee }
        if attempt.isEmergency {
            guard grant.flags.contains(.emergency) else { throw .grantNotForEmergencies }
        } else {
            guard !grant.flags.contains(.emergency) else { throw .emergencyNotDeclared }
        }
        if let refusal = grant.refusal(at: block.time) { throw refusal }
        try checkOpen(grant.scope)
        try checkNotDenied(grant.scope, to: member.organization)
        let window = windows[attempt.grant]
        for id in attempt.documents {
            guard let document = documents[id] else { throw .unknownDocument }
            guard document.scope == grant.scope, document.epoch == grant.epoch else { throw .documentNotInScope }
            try checkNotErased(id, document)
            guard window?.contains(document.time) ?? true else { throw .documentOutsideWindow }
        }
        guard grant.purposes.contains(attempt.purpose) else { throw .purposeNotPermitted }
        guard grant.roles.contains(member.role) else { throw .roleNotGranted }
        let (earliest, latest) = (block.height.rawValue, block.height.rawValue + parameters.limits.accessWindow)
        guard earliest < attempt.expires.rawValue, attempt.expires.rawValue <= latest else { throw .invalidExpiry }
        guard grant.take(attempt.documents.count, on: block.time.day) else { throw .dailyLimitReached }
        guard accesses[attempt.access] == nil else { throw .alreadyExists }
        return grant
    }

    /// Puts on record what validators look for before they help.
    func open(_ attempt: AccessAttempt, under grant: GrantRecord) {
        grants[attempt.grant] = grant
        countUsage(attempt)
        accesses[attempt.access] = AccessRecord(attempt, scope: grant.scope, at: block.height)
        for document in attempt.documents {
            disclosures[DisclosureRecord.ID(document: document, staff: attempt.staff)] = DisclosureRecord(
                access: attempt.access)
        }
    }

    /// Everybody whom an attempt to open documents concerns, whatever comes of it: each of them once, if it exists.
    func subjects(of attempt: AccessAttempt) -> [Subject] {
        var subjects: [Subject] = [.grant(attempt.grant), .staff(attempt.staff)]
        if let second = attempt.emergency?.second, second != attempt.staff { subjects.append(.staff(second)) }
        if let member = staff[attempt.staff] { subjects.append(.organization(member.organization)) }
        var scopes = attempt.documents.compactMap { documents[$0]?.scope }
        if let grant = grants[attempt.grant] { scopes.append(grant.scope) }
        return subjects + scopes.ascending.map { .scope($0) } + attempt.documents.map { .document($0) }
    }

    func apply(_ operation: RecordService) throws(Refusal) -> [Subject] {
        guard operation.count > 0 else { throw .nothingServed }
        return [.validator(operation.validator)]
    }
}

extension GrantRecord {
    /// Whether a member of staff may use the grant.
    func isFor(_ id: StaffID, _ member: StaffRecord) -> Bool {
        switch grantee {
        case .scope: false
        case .staff(let staff): staff == id
        case .organization(let organization): organization == member.organization
        }
    }

    /// Counts documents asked for on a day; nothing changes where they are more than the day has left.
    mutating func take(_ count: Int, on day: UInt64) -> Bool {
        let used = day == self.day ? documentsThatDay : 0
        guard used + count <= documentsPerDay else { return false }
        self.day = day
        documentsThatDay = used + count
        return true
    }
}
