internal import Cryptography

extension WorkingState {
    /// Whether a change can be made as things stand. Asked when it is proposed, so that nobody votes for nothing, and
    /// again when it passes.
    func check(_ change: Change) throws(Refusal) {
        switch change {
        case .admitOrganization(let entry):
            guard organizations[entry.id] == nil else { throw .alreadyExists }
            guard consortium.organizations.count < Genesis.maximumMembers else { throw .tooManyMembers }
            guard entry.signingKeys.allSatisfy({ keyHolders[KeyID($0)] == nil }) else { throw .keyInUse }
            guard
                !consortium.organizations.contains(where: {
                    organizations[$0].map { isSameName($0.name, entry.name) } ?? false
                })
            else {
                throw .nameInUse
            }
        case .expelOrganization(let id):
            guard consortium.organizations.contains(id) else { throw .unknownOrganization }
            guard consortium.organizations.count > 1 else { throw .lastOrganization }
        case .addValidator(let candidate): try check(candidate, replacing: nil)
        case .removeValidator(let id):
            guard memberSet.ids.contains(id) || following.contains(id) else { throw .unknownValidator }
        case .replaceValidator(let id, let candidate):
            guard memberSet.ids.contains(id) else { throw .unknownValidator }
            try check(candidate, replacing: id)
        case .appointAuditor(let entry):
            guard auditors[entry.id] == nil else { throw .alreadyExists }
            guard consortium.auditors.count < Genesis.maximumMembers else { throw .tooManyMembers }
            guard keyHolders[KeyID(entry.key)] == nil else { throw .keyInUse }
            guard entry.expires > block.time else { throw .expiryInPast }
        case .dismissAuditor(let id):
            guard consortium.auditors.contains(id) else { throw .unknownAuditor }
        case .setParameter(let parameter, let value):
            guard parameter.range.contains(value) else { throw .parameterOutOfRange }
        case .activateVersion(let activation): try check(activation)
        }
    }

    private func check(_ candidate: ValidatorCandidate, replacing old: ValidatorID?) throws(Refusal) {
        let entry = candidate.entry
        guard consortium.organizations.contains(entry.organization) else { throw .unknownOrganization }
        guard keyHolders[KeyID(entry.consensusKey)] == nil || candidate.id == old else { throw .keyInUse }
        let others = memberSet.ids.filter { $0 != old }
        guard others.count < Genesis.maximumValidators else { throw .tooManyValidators }
        for id in others {
            guard let card = cards[id] else { preconditionFailure("every validator of the set has a card") }
            guard card.peerAddress != entry.peerAddress else { throw .addressInUse }
            guard card.certificate != entry.certificate else { throw .keyInUse }
        }
    }

    /// Makes a change that has passed, or leaves everything as it is.
    ///
    /// - Returns: Whom it concerns beside those who approved it.
    func make(_ change: Change) throws(Refusal) -> [Subject] {
        try check(change)
        switch change {
        case .admitOrganization(let entry): return admit(entry)
        case .expelOrganization(let id): return try expel(id)
        case .addValidator(let candidate):
            try replaceSet(with: memberSet.keys + [KeyID(candidate.entry.consensusKey)])
            return join(candidate)
        case .removeValidator(let id):
            // Who follows only stops following.
            if following.contains(id) {
                observers[.only] = ObserversRecord(validators: following.filter { $0 != id })
                return subjects(of: id)
            }
            try replaceSet(with: memberSet.keys(without: [id]))
            observers[.only] = ObserversRecord(validators: following + [id])
            return subjects(of: id)
        case .replaceValidator(let id, let candidate):
            let key = KeyID(candidate.entry.consensusKey)
            try replaceSet(with: zip(memberSet.ids, memberSet.keys).map { $0 == id ? key : $1 })
            let joined = join(candidate)
            return joined + subjects(of: id).filter { !joined.contains($0) }
        case .appointAuditor(let entry):
            auditors[entry.id] = AuditorRecord(entry)
            keyHolders[KeyID(entry.key)] = .auditor(entry.id)
            members[.only] = ConsortiumRecord(
                organizations: consortium.organizations, auditors: consortium.auditors + [entry.id])
            return []
        case .dismissAuditor(let id):
            members[.only] = ConsortiumRecord(
                organizations: consortium.organizations, auditors: consortium.auditors.filter { $0 != id })
            return []
        case .setParameter(let parameter, let value):
            guard var record = limits[.only] else { preconditionFailure("a state has parameters") }
            record.limits[parameter] = value
            limits[.only] = record
            return []
        case .activateVersion(let activation):
            activate(activation)
            return []
        }
    }

