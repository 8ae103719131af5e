public import Codec
public import Cryptography

/// A validator: `[organisation, consensus key]`.
public struct ValidatorRecord: StateRecord {
    public typealias ID = ValidatorID
    public static var kind: StateKind { .validator }

    /// Who runs it.
    public var organization: OrganizationID
    /// Votes, acknowledges and reports.
    public var consensusKey: KeyID

    init(_ entry: Genesis.Validator) {
        organization = entry.organization
        consensusKey = KeyID(entry.consensusKey)
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        organization = try reader.read()
        consensusKey = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(organization)
        writer.write(consensusKey)
    }
}

/// Where to reach a validator and how to write to it: `[certificate, sealing key, peer address, API URL]`.
public struct ValidatorCardRecord: StateRecord {
    public typealias ID = ValidatorID
    public static var kind: StateKind { .validatorCard }

    /// TLS certificate in DER that peers and clients pin.
    public var certificate: [UInt8]
    /// X-Wing public key that fragments are sealed to.
    public var sealingKey: SealingPublicKey
    /// Where other validators reach it: `host:port`.
    public var peerAddress: String
    /// Where clients reach it: `https://host:port`.
    public var apiURL: String

    init(_ entry: Genesis.Validator) {
        certificate = entry.certificate
        sealingKey = entry.sealingKey
        peerAddress = entry.peerAddress
        apiURL = entry.apiURL
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        certificate = try reader.readBytes(max: Genesis.Validator.maximumCertificateLength)
        sealingKey = try reader.read()
        peerAddress = try reader.readText(max: Genesis.maximumAddressLength)
        apiURL = try reader.readText(max: Genesis.maximumAddressLength)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(bytes: certificate)
        writer.write(sealingKey)
        writer.write(text: peerAddress)
        writer.write(text: apiURL)
    }
}

/// The consensus keys of the validators in order: an array.
public struct ValidatorSetRecord: StateRecord {
    public typealias ID = Only
    public static var kind: StateKind { .validatorSet }
    static let domain = Domain("validators")
    package static let place = key(.only)

    /// The keys in order.
    public var keys: [KeyID]

    /// A set.
    public init(keys: [KeyID]) { self.keys = keys }

    /// What headers name: the domain hash of the encoding.
    public var hash: Digest { .hash(encoded, in: Self.domain) }

    /// The validators in order.
    public var ids: [ValidatorID] { keys.map { ValidatorID(.hash($0.bytes, in: ValidatorID.domain)) } }

    /// How many may be faulty: f = (n - 1) / 3.
    public var faults: Int { (keys.count - 1) / 3 }

    /// How many decide, and how many fragments open a document: n - f.
    public var quorum: Int { keys.count - faults }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        keys = try reader.readArray(max: Genesis.maximumValidators)
        if keys.isEmpty { throw .invalid(field: "validators") }
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: keys) }
}

/// Whose a signing key is. A key has one holder for ever. `[kind, identifier]`, the kinds of ``Subject/Kind`` and 7 for
/// an auditor.
public enum KeyHolder: StateRecord {
    public typealias ID = KeyID
    public static var kind: StateKind { .keyHolder }

    case organization(OrganizationID)
    case staff(StaffID)
    case scope(ScopeID)
    case validator(ValidatorID)
    case auditor(AuditorID)

    public static func bytes(of id: KeyID) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        switch try reader.readInt(max: 255) {
        case 1: self = .organization(try reader.read())
        case 2: self = .staff(try reader.read())
        case 3: self = .scope(try reader.read())
        case 6: self = .validator(try reader.read())
        case 7: self = .auditor(try reader.read())
        default: throw .invalid(field: "holder")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        switch self {
        case .organization(let id): Self.encode(1, id, to: &writer)
        case .staff(let id): Self.encode(2, id, to: &writer)
        case .scope(let id): Self.encode(3, id, to: &writer)
        case .validator(let id): Self.encode(6, id, to: &writer)
        case .auditor(let id): Self.encode(7, id, to: &writer)
        }
    }

    private static func encode(_ number: UInt64, _ id: some CBOREncodable, to writer: inout CBORWriter) {
        writer.write(number)
        writer.write(id)
    }
}

/// The X-Wing key of an organisation, a scope or a member of staff, beside their record because it is written once.
public struct SealingKeyRecord: StateRecord {
    public typealias ID = Subject
    public static var kind: StateKind { .sealingKey }

    /// The key.
    public var sealingKey: SealingPublicKey

    init(_ sealingKey: SealingPublicKey) { self.sealingKey = sealingKey }

    public static func bytes(of id: Subject) -> [UInt8] { id.encoded }

    public init(from reader: inout CBORReader) throws(DecodingFailure) { sealingKey = try reader.read() }

    public func encode(to writer: inout CBORWriter) { sealingKey.encode(to: &writer) }
}
