public import Codec
public import Cryptography

/// A grant: `[scope, epoch, grantee, receiving key, threshold, [purpose…], [role…], not before, not after, documents a
/// day, flags, card, granted, [validator that holds its fragment…], revoked or null, day, documents asked for that day]`.
public struct GrantRecord: StateRecord {
    public typealias ID = GrantID
    public static var kind: StateKind { .grant }

    /// What is granted.
    public var scope: ScopeID
    /// Its epoch.
    public var epoch: UInt64
    /// To whom.
    public var grantee: Grantee
    /// The grantee's re-encryption key.
    public var receivingKey: KeyID
    /// Fragments that open a document, and acknowledgements that make the grant active; of the generation that serves.
    public var threshold: Int
    /// What for, ascending.
    public var purposes: [Purpose]
    /// By staff of which roles, ascending.
    public var roles: [Role]
    /// The first moment.
    public var notBefore: Timestamp
    /// The last moment.
    public var notAfter: Timestamp
    /// Documents that may be asked for on one day of UTC.
    public var documentsPerDay: Int
    /// What it is beside an ordinary grant.
    public var flags: GrantConsent.Flags
    /// The scope card sealed to the grantee.
    public var card: ContentID
    /// The block that gave it.
    public var granted: Height
    /// Who holds a fragment of the generation that serves, ascending.
    public var acknowledged: [ValidatorID]
    /// The block that revoked it.
    public var revoked: Height?
    /// The day that ``documentsThatDay`` counts.
    public var day: UInt64
    /// Documents asked for on ``day``.
    public var documentsThatDay: Int

    init(_ operation: GrantConsent, at height: Height) {
        scope = operation.scope
        epoch = operation.epoch
        grantee = operation.grantee
        receivingKey = KeyID(operation.receivingKey)
        threshold = operation.delegation.threshold
        purposes = operation.purposes
        roles = operation.roles
        notBefore = operation.notBefore
        notAfter = operation.notAfter
        documentsPerDay = operation.documentsPerDay
        flags = operation.flags
        card = operation.card
        granted = height
        acknowledged = []
        revoked = nil
        day = 0
        documentsThatDay = 0
    }

    /// Whether enough validators hold their fragment.
    public var isHeld: Bool { acknowledged.count >= threshold }

    /// Why nobody can use the grant in a block at `time`, nothing when somebody can.
    public func refusal(at time: Timestamp) -> Refusal? {
        if revoked != nil { return .grantRevoked }
        if time > notAfter { return .grantExpired }
        if time < notBefore { return .grantNotYetValid }
        if !isHeld { return .grantNotActive }
        return nil
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 17)
        scope = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        grantee = try reader.read()
        receivingKey = try reader.read()
        threshold = try reader.readInt(max: Genesis.maximumValidators)
        purposes = try reader.readAscending(max: Purpose.allCases.count, field: "purposes")
        roles = try reader.readAscending(max: Role.allCases.count, field: "roles")
        notBefore = try reader.read()
        notAfter = try reader.read()
        documentsPerDay = try reader.readInt(max: GrantConsent.maximumDocumentsPerDay)
        flags = GrantConsent.Flags(rawValue: UInt8(try reader.readInt(max: 3)))
        card = try reader.read()
        granted = try reader.read()
        acknowledged = try reader.readArray(max: Genesis.maximumValidators)
        revoked = try reader.readOptional()
        day = try reader.readUnsigned()
        documentsThatDay = try reader.readInt(max: GrantConsent.maximumDocumentsPerDay)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(17)
        writer.write(scope)
        writer.write(epoch)
        writer.write(grantee)
        writer.write(receivingKey)
        writer.write(UInt64(threshold))
        writer.write(array: purposes)
        writer.write(array: roles)
        writer.write(notBefore)
        writer.write(notAfter)
        writer.write(UInt64(documentsPerDay))
        writer.write(UInt64(flags.rawValue))
        writer.write(card)
        writer.write(granted)
        writer.write(array: acknowledged)
        writer.write(optional: revoked)
        writer.write(day)
        writer.write(UInt64(documentsThatDay))
    }
}

/// What is published about the fragments that serve a grant, beside the record because it is seldom written: `[delegation,
/// [validator…]]`, a share for each validator in order. The patient's own, until validators have shared theirs out anew
/// (``GenerationRecord``).
public struct GrantFragmentsRecord: StateRecord {
    public typealias ID = GrantID
    public static var kind: StateKind { .grantFragments }

    /// X, commitments and shares.
    public var delegation: PublishedDelegation
    /// Who is to hold each share.
    public var validators: [ValidatorID]

    init(_ operation: GrantConsent) {
        self.init(delegation: operation.delegation, validators: operation.validators)
    }

    init(delegation: PublishedDelegation, validators: [ValidatorID]) {
        self.delegation = delegation
        self.validators = validators
    }

    /// The share that `validator` is to hold.
    public func share(of validator: ValidatorID) -> PublishedShare? {
        validators.firstIndex(of: validator).map { delegation.shares[$0] }
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        delegation = try reader.read()
        validators = try reader.readArray(max: Genesis.maximumValidators)
        guard validators.count == delegation.shares.count else { throw .invalid(field: "validators") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(delegation)
        writer.write(array: validators)
    }
}

/// The newest grants of one scope to one grantee, oldest first: at most 16.
public struct StandingRecord: StateRecord {
    /// Which scope, which grantee.
    public struct ID: Hashable, Sendable {
        /// The scope.
        public var scope: ScopeID
        /// Who was granted something of it.
        public var grantee: Grantee

        /// The grants of `scope` to `grantee`.
        public init(scope: ScopeID, grantee: Grantee) {
            self.scope = scope
            self.grantee = grantee
        }
    }

    public static var kind: StateKind { .standing }
    static let maximumGrants = 16

    /// The grants.
    public var grants: [GrantID]

    init(grants: [GrantID] = []) { self.grants = grants }

    public static func bytes(of id: ID) -> [UInt8] { id.scope.bytes + id.grantee.encoded }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        grants = try reader.readArray(max: Self.maximumGrants)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: grants) }
}
