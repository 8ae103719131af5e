public import Codec
public import Cryptography

/// Asks to open documents. Signed by the device of the member of staff, and by their organisation where their
/// registration asks for it.
///
/// `[10, grant, staff, [document…], purpose, reason, reply key digest, expires]`
public struct RequestAccess: Hashable, Sendable {
    /// The most documents of one request.
    public static let maximumDocuments = 64

    /// The consent that it rests on.
    public var grant: GrantID
    /// Who asks.
    public var staff: StaffID
    /// What for is opened, ascending, 1 to 64.
    public var documents: [DocumentID]
    /// What for.
    public var purpose: Purpose
    /// The organisation's own code of the reason, 0 when it has none.
    public var reason: UInt32
    /// Hash of the one-time X-Wing key that validators seal their answers to (``replyKeyDomain``).
    public var replyKeyDigest: Digest
    /// The last height at which validators may answer.
    public var expires: Height

    /// What ``replyKeyDigest`` is a hash in.
    public static let replyKeyDomain = Domain("reply-key")

    /// A request.
    public init(
        grant: GrantID, staff: StaffID, documents: [DocumentID], purpose: Purpose, reason: UInt32,
        replyKeyDigest: Digest, expires: Height
    ) {
        self.grant = grant
        self.staff = staff
        self.documents = documents.ascending
        self.purpose = purpose
        self.reason = reason
        self.replyKeyDigest = replyKeyDigest
        self.expires = expires
    }

    /// What the request makes.
    public var access: AccessID { AccessID(operationDigest) }
}

extension RequestAccess: OperationContent {
    var code: Operation.Code { .requestAccess }
    static var count: Int { 8 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        grant = try reader.read()
        staff = try reader.read()
        documents = try reader.readAscending(max: Self.maximumDocuments, field: "documents")
        purpose = try reader.read()
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
        replyKeyDigest = try reader.read()
        expires = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(grant)
        writer.write(staff)
        writer.write(array: documents)
        writer.write(purpose)
        writer.write(UInt64(reason))
        writer.write(replyKeyDigest)
        writer.write(expires)
    }
}

/// Says which re-encryptions a validator has handed out. Signed by the validator's consensus key.
///
/// `[11, validator, count, root]`
public struct RecordService: Hashable, Sendable {
    /// Who served.
    public var validator: ValidatorID
    /// How many re-encryptions.
    public var count: UInt64
    /// RFC 6962 root of the encoded ``ServedFragment``s in the order of service.
    public var root: Digest

    /// A record.
    public init(validator: ValidatorID, count: UInt64, root: Digest) {
        self.validator = validator
        self.count = count
        self.root = root
    }
}

extension RecordService: OperationContent {
    var code: Operation.Code { .recordService }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        validator = try reader.read()
        count = try reader.readUnsigned()
        root = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(validator)
        writer.write(count)
        writer.write(root)
    }
}

/// One re-encryption that a validator handed out: `[access, document, fragment]`.
public struct ServedFragment: Hashable, Sendable {
    /// The final request.
    public var access: AccessID
    /// The document.
    public var document: DocumentID
    /// The re-encryption fragment that was used.
    public var fragment: FragmentID

    /// A service.
    public init(access: AccessID, document: DocumentID, fragment: FragmentID) {
        self.access = access
        self.document = document
        self.fragment = fragment
    }
}

extension ServedFragment: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        access = try reader.read()
        document = try reader.read()
        fragment = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(access)
        writer.write(document)
        writer.write(fragment)
    }
}
