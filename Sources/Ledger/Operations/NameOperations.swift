public import Codec
public import Cryptography

/// A family name as nodes may see it: 16 bytes that only whoever has the organisation's name key can tell from random ones.
///
/// The identifier of the request goes into it, so that one name looks different in every request: two requests that have
/// nothing to do with each other cannot be linked by it, nor two scopes of one patient.
public struct NameTag: Hashable, Sendable {
    /// Bytes of a tag.
    public static let length = 16
    static let domain = Domain("family-name")
    static let keyDomain = Domain("name-key")

    /// The 16 bytes.
    public let bytes: [UInt8]

    /// The tag of a name in a request.
    ///
    /// - Parameter name: As the organisation spells it for comparisons.
    public init(_ name: String, in access: AccessID, under key: SecretBytes) {
        var writer = CBORWriter()
        writer.beginArray(2)
        writer.write(access)
        writer.write(text: name)
        let message = Digest.hash(writer.bytes, in: Self.domain).bytes
        bytes = Array(KeyDerivation.hmac(message, key: key).bytes.prefix(Self.length))
    }

    /// What a statement says of the key, so that whoever is shown it later can compute every tag again.
    public static func commitment(to key: SecretBytes) -> Digest {
        KeyDerivation.hmac(Digest.hash([], in: keyDomain).bytes, key: key)
    }
}

extension NameTag: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        bytes = try reader.readBytes(max: Self.length)
        guard bytes.count == Self.length else { throw .invalid(field: "name tag") }
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

/// Says of requests of an organisation's staff whether who asked has the family name of whom it was about, and no name.
/// Signed by a privacy officer of the organisation, or by the organisation.
///
/// `[29, organisation, privacy officer or null, key commitment, [[access, patient's tag, staff's tag]…]]`
public struct StateNames: Hashable, Sendable {
    /// The most requests of one statement.
    public static let maximumRequests = 256

    /// Both names of one request: `[access, patient's tag, staff's tag]`.
    public struct Pair: Hashable, Sendable {
        /// The request.
        public var access: AccessID
        /// Whose records they are.
        public var patient: NameTag
        /// Who asked.
        public var staff: NameTag

        /// Two names of one request.
        public init(access: AccessID, patient: NameTag, staff: NameTag) {
            self.access = access
            self.patient = patient
            self.staff = staff
        }

        /// Whether the names are the same: two others give the same tag once in 2^128.
        public var isSame: Bool { patient == staff }
    }

    /// Whose staff asked.
    public var organization: OrganizationID
    /// Who states it; nothing for the organisation itself.
    public var officer: StaffID?
    /// ``NameTag/commitment(to:)``.
    public var keyCommitment: Digest
    /// 1 to 256, ascending by request, each request once.
    public var pairs: [Pair]

    /// A statement.
    public init(organization: OrganizationID, officer: StaffID? = nil, keyCommitment: Digest, pairs: [Pair]) {
        self.organization = organization
        self.officer = officer
        self.keyCommitment = keyCommitment
        self.pairs = pairs.ascending
    }
}

extension StateNames.Pair: Comparable, CBORCodable {
    public static func < (left: StateNames.Pair, right: StateNames.Pair) -> Bool { left.access < right.access }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        access = try reader.read()
        patient = try reader.read()
        staff = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(access)
        writer.write(patient)
        writer.write(staff)
    }
}

extension StateNames: OperationContent {
    var code: Operation.Code { .stateNames }
    static var count: Int { 5 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        organization = try reader.read()
        officer = try reader.readOptional()
        keyCommitment = try reader.read()
        pairs = try reader.readAscending(max: Self.maximumRequests, field: "requests")
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(organization)
        writer.write(optional: officer)
        writer.write(keyCommitment)
        writer.write(array: pairs)
    }
}
