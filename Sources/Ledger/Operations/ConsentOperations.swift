public import Codec
public import Cryptography

/// Who may ask to open documents: an organisation, that is its staff, or one member of staff; of a recovery grant the
/// scope's own owner. `[1, 2 or 3, identifier]`
public enum Grantee: Hashable, Sendable {
    case organization(OrganizationID)
    case staff(StaffID)
    case scope(ScopeID)

    /// The subject with the same identifier.
    public var subject: Subject {
        switch self {
        case .organization(let id): .organization(id)
        case .staff(let id): .staff(id)
        case .scope(let id): .scope(id)
        }
    }
}

extension Grantee: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        switch try Subject(from: &reader) {
        case .organization(let id): self = .organization(id)
        case .staff(let id): self = .staff(id)
        case .scope(let id): self = .scope(id)
        default: throw .invalid(field: "grantee")
        }
    }

    public func encode(to writer: inout CBORWriter) { writer.write(subject) }
}

/// Lets a grantee ask to open a scope's documents, also those to come. Signed by the scope key.
///
/// `[7, scope, epoch, grantee, receiving key, delegation, [validator…], [purpose…], [role…], not before, not after,
/// documents a day, flags, card]`
public struct GrantConsent: Hashable, Sendable {
    /// What a grant is beside an ordinary one: bits on the wire.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        /// - Parameter rawValue: The bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// For break-glass access.
        public static let emergency = Flags(rawValue: 1)
        /// For the patient's own new wallet.
        public static let recovery = Flags(rawValue: 2)
    }

    /// What is granted.
    public var scope: ScopeID
    /// Its epoch.
    public var epoch: UInt64
    /// To whom.
    public var grantee: Grantee
    /// The grantee's re-encryption key; of a recovery grant one whose secret the guardians keep in shares.
    public var receivingKey: PublicKey
    /// X, the commitments to the polynomial (as many as fragments open a document: n - f) and each validator's share.
    public var delegation: PublishedDelegation
    /// Who is to hold each share, in the order of the set.
    public var validators: [ValidatorID]
    /// What for, ascending.
    public var purposes: [Purpose]
    /// By staff of which roles, ascending; a recovery grant's mean nothing.
    public var roles: [Role]
    /// The first moment.
    public var notBefore: Timestamp
    /// The last moment.
    public var notAfter: Timestamp
    /// Documents that may be asked for on one day of UTC.
    public var documentsPerDay: Int
    /// Nothing for an ordinary grant.
    public var flags: Flags
    /// The scope card (A and S) sealed to the grantee.
    public var card: ContentID

    /// The most documents a day that a grant may allow.
    public static let maximumDocumentsPerDay = 1_000_000

    /// A consent.
    public init(
        scope: ScopeID, epoch: UInt64, grantee: Grantee, receivingKey: PublicKey, delegation: PublishedDelegation,
        validators: [ValidatorID], purposes: [Purpose], roles: [Role], notBefore: Timestamp, notAfter: Timestamp,
        documentsPerDay: Int, flags: Flags = [], card: ContentID
    ) {
        self.scope = scope
        self.epoch = epoch
        self.grantee = grantee
        self.receivingKey = receivingKey
        self.delegation = delegation
        self.validators = validators
        self.purposes = purposes.ascending
        self.roles = roles.ascending
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.documentsPerDay = documentsPerDay
        self.flags = flags
        self.card = card
    }

    /// What the consent makes.
    public var grant: GrantID { GrantID(operationDigest) }
}

extension GrantConsent: OperationContent {
    var code: Operation.Code { .grantConsent }
    static var count: Int { 14 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        grantee = try reader.read()
        receivingKey = try reader.read()
        delegation = try reader.read()
        validators = try reader.readArray(max: Genesis.maximumValidators)
        guard validators.count == delegation.shares.count else { throw .invalid(field: "validators") }
        purposes = try reader.readAscending(max: Purpose.allCases.count, field: "purposes")
        roles = try reader.readAscending(max: Role.allCases.count, field: "roles")
        notBefore = try reader.read()
        notAfter = try reader.read()
        documentsPerDay = try reader.readInt(max: Self.maximumDocumentsPerDay)
        guard documentsPerDay > 0 else { throw .invalid(field: "documents a day") }
        flags = Flags(rawValue: UInt8(try reader.readInt(max: 3)))
        card = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(epoch)
        writer.write(grantee)
        writer.write(receivingKey)
        writer.write(delegation)
        writer.write(array: validators)
        writer.write(array: purposes)
        writer.write(array: roles)
        writer.write(notBefore)
        writer.write(notAfter)
        writer.write(UInt64(documentsPerDay))
        writer.write(UInt64(flags.rawValue))
        writer.write(card)
    }
}

/// Says that a validator holds its fragment of a grant and has checked it. Signed by the validator's consensus key.
///
/// `[8, grant, validator]`
public struct AcknowledgeGrant: Hashable, Sendable {
    /// The grant.
    public var grant: GrantID
    /// Who holds a fragment of it.
    public var validator: ValidatorID

    /// An acknowledgement.
    public init(grant: GrantID, validator: ValidatorID) {
        self.grant = grant
        self.validator = validator
    }
}

extension AcknowledgeGrant: OperationContent {
    var code: Operation.Code { .acknowledgeGrant }
    static var count: Int { 3 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        grant = try reader.read()
        validator = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(grant)
        writer.write(validator)
    }
}

/// Ends a grant at once. Signed by the scope key.
///
/// `[9, grant]`
public struct RevokeConsent: Hashable, Sendable {
    /// What ends.
    public var grant: GrantID

    /// The end of a grant.
    public init(grant: GrantID) { self.grant = grant }
}

extension RevokeConsent: OperationContent {
    var code: Operation.Code { .revokeConsent }
    static var count: Int { 2 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) { grant = try reader.read() }

    func encodeContents(to writer: inout CBORWriter) { writer.write(grant) }
}
