public import Codec
public import Cryptography

/// Who has signed for a scope since its own key does not any more, oldest first: `[[key, first height]…]`. There is no leaf
/// before the first new owner: the scope's identifier is its first owner's key.
///
/// Fragments of a grant are signed by who owned the scope in the grant's block.
public struct ScopeOwnersRecord: StateRecord {
    /// An owner.
    public struct Owner: Hashable, Sendable {
        /// Signs for the scope.
        public var key: KeyID
        /// The first block in which it does.
        public var since: Height
    }

    public typealias ID = ScopeID
    public static var kind: StateKind { .scopeOwners }
    /// The most owners after the first.
    public static let maximumOwners = 64

    /// The owners.
    public var owners: [Owner]

    init() { owners = [] }

    /// Who signs in the block at `height`; nothing while it is the scope's own key.
    public func key(at height: Height) -> KeyID? { owners.last { $0.since <= height }?.key }

    public static func bytes(of id: ScopeID) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        owners = try reader.readArray(max: Self.maximumOwners)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: owners) }
}

extension ScopeOwnersRecord.Owner: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        key = try reader.read()
        since = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(key)
        writer.write(since)
    }
}

extension LedgerReader {
    /// Whose key signs for a scope in the block at `height`.
    public func owner(of scope: ScopeID, at height: Height) -> KeyID {
        record(scope, as: ScopeOwnersRecord.self)?.key(at: height) ?? scope.key
    }
}

/// The guardians of a scope: `[[key…], threshold, delay, since]`. There is no leaf where there are none.
public struct GuardianshipRecord: StateRecord {
    public typealias ID = ScopeID
    public static var kind: StateKind { .guardianship }

    /// Their keys, ascending.
    public var guardians: [KeyID]
    /// How many of them it takes.
    public var threshold: Int
    /// How long the patient may object, in milliseconds of block time.
    public var delay: UInt64
    /// The block that appointed them.
    public var since: Height

    init(_ operation: AppointGuardians, at height: Height) {
        guardians = operation.guardians.map { KeyID($0) }
        threshold = operation.threshold
        delay = operation.delay
        since = height
    }

    public static func bytes(of id: ScopeID) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        guardians = try reader.readAscending(max: AppointGuardians.maximumGuardians, field: "guardians")
        threshold = try reader.readInt(max: AppointGuardians.maximumGuardians)
        delay = try reader.readUnsigned(max: AppointGuardians.delays.upperBound)
        since = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(array: guardians)
        writer.write(UInt64(threshold))
        writer.write(delay)
        writer.write(since)
    }
}

/// Who is to own a scope: `[key, proposed, due]`. The leaf goes with the veto or the confirmation.
public struct OwnerProposalRecord: StateRecord {
    public typealias ID = ScopeID
    public static var kind: StateKind { .ownerProposal }

    /// The key that is to sign.
    public var owner: KeyID
    /// The block that proposed it.
    public var proposed: Height
    /// The last moment for the patient's veto.
    public var due: Timestamp

    init(owner: KeyID, proposed: Height, due: Timestamp) {
        self.owner = owner
        self.proposed = proposed
        self.due = due
    }

    public static func bytes(of id: ScopeID) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        owner = try reader.read()
        proposed = try reader.read()
        due = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(owner)
        writer.write(proposed)
        writer.write(due)
    }
}

/// An owner's access under a recovery grant that was applied: `[grant, scope, [document…], reply key digest, requested,
/// expires]`.
public struct RecoveryAccessRecord: StateRecord {
    public typealias ID = AccessID
    public static var kind: StateKind { .recoveryAccess }

    /// The recovery grant.
    public var grant: GrantID
    /// The scope of all its documents.
    public var scope: ScopeID
    /// What they may open, ascending.
    public var documents: [DocumentID]
    /// Hash of the key that validators seal their answers to.
    public var replyKeyDigest: Digest
    /// The block.
    public var requested: Height
    /// The last height at which validators may answer.
    public var expires: Height

    init(_ operation: RecoverDocuments, scope: ScopeID, at height: Height) {
        grant = operation.grant
        self.scope = scope
        documents = operation.documents
        replyKeyDigest = operation.replyKeyDigest
        requested = height
        expires = operation.expires
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 6)
        grant = try reader.read()
        scope = try reader.read()
        documents = try reader.readAscending(max: RequestAccess.maximumDocuments, field: "documents")
        replyKeyDigest = try reader.read()
        requested = try reader.read()
        expires = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(6)
        writer.write(grant)
        writer.write(scope)
        writer.write(array: documents)
        writer.write(replyKeyDigest)
        writer.write(requested)
        writer.write(expires)
    }
}
