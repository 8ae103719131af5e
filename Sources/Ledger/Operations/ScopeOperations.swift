internal import Codec
public import Cryptography

/// Opens a scope: one category of one patient for one epoch. Signed by the scope key; the sponsor organisation either
/// signs too or has issued the voucher that the operation carries.
///
/// `[1, scope, delegating key, epoch, sealing key, sponsor, voucher or null]`
public struct OpenScope: Hashable, Sendable {
    /// The scope's identifier and verifying key.
    public var scope: PublicKey
    /// A, under which authors seal.
    public var delegatingKey: PublicKey
    /// How often the category's keys were replaced, from 0.
    public var epoch: UInt64
    /// The scope's X-Wing public key.
    public var sealingKey: SealingPublicKey
    /// The hospital that vouches for the patient.
    public var sponsor: OrganizationID
    /// The sponsor's word in advance, instead of its signatures.
    public var voucher: EnrollmentVoucher?

    /// A scope to open.
    public init(
        scope: PublicKey, delegatingKey: PublicKey, epoch: UInt64, sealingKey: SealingPublicKey,
        sponsor: OrganizationID, voucher: EnrollmentVoucher?
    ) {
        self.scope = scope
        self.delegatingKey = delegatingKey
        self.epoch = epoch
        self.sealingKey = sealingKey
        self.sponsor = sponsor
        self.voucher = voucher
    }
}

extension OpenScope: OperationContent {
    var code: Operation.Code { .openScope }
    static var count: Int { 7 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        delegatingKey = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        sealingKey = try reader.read()
        sponsor = try reader.read()
        voucher = try reader.readOptional()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(delegatingKey)
        writer.write(epoch)
        writer.write(sealingKey)
        writer.write(sponsor)
        writer.write(optional: voucher)
    }
}

/// Lets an organisation add documents to a scope. Signed by the scope key.
///
/// `[2, scope, epoch, organisation, card]`
public struct AuthorizeAuthor: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID
    /// Its epoch.
    public var epoch: UInt64
    /// Who may add.
    public var organization: OrganizationID
    /// The scope card (A and S) sealed to the organisation, as content or as a file that travels.
    public var card: ContentID

    /// A permission to add.
    public init(scope: ScopeID, epoch: UInt64, organization: OrganizationID, card: ContentID) {
        self.scope = scope
        self.epoch = epoch
        self.organization = organization
        self.card = card
    }
}

extension AuthorizeAuthor: OperationContent {
    var code: Operation.Code { .authorizeAuthor }
    static var count: Int { 5 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        organization = try reader.read()
        card = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(epoch)
        writer.write(organization)
        writer.write(card)
    }
}

/// Ends an organisation's permission to add documents. Signed by the scope key.
///
/// `[3, scope, organisation]`
public struct WithdrawAuthor: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID
    /// Who may no longer add.
    public var organization: OrganizationID

    /// The end of a permission.
    public init(scope: ScopeID, organization: OrganizationID) {
        self.scope = scope
        self.organization = organization
    }
}

extension WithdrawAuthor: OperationContent {
    var code: Operation.Code { .withdrawAuthor }
    static var count: Int { 3 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        organization = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(organization)
    }
}
