internal import Codec

/// Somebody who asks a node for something: the holder of a key that is on the chain and may be used now.
public struct Requester: Hashable, Sendable {
    /// Whose key it is.
    public let holder: KeyHolder
    /// Where they work.
    let employer: OrganizationID?
    /// Whether they are or answer for the organisation.
    fileprivate let isResponsible: Bool

    /// Finds who signed a request.
    ///
    /// - Returns: Nothing for a key that is on nobody's record, of staff who have left or whose registration is not yet
    ///   or no longer valid, of an auditor whose appointment has expired, and of whoever belongs to the consortium no
    ///   longer: an organisation with its staff, a validator outside of the set, an auditor who was dismissed.
    public init?(key: KeyID, over reader: some LedgerReader, at block: BlockContext) {
        guard let holder = reader.holder(of: key) else { return nil }
        switch holder {
        case .staff(let id):
            // A block that is final counts as past: staff whom it registered act from now on.
            guard let record = reader.record(id, as: StaffRecord.self),
                record.refusal(at: block.height.next, block.time) == nil,
                reader.consortium.organizations.contains(record.organization)
            else { return nil }
            // What is frozen reads nothing either; who answers for a frozen organisation goes on.
            guard !reader.isFrozen(.staff(id), after: block), !reader.isFrozen(.key(key), after: block),
                record.role == .privacyOfficer || !reader.isFrozen(.organization(record.organization), after: block)
            else { return nil }
            employer = record.organization
            isResponsible = record.role == .privacyOfficer
        case .organization(let id):
            guard reader.consortium.organizations.contains(id) else { return nil }
            guard !reader.isFrozen(.key(key), after: block) else { return nil }
            employer = id
            isResponsible = true
        case .auditor(let id):
            guard let record = reader.record(id, as: AuditorRecord.self), block.time <= record.expires,
                reader.consortium.auditors.contains(id)
            else { return nil }
            employer = nil
            isResponsible = false
        case .validator:
            guard reader.validatorSet.keys.contains(key) else { return nil }
            employer = nil
            isResponsible = false
        case .scope:
            employer = nil
            isResponsible = false
        }
        self.holder = holder
    }

    /// What they are to what an organisation does.
    fileprivate func relations(to organization: OrganizationID) -> Set<Authorization.Relation> {
        guard employer == organization else { return [] }
        return isResponsible ? [.employer, .colleague] : [.colleague]
    }
}

extension LedgerReader {
    /// Whether something is frozen for whoever asks after a final block.
    public func isFrozen(_ target: FreezeTarget, after block: BlockContext) -> Bool {
        record(target, as: FreezeRecord.self)?.holds(at: block.height.next) ?? false
    }
}

extension Authorization {
    /// Whether somebody may see a subject's record. No for a subject that does not exist.
    public static func mayRead(
        _ subject: Subject, by requester: Requester, over reader: some LedgerReader, at block: BlockContext
    ) -> Bool {
        let relations = relations(of: requester, to: subject, over: reader, at: block)
        return !relations.isDisjoint(with: readers(ofRecord: subject.kind))
    }

    /// Whether somebody may see what happened to a subject. No for a subject that does not exist.
    public static func mayReadHistory(
        of subject: Subject, by requester: Requester, over reader: some LedgerReader, at block: BlockContext
    ) -> Bool {
        let relations = relations(of: requester, to: subject, over: reader, at: block)
        return !relations.isDisjoint(with: readers(ofHistory: subject.kind))
    }

    /// Whether somebody may see a transaction: who signed it may, and who may see a history that each of its operations
    /// is part of.
    public static func mayRead(
        _ transaction: Transaction, by requester: Requester, over reader: some LedgerReader, at block: BlockContext
    ) -> Bool {
        switch requester.holder {
        case .validator, .auditor: return true
        case .organization, .staff, .scope: break
        }
        if transaction.signers.contains(where: { reader.holder(of: KeyID($0)) == requester.holder }) { return true }
        return transaction.operations.allSatisfy { operation in
            operation.subjects(over: reader).contains { mayReadHistory(of: $0, by: requester, over: reader, at: block) }
        }
    }

