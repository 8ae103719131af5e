public import Codec
public import Cryptography

/// A request for access that was applied: `[grant, scope, staff, [document…], purpose, reason, reply key digest,
/// requested, expires]`.
public struct AccessRecord: StateRecord {
    public typealias ID = AccessID
    public static var kind: StateKind { .access }

    /// The consent that it rests on.
    public var grant: GrantID
    /// The scope of all its documents.
    public var scope: ScopeID
    /// Who asked.
    public var staff: StaffID
    /// What they may open, ascending.
    public var documents: [DocumentID]
    /// What for.
    public var purpose: Purpose
    /// The organisation's own code of the reason.
    public var reason: UInt32
    /// Hash of the key that validators seal their answers to.
    public var replyKeyDigest: Digest
    /// The block.
    public var requested: Height
    /// The last height at which validators may answer.
    public var expires: Height

    init(_ operation: AccessAttempt, scope: ScopeID, at height: Height) {
        grant = operation.grant
        self.scope = scope
        staff = operation.staff
        documents = operation.documents
        purpose = operation.purpose
        reason = operation.reason
        replyKeyDigest = operation.replyKeyDigest
        requested = height
        expires = operation.expires
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 9)
        grant = try reader.read()
        scope = try reader.read()
        staff = try reader.read()
        documents = try reader.readAscending(max: RequestAccess.maximumDocuments, field: "documents")
        purpose = try reader.read()
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
        replyKeyDigest = try reader.read()
        requested = try reader.read()
        expires = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(9)
        writer.write(grant)
        writer.write(scope)
        writer.write(staff)
        writer.write(array: documents)
        writer.write(purpose)
        writer.write(UInt64(reason))
        writer.write(replyKeyDigest)
        writer.write(requested)
        writer.write(expires)
    }
}

/// That a member of staff may have seen a document: the newest request of theirs that was applied to it.
///
/// The leaf's absence proves that the chain never let them.
public struct DisclosureRecord: StateRecord {
    /// Which document, to whom.
    public struct ID: Hashable, Sendable {
        /// The document.
        public var document: DocumentID
        /// Who asked for it.
        public var staff: StaffID

        /// The disclosure of `document` to `staff`.
        public init(document: DocumentID, staff: StaffID) {
            self.document = document
            self.staff = staff
        }
    }

    public static var kind: StateKind { .disclosure }

    /// The newest request.
    public var access: AccessID

    init(access: AccessID) { self.access = access }

    public static func bytes(of id: ID) -> [UInt8] { id.document.bytes + id.staff.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) { access = try reader.read() }

    public func encode(to writer: inout CBORWriter) { writer.write(access) }
}
