internal import Codec

extension WorkingState {
    func apply(_ operation: RequestAccess) throws(Refusal) -> [Subject] {
        guard let member = staff[operation.staff] else { throw .unknownStaff }
        guard var grant = grants[operation.grant] else { throw .unknownGrant }
        guard grant.isFor(operation.staff, member) else { throw .notGrantee }
        if let refusal = grant.refusal(at: block.time) { throw refusal }
        try checkOpen(grant.scope)
        try checkNotDenied(grant.scope, to: member.organization)
        let window = windows[operation.grant]
        for id in operation.documents {
            guard let document = documents[id] else { throw .unknownDocument }
            guard document.scope == grant.scope, document.epoch == grant.epoch else { throw .documentNotInScope }
            try checkNotErased(id, document)
            guard window?.contains(document.time) ?? true else { throw .documentOutsideWindow }
        }
        guard grant.purposes.contains(operation.purpose) else { throw .purposeNotPermitted }
        guard grant.roles.contains(member.role) else { throw .roleNotGranted }
        let (earliest, latest) = (block.height.rawValue, block.height.rawValue + parameters.limits.accessWindow)
        guard earliest < operation.expires.rawValue, operation.expires.rawValue <= latest else { throw .invalidExpiry }
        guard grant.take(operation.documents.count, on: block.time.day) else { throw .dailyLimitReached }
        let id = operation.access
        guard accesses[id] == nil else { throw .alreadyExists }

        grants[operation.grant] = grant
        accesses[id] = AccessRecord(operation, scope: grant.scope, at: block.height)
        for document in operation.documents {
            disclosures[DisclosureRecord.ID(document: document, staff: operation.staff)] = DisclosureRecord(access: id)
        }
        return subjects(of: operation)
    }

    /// Everybody whom an attempt to open documents concerns, whatever comes of it: each of them once, if it exists.
    func subjects(of operation: RequestAccess) -> [Subject] {
        var subjects: [Subject] = [.grant(operation.grant), .staff(operation.staff)]
        if let member = staff[operation.staff] { subjects.append(.organization(member.organization)) }
        var scopes = operation.documents.compactMap { documents[$0]?.scope }
        if let grant = grants[operation.grant] { scopes.append(grant.scope) }
        return subjects + scopes.ascending.map { .scope($0) } + operation.documents.map { .document($0) }
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