    /// Whether somebody may see a request for access: who asked, their organisation, the patient, validators, auditors.
    public static func mayRead(_ access: AccessRecord, by requester: Requester, over reader: some LedgerReader) -> Bool
    {
        switch requester.holder {
        case .validator, .auditor: true
        case .scope(let scope): scope == access.scope
        case .staff(let staff): staff == access.staff
        case .organization(let id): id == reader.record(access.staff, as: StaffRecord.self)?.organization
        }
    }

    /// Whether somebody may see an owner's access under a recovery grant: the owner, validators, auditors.
    public static func mayRead(_ access: RecoveryAccessRecord, by requester: Requester) -> Bool {
        switch requester.holder {
        case .validator, .auditor: true
        case .scope(let scope): scope == access.scope
        case .organization, .staff: false
        }
    }

    /// Whether somebody may see a notice and its text: whom it is for, the organisation that told and its privacy officers,
    /// auditors, validators.
    public static func mayRead(_ notice: NoticeRecord, by requester: Requester) -> Bool {
        switch requester.holder {
        case .validator, .auditor: true
        case .scope(let scope): scope == notice.scope
        case .organization, .staff: requester.employer == notice.organization && requester.isResponsible
        }
    }

    /// Whether somebody may see how far a thread of messages has come: who may see the scope's history, and organisations
    /// whose staff takes part in it and that may write to the scope.
    public static func mayRead(
        _ thread: ThreadRecord, by requester: Requester, over reader: some LedgerReader, at block: BlockContext
    ) -> Bool {
        if mayReadHistory(of: .scope(thread.scope), by: requester, over: reader, at: block) { return true }
        return requester.isAuthor(of: thread.scope, over: reader)
            && thread.participants.contains { $0.author.organization == requester.employer }
    }

    /// Whether somebody may fetch a document's ciphertext: validators, the patient, the author, and staff with a request
    /// that was applied. Nobody once the document is erased.
    public static func mayFetchContent(
        of document: DocumentID, by requester: Requester, over reader: some LedgerReader
    ) -> Bool {
        guard let record = reader.record(document, as: DocumentRecord.self), !reader.isErased(document) else {
            return false
        }
        switch requester.holder {
        case .validator: return true
        case .auditor: return false
        case .scope(let scope): return scope == record.scope
        case .organization(let id): return id == record.organization
        case .staff(let id):
            if let author = record.organization, requester.employer == author { return true }
            let disclosure = DisclosureRecord.ID(document: document, staff: id)
            return reader.record(disclosure, as: DisclosureRecord.self) != nil
        }
    }

    /// Whether somebody may fetch the sealed metadata of a document: whoever may see its record, so that a grantee lists
    /// what there is before asking to open any of it. Nobody once the document is erased.
    public static func mayFetchMetadata(
        of document: DocumentID, by requester: Requester, over reader: some LedgerReader, at block: BlockContext
    ) -> Bool {
        guard !reader.isErased(document) else { return false }
        return mayRead(.document(document), by: requester, over: reader, at: block)
    }

    /// Everything that somebody is to a subject; nothing where there is no subject.
    public static func relations(
        of requester: Requester, to subject: Subject, over reader: some LedgerReader, at block: BlockContext
    ) -> Set<Relation> {
        guard var relations = own(requester, subject, over: reader, at: block) else { return [] }
        relations.insert(.member)
        if requester.isResponsible { relations.insert(.protector) }
        switch requester.holder {
        case .scope: relations.insert(.patient)
        case .validator: relations.insert(.validator)
        case .auditor: relations.insert(.auditor)
        case .organization, .staff: break
        }
        return relations
    }

