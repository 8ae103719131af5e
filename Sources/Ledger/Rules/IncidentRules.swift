extension WorkingState {
    /// Stops something from the next block on. What is frozen already stays with the incident that froze it.
    func apply(_ operation: Freeze) throws(Refusal) -> [Subject] {
        let organization = try owner(of: operation.target)
        let earlier = freezes[operation.target]
        if let earlier, earlier.lifted == nil { throw .alreadyFrozen }
        // An officer stops people and keys; stopping the whole hospital is for the hospital.
        if case .organization = operation.target, operation.officer != nil { throw .roleNotPermitted }
        if case .key(let key) = operation.target { try checkKeysLeft(without: key, organization) }
        let incident = operation.incident
        guard incidents[incident] == nil else { throw .alreadyExists }

        var record = FreezeRecord(organization: organization, incident: incident, since: block.height)
        // Lifted in this very block and frozen again: it never thaws.
        if let earlier, earlier.lifted == block.height { record.since = earlier.since }
        freezes[operation.target] = record
        incidents[incident] = IncidentRecord(operation, of: organization, in: block)
        return subjects(of: operation.target, organization) + (operation.officer.map { [.staff($0)] } ?? [])
    }

    func apply(_ operation: Unfreeze) throws(Refusal) -> [Subject] {
        guard var record = freezes[operation.target], record.lifted == nil else { throw .notFrozen }
        record.lifted = block.height
        freezes[operation.target] = record
        return subjects(of: operation.target, record.organization)
    }

    /// Whose a target is.
    func owner(of target: FreezeTarget) throws(Refusal) -> OrganizationID {
        switch target {
        case .organization(let id):
            guard organizations[id] != nil else { throw .unknownOrganization }
            return id
        case .staff(let id):
            guard let record = staff[id] else { throw .unknownStaff }
            return record.organization
        case .validator(let id):
            guard let record = validators[id] else { throw .unknownValidator }
            return record.organization
        case .key(let key):
            switch keyHolders[key] {
            case .organization(let id): return id
            case .staff(let id):
                guard let record = staff[id] else { throw .keyNotFreezable }
                return record.organization
            default: throw .keyNotFreezable
            }
        }
    }

    /// Whether something is frozen in this block.
    func isFrozen(_ target: FreezeTarget) -> Bool { freezes[target]?.holds(at: block.height) ?? false }

    /// The organisation with the keys that may sign in this block.
    func usable(_ organization: OrganizationRecord) -> OrganizationRecord {
        var usable = organization
        usable.signingKeys.removeAll { isFrozen(.key($0)) }
        return usable
    }

    /// An organisation keeps enough keys to end a freeze.
    private func checkKeysLeft(without key: KeyID, _ id: OrganizationID) throws(Refusal) {
        guard let organization = organizations[id], organization.signingKeys.contains(key) else { return }
        let left = organization.signingKeys.count { $0 != key && freezes[.key($0)].map { $0.lifted != nil } ?? true }
        guard left >= organization.threshold else { throw .tooFewKeysLeft }
    }

    private func subjects(of target: FreezeTarget, _ organization: OrganizationID) -> [Subject] {
        let owner = Subject.organization(organization)
        switch target {
        case .organization: return [owner]
        case .staff(let id): return [owner, .staff(id)]
        case .validator(let id): return [owner, .validator(id)]
        case .key(let key):
            guard case .staff(let id) = keyHolders[key] else { return [owner] }
            return [owner, .staff(id)]
        }
    }

    /// Whether a frozen organisation is kept from an operation: from what adds, opens or enrols, not from what repairs.
    func checkFreeze(_ code: Operation.Code, _ parties: Parties) throws(Refusal) {
        switch code {
        case .openScope, .registerStaff, .commitDocument, .requestAccess, .declareEmergency, .postMessage:
            if let id = parties.organization, isFrozen(.organization(id)) { throw .organizationFrozen }
        case .acknowledgeGrant, .reshareGrant, .answerResharing:
            if let id = parties.validator, isFrozen(.validator(id)) { throw .validatorFrozen }
        default: break
        }
    }
}

extension WorkingState {
    func apply(_ operation: PublishNotice) throws(Refusal) -> [Subject] {
        let contents = operation.contents
        let (known, scope) = try knowledge(of: operation.cause, operation.organization)
        if let addressee = operation.scope {
            guard scopes[addressee] != nil else { throw .unknownScope }
            guard scope == nil || scope == addressee else { throw .noticeAddresseeInvalid }
        }
        // Nobody makes time by learning later than the ledger shows that they knew.
        guard contents.occurredFrom <= contents.occurredTo, contents.occurredFrom <= contents.discovered,
            contents.occurredTo <= block.time, contents.discovered <= known
        else { throw .noticeDatesInvalid }
        guard block.time <= operation.due || contents.delay != nil else { throw .noticeLate }
        let id = operation.notice
        guard notices[id] == nil else { throw .alreadyExists }

        notices[id] = NoticeRecord(operation, in: block)
        let parties: [Subject] = [.organization(operation.organization), .staff(operation.officer)]
        return parties + (operation.scope.map { [.scope($0)] } ?? [])
    }

    /// When the organisation knew at the latest, and whose scope alone it may concern.
    private func knowledge(
        of cause: NoticeCause, _ organization: OrganizationID
    ) throws(Refusal) -> (Timestamp, ScopeID?) {
        switch cause {
        case .incident(let id):
            guard let record = incidents[id], record.organization == organization else { throw .unknownIncident }
            return (record.time, nil)
        case .emergency(let id):
            guard let record = emergencies[id], record.organization == organization else { throw .unknownEmergency }
            return (record.review?.time ?? block.time, record.scope)
        }
    }
}
