internal import Codec
internal import Cryptography

/// The leaves of one kind that a block reads and writes, each decoded and encoded once.
final class Table<Record: StateRecord> {
    private struct Entry {
        let key: StateKey
        var leaf: Leaf<Record>?
        /// Whether the state below has the leaf.
        let existed: Bool
        var hasChanged = false

        mutating func set(_ record: Record?) {
            hasChanged = true
            guard let record else { return leaf = nil }
            if leaf == nil { leaf = Leaf(record) } else { leaf?.record = record }
        }

        mutating func append(_ entry: Digest) -> UInt64? {
            guard let index = leaf?.history.count else { return nil }
            leaf?.history.append(entry)
            hasChanged = true
            return index
        }
    }

    private let reader: any LedgerReader
    private var entries: [Record.ID: Entry] = [:]

    init(over reader: any LedgerReader) { self.reader = reader }

    /// The record as this block has left it so far.
    subscript(id: Record.ID) -> Record? {
        get { entry(id).leaf?.record }
        set {
            // Rules look before they write: the entry is there.
            if entries[id] == nil { _ = entry(id) }
            entries[id]?.set(newValue)
        }
    }

    /// Adds to a history and returns the entry's place; nothing when there is no leaf.
    func append(_ entry: Digest, to id: Record.ID) -> UInt64? {
        if entries[id] == nil { _ = self.entry(id) }
        return entries[id]?.append(entry) ?? nil
    }

    /// What has changed, in no particular order.
    var changes: [StateChange] {
        entries.values.compactMap { entry in
            guard entry.hasChanged, entry.leaf != nil || entry.existed else { return nil }
            return StateChange(key: entry.key, value: entry.leaf?.encoded)
        }
    }

    private func entry(_ id: Record.ID) -> Entry {
        if let entry = entries[id] { return entry }
        let key = Record.key(id)
        let leaf = reader.leaf(key, as: Record.self)
        let entry = Entry(key: key, leaf: leaf, existed: leaf != nil)
        entries[id] = entry
        return entry
    }
}

/// The state as a block has left it so far: the tables above what was there before.
///
/// Rules check everything before they write anything, so that a refused operation leaves no trace here.
final class WorkingState {
    let reader: any LedgerReader
    let block: BlockContext
    let parameters: ParametersRecord
    let validatorSet: ValidatorSetRecord
    private(set) var history: [HistoryRecord] = []
    /// How many resharings this block has settled so far.
    var settledRounds = 0

    let organizations: Table<OrganizationRecord>
    let staff: Table<StaffRecord>
    let scopes: Table<ScopeRecord>
    let documents: Table<DocumentRecord>
    let grants: Table<GrantRecord>
    let validators: Table<ValidatorRecord>
    let keyHolders: Table<KeyHolder>
    let sealingKeys: Table<SealingKeyRecord>
    let authors: Table<AuthorRecord>
    let capsules: Table<CapsuleRecord>
    let vouchers: Table<VoucherRecord>
    let grantFragments: Table<GrantFragmentsRecord>
    let standings: Table<StandingRecord>
    let accesses: Table<AccessRecord>
    let disclosures: Table<DisclosureRecord>
    let scopeEpochs: Table<ScopeEpochsRecord>
    let erasures: Table<ErasureRecord>
    let denials: Table<DenialRecord>
    let windows: Table<GrantWindowRecord>
    let shares: Table<SharedDocumentRecord>
    let emergencies: Table<EmergencyRecord>
    let reviewDuties: Table<ReviewDutiesRecord>
    let emergencyStandings: Table<EmergencyStandingRecord>
    let freezes: Table<FreezeRecord>
    let incidents: Table<IncidentRecord>
    let notices: Table<NoticeRecord>
    let policies: Table<PolicyRecord>
    let usages: Table<UsageRecord>
    let members: Table<ConsortiumRecord>
    let nextSet: Table<ValidatorSetRecord>
    let limits: Table<ParametersRecord>
    let cards: Table<ValidatorCardRecord>
    let auditors: Table<AuditorRecord>
    let proposals: Table<ChangeRecord>
    let docket: Table<DocketRecord>
    let evidence: Table<EvidenceRecord>
    let observers: Table<ObserversRecord>
    let versions: Table<ProtocolRecord>
    let scopeOwners: Table<ScopeOwnersRecord>
    let guardianships: Table<GuardianshipRecord>
    let ownerProposals: Table<OwnerProposalRecord>
    let recoveryAccesses: Table<RecoveryAccessRecord>
    let nameStatements: Table<NameStatementRecord>
    let threads: Table<ThreadRecord>
    let messages: Table<MessageRecord>
    let resharings: Table<ResharingRecord>
    let generations: Table<GenerationRecord>