    /// What follows from the subject's record; nothing where there is none.
    private static func own(
        _ requester: Requester, _ subject: Subject, over reader: some LedgerReader, at block: BlockContext
    ) -> Set<Relation>? {
        let holder = requester.holder
        var relations: Set<Relation> = []
        switch subject {
        case .organization(let id):
            guard reader.record(id, as: OrganizationRecord.self) != nil else { return nil }
            relations.formUnion(requester.relations(to: id))
        case .validator(let id):
            guard let record = reader.record(id, as: ValidatorRecord.self) else { return nil }
            relations.formUnion(requester.relations(to: record.organization))
        case .staff(let id):
            guard let record = reader.record(id, as: StaffRecord.self) else { return nil }
            if holder == .staff(id) { relations.insert(.owner) }
            relations.formUnion(requester.relations(to: record.organization))
        case .scope(let id):
            guard reader.record(id, as: ScopeRecord.self) != nil else { return nil }
            if holder == .scope(id) { relations.insert(.owner) }
            if requester.isAuthor(of: id, over: reader) { relations.insert(.author) }
            if requester.isGrantee(of: id, over: reader, at: block) { relations.insert(.grantee) }
        case .document(let id):
            guard let record = reader.record(id, as: DocumentRecord.self) else { return nil }
            if holder == .scope(record.scope) { relations.insert(.owner) }
            if let author = record.organization { relations.formUnion(requester.relations(to: author)) }
            if requester.isGrantee(of: record.scope, over: reader, at: block) { relations.insert(.grantee) }
        case .grant(let id):
            guard let record = reader.record(id, as: GrantRecord.self) else { return nil }
            if holder == .scope(record.scope) { relations.insert(.owner) }
            if requester.grantees.contains(record.grantee) { relations.insert(.grantee) }
        }
        return relations
    }
}

extension Requester {
    /// The grantees that they act as.
    fileprivate var grantees: [Grantee] {
        var grantees: [Grantee] = []
        if case .staff(let id) = holder { grantees.append(.staff(id)) }
        if let employer { grantees.append(.organization(employer)) }
        return grantees
    }

    fileprivate func isAuthor(of scope: ScopeID, over reader: some LedgerReader) -> Bool {
        guard let employer else { return false }
        return reader.record(AuthorRecord.ID(scope: scope, organization: employer), as: AuthorRecord.self) != nil
    }

    fileprivate func isGrantee(of scope: ScopeID, over reader: some LedgerReader, at block: BlockContext) -> Bool {
        // A closed scope lets nobody in, and a denied organisation is not let in, whatever was granted.
        guard reader.record(scope, as: ScopeRecord.self)?.closed == nil else { return false }
        if let employer, reader.isDenied(scope, to: employer) { return false }
        return grantees.contains { grantee in
            let standing = reader.record(StandingRecord.ID(scope: scope, grantee: grantee), as: StandingRecord.self)
            return standing?.grants.contains { id in
                guard let grant = reader.record(id, as: GrantRecord.self) else { return false }
                // An emergency grant lies behind glass: until somebody breaks it, only who answers for the organisation
                // sees what it covers.
                guard !grant.flags.contains(.emergency) || isResponsible else { return false }
                return grant.refusal(at: block.time) == nil
            } ?? false
        } || hasBrokenGlass(of: scope, over: reader, at: block)
    }

    private func hasBrokenGlass(
        of scope: ScopeID, over reader: some LedgerReader, at block: BlockContext
    ) -> Bool {
        guard case .staff(let staff) = holder else { return false }
        let id = EmergencyStandingRecord.ID(scope: scope, staff: staff)
        guard let record = reader.record(id, as: EmergencyStandingRecord.self) else { return false }
        return block.height <= record.expires
    }
}

