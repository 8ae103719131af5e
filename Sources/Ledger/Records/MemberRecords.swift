public import Codec
public import Cryptography

/// The chain and its limits: `[chain, parameters]`.
public struct ParametersRecord: StateRecord {
    public typealias ID = Only
    public static var kind: StateKind { .parameters }
    /// Where they stand.
    package static let place = key(.only)

    /// The chain.
    public var chain: ChainID
    /// Its limits.
    public var limits: Genesis.Parameters

    init(chain: ChainID, limits: Genesis.Parameters) {
        self.chain = chain
        self.limits = limits
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        chain = try reader.read()
        limits = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(chain)
        writer.write(limits)
    }
}

/// A hospital: `[name, [signing key…], threshold, receiving key, [role…]]`.
public struct OrganizationRecord: StateRecord {
    public typealias ID = OrganizationID
    public static var kind: StateKind { .organization }

    /// What people call it.
    public var name: String
    /// The keys that sign for it.
    public var signingKeys: [KeyID]
    /// How many of them must sign.
    public var threshold: Int
    /// Receives re-encryptions.
    public var receivingKey: KeyID
    /// The roles that it may appoint, ascending.
    public var roles: [Role]

    init(_ entry: Genesis.Organization) {
        name = entry.name
        signingKeys = entry.signingKeys.map(KeyID.init)
        threshold = entry.threshold
        receivingKey = KeyID(entry.receivingKey)
        roles = entry.roles
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        name = try reader.readText(max: Genesis.maximumNameLength)
        signingKeys = try reader.readArray(max: Genesis.maximumSigningKeys)
        threshold = try reader.readInt(max: Genesis.maximumSigningKeys)
        receivingKey = try reader.read()
        roles = try reader.readAscending(max: Role.allCases.count, field: "roles")
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(text: name)
        writer.write(array: signingKeys)
        writer.write(UInt64(threshold))
        writer.write(receivingKey)
        writer.write(array: roles)
    }
}

/// A member of staff: `[organisation, role, pseudonym, registration hash, device key, receiving key, expires,
/// needs co-signature, registered, ended or null]`.
public struct StaffRecord: StateRecord {
    public typealias ID = StaffID
    public static var kind: StateKind { .staff }

    /// The employer.
    public var organization: OrganizationID
    /// What they are employed as.
    public var role: Role
    /// What histories call them.
    public var pseudonym: String
    /// Salted hash of their registration or employee number.
    public var registrationHash: Digest
    /// Signs.
    public var deviceKey: KeyID
    /// Receives re-encryptions.
    public var receivingKey: KeyID
    /// The last moment of the registration.
    public var expires: Timestamp
    /// Whether the organisation must sign with them.
    public var needsCosignature: Bool
    /// The block that registered them; they act from the next one on.
    public var registered: Height
    /// The block that ended the registration; it is the last in which they act.
    public var ended: Height?

    init(_ operation: RegisterStaff, at height: Height) {
        organization = operation.organization
        role = operation.role
        pseudonym = operation.pseudonym
        registrationHash = operation.registrationHash
        deviceKey = KeyID(operation.deviceKey)
        receivingKey = KeyID(operation.receivingKey)
        expires = operation.expires
        needsCosignature = operation.needsCosignature
        registered = height
        ended = nil
    }

    /// Why the member of staff cannot act in a block, nothing when they can.
    public func refusal(at height: Height, _ time: Timestamp) -> Refusal? {
        if height <= registered { return .staffNotYetActive }
        if let ended, height > ended { return .staffEnded }
        if time > expires { return .staffExpired }
        return nil
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 10)
        organization = try reader.read()
        role = try reader.read()
        pseudonym = try reader.readText(max: RegisterStaff.maximumPseudonymLength)
        registrationHash = try reader.read()
        deviceKey = try reader.read()
        receivingKey = try reader.read()
        expires = try reader.read()
        needsCosignature = try reader.readBool()
        registered = try reader.read()
        ended = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(10)
        writer.write(organization)
        writer.write(role)
        writer.write(text: pseudonym)
        writer.write(registrationHash)
        writer.write(deviceKey)
        writer.write(receivingKey)
        writer.write(expires)
        writer.write(needsCosignature)
        writer.write(registered)
        writer.write(optional: ended)
    }
}

/// An auditor: `[name, key, expires]`.
public struct AuditorRecord: StateRecord {
    public typealias ID = AuditorID
    public static var kind: StateKind { .auditor }

    /// What people call them.
    public var name: String
    /// Signs their requests.
    public var key: KeyID
    /// The last moment of the appointment.
    public var expires: Timestamp

    init(_ entry: Genesis.Auditor) {
        name = entry.name
        key = KeyID(entry.key)
        expires = entry.expires
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        name = try reader.readText(max: Genesis.maximumNameLength)
        key = try reader.read()
        expires = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(text: name)
        writer.write(key)
        writer.write(expires)
    }
}
