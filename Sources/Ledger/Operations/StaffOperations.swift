internal import Codec
public import Cryptography

/// Registers a member of staff from the next block on. Signed by the organisation.
///
/// `[4, organisation, role, pseudonym, registration hash, device key, receiving key, sealing key, expires, needs co-signature]`
public struct RegisterStaff: Hashable, Sendable {
    /// The most UTF-8 bytes of a pseudonym.
    public static let maximumPseudonymLength = 64

    /// The employer.
    public var organization: OrganizationID
    /// What they are employed as.
    public var role: Role
    /// What histories call them: 1 to 64 bytes of UTF-8, never their name.
    public var pseudonym: String
    /// Salted hash of their registration or employee number; the salt stays with the employer.
    public var registrationHash: Digest
    /// Signs.
    public var deviceKey: PublicKey
    /// Receives re-encryptions.
    public var receivingKey: PublicKey
    /// X-Wing public key that cards are sealed to.
    public var sealingKey: SealingPublicKey
    /// The last moment of the registration.
    public var expires: Timestamp
    /// Whether the organisation must sign with them.
    public var needsCosignature: Bool

    /// A registration.
    public init(
        organization: OrganizationID, role: Role, pseudonym: String, registrationHash: Digest, deviceKey: PublicKey,
        receivingKey: PublicKey, sealingKey: SealingPublicKey, expires: Timestamp, needsCosignature: Bool
    ) {
        self.organization = organization
        self.role = role
        self.pseudonym = pseudonym
        self.registrationHash = registrationHash
        self.deviceKey = deviceKey
        self.receivingKey = receivingKey
        self.sealingKey = sealingKey
        self.expires = expires
        self.needsCosignature = needsCosignature
    }

    /// What the registration makes.
    public var staff: StaffID { StaffID(operationDigest) }
}

extension RegisterStaff: OperationContent {
    var code: Operation.Code { .registerStaff }
    static var count: Int { 10 }
    var clearTexts: [String] { [pseudonym] }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        organization = try reader.read()
        role = try reader.read()
        pseudonym = try reader.readText(max: Self.maximumPseudonymLength)
        if pseudonym.isEmpty { throw .invalid(field: "pseudonym") }
        registrationHash = try reader.read()
        deviceKey = try reader.read()
        receivingKey = try reader.read()
        sealingKey = try reader.read()
        expires = try reader.read()
        needsCosignature = try reader.readBool()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(organization)
        writer.write(role)
        writer.write(text: pseudonym)
        writer.write(registrationHash)
        writer.write(deviceKey)
        writer.write(receivingKey)
        writer.write(sealingKey)
        writer.write(expires)
        writer.write(needsCosignature)
    }
}

/// Ends a registration from the next block on. Signed by the organisation.
///
/// `[5, staff]`
public struct EndStaff: Hashable, Sendable {
    /// Who leaves.
    public var staff: StaffID

    /// The end of a registration.
    public init(staff: StaffID) { self.staff = staff }
}

extension EndStaff: OperationContent {
    var code: Operation.Code { .endStaff }
    static var count: Int { 2 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) { staff = try reader.read() }

    func encodeContents(to writer: inout CBORWriter) { writer.write(staff) }
}
