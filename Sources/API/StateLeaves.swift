public import Ledger
internal import Codec

/// A leaf to prove: what it holds and the bytes of its identifier.
public struct LeafName: Hashable, Sendable {
    /// What it holds.
    public let kind: StateKind
    /// The identifier's bytes.
    public let id: [UInt8]

    /// The leaf of a record.
    public init<Record: StateRecord>(_ id: Record.ID, of type: Record.Type) {
        kind = Record.kind
        self.id = Record.bytes(of: id)
    }

    /// Where it stands.
    public var key: StateKey { StateKey(kind, id) }
}

extension Request {
    /// The leaves that a node proves in its ``StateReply`` to this request, in order; nothing for requests that are
    /// answered otherwise.
    ///
    /// - Parameters:
    ///   - organizations: The consortium's members, for the list of them.
    ///   - validators: The validators in order, for the list of them.
    ///   - changes: The changes that are put to the vote, for the list of them.
    public func leaves(
        organizations: [OrganizationID], validators: [ValidatorID], changes: [ChangeID] = []
    ) -> [LeafName]? {
        switch self {
        case .readSubject(let subject): Self.leaves(of: subject)
        case .readAuthor(let scope, let organization):
            [LeafName(.init(scope: scope, organization: organization), of: AuthorRecord.self)]
        case .readStanding(let scope, let grantee):
            [LeafName(.init(scope: scope, grantee: grantee), of: StandingRecord.self)]
        case .readKeyHolder(let key): [LeafName(key, of: KeyHolder.self)]
        case .readAccess(let id): [LeafName(id, of: AccessRecord.self), LeafName(id, of: RecoveryAccessRecord.self)]
        case .listOrganizations:
            [LeafName(.only, of: ConsortiumRecord.self)]
                + organizations.flatMap { Self.leaves(of: .organization($0)) }
        case .listChanges:
            [LeafName(.only, of: DocketRecord.self), LeafName(.only, of: ConsortiumRecord.self)]
                + changes.map { LeafName($0, of: ChangeRecord.self) }
        case .readChange(let id): [LeafName(id, of: ChangeRecord.self), LeafName(.only, of: ConsortiumRecord.self)]
        case .readThread(let id): [LeafName(id, of: ThreadRecord.self)]
        case .listValidators:
            [LeafName(.only, of: ValidatorSetRecord.self), LeafName(.only, of: ParametersRecord.self)]
                + validators.flatMap { Self.leaves(of: .validator($0)) }
        default: nil
        }
    }

    private static func leaves(of subject: Subject) -> [LeafName] {
        switch subject {
        case .organization(let id):
            [LeafName(id, of: OrganizationRecord.self), LeafName(subject, of: SealingKeyRecord.self)]
        case .staff(let id): [LeafName(id, of: StaffRecord.self), LeafName(subject, of: SealingKeyRecord.self)]
        case .scope(let id):
            [
                LeafName(id, of: ScopeRecord.self), LeafName(subject, of: SealingKeyRecord.self),
                LeafName(id, of: ScopeEpochsRecord.self), LeafName(id, of: ScopeOwnersRecord.self),
                LeafName(id, of: GuardianshipRecord.self), LeafName(id, of: OwnerProposalRecord.self),
            ]
        case .document(let id):
            [
                LeafName(id, of: DocumentRecord.self), LeafName(subject, of: ErasureRecord.self),
                LeafName(id, of: SharedDocumentRecord.self),
            ]
        case .grant(let id):
            [
                LeafName(id, of: GrantRecord.self), LeafName(id, of: GrantFragmentsRecord.self),
                LeafName(subject, of: ErasureRecord.self), LeafName(id, of: GrantWindowRecord.self),
                LeafName(id, of: GenerationRecord.self),
            ]
        case .validator(let id): [LeafName(id, of: ValidatorRecord.self), LeafName(id, of: ValidatorCardRecord.self)]
        }
    }
}