extension Operation {
    /// The subjects in whose histories the operation stands when it was applied.
    public func subjects(over reader: some LedgerReader) -> [Subject] {
        switch self {
        case .openScope(let operation): [.scope(ScopeID(operation.scope)), .organization(operation.sponsor)]
        case .authorizeAuthor(let operation): [.scope(operation.scope), .organization(operation.organization)]
        case .withdrawAuthor(let operation): [.scope(operation.scope), .organization(operation.organization)]
        case .registerStaff(let operation): [.organization(operation.organization), .staff(operation.staff)]
        case .endStaff(let operation): [.staff(operation.staff)]
        case .commitDocument(let operation):
            [.document(operation.document), .scope(operation.scope), .staff(operation.staff)]
        case .grantConsent(let operation):
            [.grant(operation.grant), .scope(operation.scope), operation.grantee.subject]
        case .acknowledgeGrant(let operation): [.grant(operation.grant), .validator(operation.validator)]
        case .revokeConsent(let operation): [.grant(operation.grant)]
        case .reshareGrant(let operation): [.grant(operation.grant), .validator(operation.dealer)]
        case .answerResharing(let operation):
            [.grant(operation.grant), .validator(operation.validator)]
                + (operation.failed.map { [.validator($0)] } ?? [])
        case .requestAccess(let operation):
            [.grant(operation.grant), .staff(operation.staff)] + operation.documents.map { .document($0) }
                + operation.documents.compactMap { reader.record($0, as: DocumentRecord.self)?.scope }.map {
                    .scope($0)
                }
        case .recordService(let operation): [.validator(operation.validator)]
        case .rotateScope(let operation): [.scope(operation.scope)]
        case .closeScope(let operation): [.scope(operation.scope)]
        case .eraseDocument(let operation):
            [.document(operation.document)]
                + (reader.record(operation.document, as: DocumentRecord.self).map { [.scope($0.scope)] } ?? [])
                + (operation.officer.map { [.staff($0)] } ?? [])
        case .confirmErasure(let operation): [operation.subject, .validator(operation.validator)]
        case .shareDocument(let operation):
            [.document(operation.document), .scope(operation.scope), .document(operation.source)]
                + (reader.record(operation.source, as: DocumentRecord.self).map { [.scope($0.scope)] } ?? [])
        case .restrictScope(let operation):
            switch operation.restriction {
            case .never: [.scope(operation.scope)]
            case .documents(let grant, _, _): [.grant(grant), .scope(operation.scope)]
            }
        case .declareEmergency(let operation):
            [.grant(operation.grant), .staff(operation.staff), .staff(operation.second)]
                + operation.documents.map { .document($0) }
                + operation.documents.compactMap { reader.record($0, as: DocumentRecord.self)?.scope }.map {
                    .scope($0)
                }
        case .reviewEmergency(let operation):
            [.staff(operation.officer)]
                + (reader.record(operation.emergency, as: EmergencyRecord.self)?.subjects ?? [])
        case .freeze(let operation):
            (reader.record(operation.target, as: FreezeRecord.self).map { [.organization($0.organization)] } ?? [])
                + (operation.officer.map { [.staff($0)] } ?? [])
        case .unfreeze(let operation):
            reader.record(operation.target, as: FreezeRecord.self).map { [.organization($0.organization)] } ?? []
        case .publishNotice(let operation):
            [.organization(operation.organization), .staff(operation.officer)]
                + (operation.scope.map { [.scope($0)] } ?? [])
        case .setPolicy(let operation): [.organization(operation.organization)]
        case .proposeChange(let operation): [.organization(operation.organization)]
        case .approveChange(let operation): [.organization(operation.organization)]
        case .reportEvidence(let operation): [.validator(operation.validator)]
        case .appointGuardians(let operation): [.scope(operation.scope)]
        case .proposeOwner(let operation): [.scope(operation.scope)]
        case .vetoOwner(let operation): [.scope(operation.scope)]
        case .confirmOwner(let operation): [.scope(operation.scope)]
        case .recoverDocuments(let operation): [.grant(operation.grant)] + operation.documents.map { .document($0) }
        case .stateNames(let operation):
            [.organization(operation.organization)] + (operation.officer.map { [.staff($0)] } ?? [])
        case .postMessage(let operation):
            (operation.document.map { [.document($0)] } ?? []) + [.scope(operation.scope)]
                + (operation.author.map { [.staff($0.staff)] } ?? [])
        }
    }
}