    init(over reader: any LedgerReader, in block: BlockContext) {
        self.reader = reader
        self.block = block
        parameters = reader.parameters
        validatorSet = reader.validatorSet
        organizations = Table(over: reader)
        staff = Table(over: reader)
        scopes = Table(over: reader)
        documents = Table(over: reader)
        grants = Table(over: reader)
        validators = Table(over: reader)
        keyHolders = Table(over: reader)
        sealingKeys = Table(over: reader)
        authors = Table(over: reader)
        capsules = Table(over: reader)
        vouchers = Table(over: reader)
        grantFragments = Table(over: reader)
        standings = Table(over: reader)
        accesses = Table(over: reader)
        disclosures = Table(over: reader)
        scopeEpochs = Table(over: reader)
        erasures = Table(over: reader)
        denials = Table(over: reader)
        windows = Table(over: reader)
        shares = Table(over: reader)
        emergencies = Table(over: reader)
        reviewDuties = Table(over: reader)
        emergencyStandings = Table(over: reader)
        freezes = Table(over: reader)
        incidents = Table(over: reader)
        notices = Table(over: reader)
        policies = Table(over: reader)
        usages = Table(over: reader)
        members = Table(over: reader)
        nextSet = Table(over: reader)
        limits = Table(over: reader)
        cards = Table(over: reader)
        auditors = Table(over: reader)
        proposals = Table(over: reader)
        docket = Table(over: reader)
        evidence = Table(over: reader)
        observers = Table(over: reader)
        versions = Table(over: reader)
        scopeOwners = Table(over: reader)
        guardianships = Table(over: reader)
        ownerProposals = Table(over: reader)
        recoveryAccesses = Table(over: reader)
        nameStatements = Table(over: reader)
        threads = Table(over: reader)
        messages = Table(over: reader)
        resharings = Table(over: reader)
        generations = Table(over: reader)
    }

    /// Who belongs to the consortium, as this block has left it so far.
    var consortium: ConsortiumRecord {
        guard let record = members[.only] else { preconditionFailure("a state has members") }
        return record
    }

    /// Who decides on the next block; ``validatorSet`` decides on this one.
    var memberSet: ValidatorSetRecord {
        guard let record = nextSet[.only] else { preconditionFailure("a state has validators") }
        return record
    }

    /// The organisation, which has to belong to the consortium.
    func member(_ id: OrganizationID) throws(Refusal) -> OrganizationRecord {
        guard let record = organizations[id] else { throw .unknownOrganization }
        guard consortium.organizations.contains(id) else { throw .organizationExpelled }
        return record
    }

    /// Adds an entry to the history of every subject that exists.
    func record(_ entry: HistoryEntry, for subjects: [Subject]) {
        let digest = entry.digest
        for subject in subjects {
            guard let index = append(digest, to: subject) else { continue }
            history.append(HistoryRecord(subject: subject, index: index, entry: entry))
        }
    }

    private func append(_ digest: Digest, to subject: Subject) -> UInt64? {
        switch subject {
        case .organization(let id): organizations.append(digest, to: id)
        case .staff(let id): staff.append(digest, to: id)
        case .scope(let id): scopes.append(digest, to: id)
        case .document(let id): documents.append(digest, to: id)
        case .grant(let id): grants.append(digest, to: id)
        case .validator(let id): validators.append(digest, to: id)
        }
    }

    /// What the block changes, ascending by key, each key once.
    var changes: [StateChange] {
        var changes =
            organizations.changes + staff.changes + scopes.changes + documents.changes + grants.changes
        changes += validators.changes + keyHolders.changes + sealingKeys.changes + authors.changes + capsules.changes
        changes += vouchers.changes + grantFragments.changes + standings.changes + accesses.changes
        changes += disclosures.changes + scopeEpochs.changes + erasures.changes
        changes += denials.changes + windows.changes + shares.changes
        changes += emergencies.changes + reviewDuties.changes + emergencyStandings.changes
        changes += freezes.changes + incidents.changes + notices.changes
        changes += policies.changes + usages.changes
        changes += members.changes + nextSet.changes + limits.changes + cards.changes + auditors.changes
        changes += proposals.changes + docket.changes + evidence.changes + observers.changes
        changes += versions.changes
        changes += scopeOwners.changes + guardianships.changes + ownerProposals.changes + recoveryAccesses.changes
        changes += nameStatements.changes
        changes += threads.changes + messages.changes
        changes += resharings.changes + generations.changes
        return changes.sorted { $0.key < $1.key }
    }
}