    private func admit(_ entry: Genesis.Organization) -> [Subject] {
        organizations[entry.id] = OrganizationRecord(entry)
        sealingKeys[.organization(entry.id)] = SealingKeyRecord(entry.sealingKey)
        for key in entry.signingKeys { keyHolders[KeyID(key)] = .organization(entry.id) }
        members[.only] = ConsortiumRecord(
            organizations: consortium.organizations + [entry.id], auditors: consortium.auditors)
        return [.organization(entry.id)]
    }

    /// Its validators leave with it, or it stays: a set never changes by more than it may.
    private func expel(_ id: OrganizationID) throws(Refusal) -> [Subject] {
        let leaving = memberSet.ids.filter { validators[$0]?.organization == id }
        if !leaving.isEmpty { try replaceSet(with: memberSet.keys(without: leaving)) }
        let staying = following.filter { validators[$0]?.organization != id }
        if staying != following { observers[.only] = ObserversRecord(validators: staying) }
        members[.only] = ConsortiumRecord(
            organizations: consortium.organizations.filter { $0 != id }, auditors: consortium.auditors)
        return [.organization(id)] + leaving.map { .validator($0) }
    }

    /// Who has left the set and may follow.
    private var following: [ValidatorID] { observers[.only]?.validators ?? [] }

    private func join(_ candidate: ValidatorCandidate) -> [Subject] {
        let (id, entry) = (candidate.id, candidate.entry)
        validators[id] = ValidatorRecord(entry)
        cards[id] = ValidatorCardRecord(entry)
        keyHolders[KeyID(entry.consensusKey)] = .validator(id)
        return [.validator(id), .organization(entry.organization)]
    }

    private func subjects(of id: ValidatorID) -> [Subject] {
        guard let record = validators[id] else { preconditionFailure("every validator of the set has a record") }
        return [.validator(id), .organization(record.organization)]
    }

    /// Replaces the set from the next block on: at most f of those who decide on this block may differ, so that the
    /// quorums of both sets overlap, and four stay four.
    private func replaceSet(with keys: [KeyID]) throws(Refusal) {
        guard keys.count >= min(ValidatorSetRecord.smallest, memberSet.keys.count), !keys.isEmpty else {
            throw .tooFewValidators
        }
        let joining = keys.count { !validatorSet.keys.contains($0) }
        let leaving = validatorSet.keys.count { !keys.contains($0) }
        guard max(joining, leaving) <= max(1, validatorSet.faults) else { throw .setChangeTooLarge }
        if keys != memberSet.keys { nextSet[.only] = ValidatorSetRecord(keys: keys) }
    }
}

extension ValidatorSetRecord {
    /// The size below which no set shrinks; a chain for development may begin below it.
    static let smallest = 4

    fileprivate func keys(without leaving: [ValidatorID]) -> [KeyID] {
        zip(ids, keys).filter { !leaving.contains($0.0) }.map(\.1)
    }
}

extension Genesis.Parameters {
    /// One of the limits by its name.
    public subscript(parameter: ChainParameter) -> UInt64 {
        get {
            switch parameter {
            case .transactionWindow: transactionWindow
            case .accessWindow: accessWindow
            case .maximumBlockBytes: maximumBlockBytes
            case .documentCopies: documentCopies
            }
        }
        set {
            switch parameter {
            case .transactionWindow: transactionWindow = newValue
            case .accessWindow: accessWindow = newValue
            case .maximumBlockBytes: maximumBlockBytes = newValue
            case .documentCopies: documentCopies = newValue
            }
        }
    }
}
