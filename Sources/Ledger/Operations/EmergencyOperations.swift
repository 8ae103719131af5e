public import Codec
public import Cryptography

/// Breaks the glass: opens documents under an emergency grant that the patient gave to the organisation beforehand. Signed
/// by the devices of two members of staff and by the organisation.
///
/// `[18, grant, staff, second member of staff, [document…], reason, reply key digest, expires, drill]`
public struct DeclareEmergency: Hashable, Sendable {
    /// What an emergency is for. An emergency grant permits this and nothing else.
    public static let purpose = Purpose.emergencyTreatment
    /// How long after a declaration its review is due: 72 hours of block time.
    public static let reviewPeriod: UInt64 = 72 * 3_600_000

    /// The emergency grant.
    public var grant: GrantID
    /// Who opens the documents.
    public var staff: StaffID
    /// The colleague who confirms that there is an emergency.
    public var second: StaffID
    /// What is opened, ascending, 1 to 64.
    public var documents: [DocumentID]
    /// The organisation's own code of the reason, never 0.
    public var reason: UInt32
    /// Hash of the one-time X-Wing key that validators seal their answers to (``RequestAccess/replyKeyDomain``).
    public var replyKeyDigest: Digest
    /// The last height at which validators may answer.
    public var expires: Height
    /// Whether this only rehearses an emergency: everything is recorded, nothing opens.
    public var isDrill: Bool

    /// A declaration.
    ///
    /// - Precondition: `reason` is not 0.
    public init(
        grant: GrantID, staff: StaffID, second: StaffID, documents: [DocumentID], reason: UInt32,
        replyKeyDigest: Digest, expires: Height, isDrill: Bool = false
    ) {
        precondition(reason > 0, "an emergency has a reason")
        self.grant = grant
        self.staff = staff
        self.second = second
        self.documents = documents.ascending
        self.reason = reason
        self.replyKeyDigest = replyKeyDigest
        self.expires = expires
        self.isDrill = isDrill
    }

    /// What the declaration makes: the emergency, and the access that rests on it.
    public var access: AccessID { AccessID(operationDigest) }
}

extension DeclareEmergency: OperationContent {
    var code: Operation.Code { .declareEmergency }
    static var count: Int { 9 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        grant = try reader.read()
        staff = try reader.read()
        second = try reader.read()
        documents = try reader.readAscending(max: RequestAccess.maximumDocuments, field: "documents")
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
        guard reason > 0 else { throw .invalid(field: "reason") }
        replyKeyDigest = try reader.read()
        expires = try reader.read()
        isDrill = try reader.readBool()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(grant)
        writer.write(staff)
        writer.write(second)
        writer.write(array: documents)
        writer.write(UInt64(reason))
        writer.write(replyKeyDigest)
        writer.write(expires)
        writer.write(isDrill)
    }
}

/// Judges a declared emergency afterwards. Signed by the device of a privacy officer of the organisation that declared it,
/// and by the organisation where their registration asks for it.
///
/// `[19, emergency, privacy officer, justified, reason]`
public struct ReviewEmergency: Hashable, Sendable {
    /// The emergency.
    public var emergency: AccessID
    /// The privacy officer.
    public var officer: StaffID
    /// Whether there was reason to break the glass.
    public var isJustified: Bool
    /// The organisation's own code of the finding, 0 when it has none.
    public var reason: UInt32

    /// A review.
    public init(emergency: AccessID, officer: StaffID, isJustified: Bool, reason: UInt32) {
        self.emergency = emergency
        self.officer = officer
        self.isJustified = isJustified
        self.reason = reason
    }
}

extension ReviewEmergency: OperationContent {
    var code: Operation.Code { .reviewEmergency }
    static var count: Int { 5 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        emergency = try reader.read()
        officer = try reader.read()
        isJustified = try reader.readBool()
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(emergency)
        writer.write(officer)
        writer.write(isJustified)
        writer.write(UInt64(reason))
    }
}
