public import Codec
public import Cryptography

/// Names the guardians of a scope, who together can give it a new owner key; in place of those named before. Signed by the
/// scope key.
///
/// `[32, scope, [guardian's key…], threshold, delay]`; without guardians threshold and delay are 0, and nobody can.
public struct AppointGuardians: Hashable, Sendable {
    /// The most guardians: all of them and the new owner sign one transaction.
    public static let maximumGuardians = COSESign.maximumSigners - 1
    /// How long the patient may object, in milliseconds of block time: a second to 90 days.
    public static let delays: ClosedRange<UInt64> = 1000...7_776_000_000

    /// The scope.
    public var scope: ScopeID
    /// Their keys, ascending, at most 7. They should be keys of this scope alone: the same key at two scopes shows that
    /// both are one patient's.
    public var guardians: [PublicKey]
    /// How many of them it takes.
    public var threshold: Int
    /// How long the patient may object, in milliseconds of block time.
    public var delay: UInt64

    /// Guardians.
    ///
    /// - Returns: Nothing unless there are 1 to 7, the threshold is 1 to as many, and the delay is in ``delays``.
    public init?(scope: ScopeID, guardians: [PublicKey], threshold: Int, delay: UInt64) {
        let guardians = guardians.ascending
        guard Self.isValid(guardians, threshold, delay), !guardians.isEmpty else { return nil }
        self.scope = scope
        self.guardians = guardians
        self.threshold = threshold
        self.delay = delay
    }

    /// The end of all guardianship of a scope.
    public init(nobodyOf scope: ScopeID) {
        self.scope = scope
        guardians = []
        threshold = 0
        delay = 0
    }

    private static func isValid(_ guardians: [PublicKey], _ threshold: Int, _ delay: UInt64) -> Bool {
        if guardians.isEmpty { return threshold == 0 && delay == 0 }
        return guardians.count <= maximumGuardians && (1...guardians.count).contains(threshold)
            && delays.contains(delay)
    }
}

extension AppointGuardians: OperationContent {
    var code: Operation.Code { .appointGuardians }
    static var count: Int { 5 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        guardians = try reader.readArray(max: Self.maximumGuardians)
        guard zip(guardians, guardians.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .invalid(field: "guardians") }
        threshold = try reader.readInt(max: Self.maximumGuardians)
        delay = try reader.readUnsigned(max: Self.delays.upperBound)
        guard Self.isValid(guardians, threshold, delay) else { throw .invalid(field: "guardians") }
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(array: guardians)
        writer.write(UInt64(threshold))
        writer.write(delay)
    }
}

/// Proposes another owner key for a scope. Signed by enough of its guardians and by the new key. It changes nothing before
/// the delay that the patient set has passed and ``ConfirmOwner`` says so.
///
/// `[33, scope, new owner's key]`
public struct ProposeOwner: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID
    /// Who is to sign for it.
    public var owner: PublicKey

    /// A proposal.
    public init(scope: ScopeID, owner: PublicKey) {
        self.scope = scope
        self.owner = owner
    }
}

extension ProposeOwner: OperationContent {
    var code: Operation.Code { .proposeOwner }
    static var count: Int { 3 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        owner = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(owner)
    }
}

/// Objects to a proposed owner, within the delay. Signed by the scope key.
///
/// `[34, scope]`
public struct VetoOwner: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID

    /// An objection.
    public init(scope: ScopeID) { self.scope = scope }
}

extension VetoOwner: OperationContent {
    var code: Operation.Code { .vetoOwner }
    static var count: Int { 2 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) { scope = try reader.read() }

    func encodeContents(to writer: inout CBORWriter) { writer.write(scope) }
}

/// Makes a proposed owner the owner, after the delay: their key signs for the scope from the next block on, and the key
/// before signs nothing any more. Signed by the new key.
///
/// `[35, scope]`
public struct ConfirmOwner: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID

    /// The beginning of a new owner.
    public init(scope: ScopeID) { self.scope = scope }
}

extension ConfirmOwner: OperationContent {
    var code: Operation.Code { .confirmOwner }
    static var count: Int { 2 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) { scope = try reader.read() }

    func encodeContents(to writer: inout CBORWriter) { writer.write(scope) }
}

/// Opens documents under a recovery grant, as the scope's owner whose wallet lacks the keys that sealed them. Signed by the
/// scope key. It stands in the histories as every access does.
///
/// `[24, grant, [document…], reply key digest, expires]`
public struct RecoverDocuments: Hashable, Sendable {
    /// What for.
    public static let purpose = Purpose.patientRequest

    /// The recovery grant.
    public var grant: GrantID
    /// What is opened, ascending, 1 to 64.
    public var documents: [DocumentID]
    /// Hash of the one-time X-Wing key that validators seal their answers to (``RequestAccess/replyKeyDomain``).
    public var replyKeyDigest: Digest
    /// The last height at which validators may answer.
    public var expires: Height

    /// A recovery.
    public init(grant: GrantID, documents: [DocumentID], replyKeyDigest: Digest, expires: Height) {
        self.grant = grant
        self.documents = documents.ascending
        self.replyKeyDigest = replyKeyDigest
        self.expires = expires
    }

    /// What it makes.
    public var access: AccessID { AccessID(operationDigest) }
}

extension RecoverDocuments: OperationContent {
    var code: Operation.Code { .recoverDocuments }
    static var count: Int { 5 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        grant = try reader.read()
        documents = try reader.readAscending(max: RequestAccess.maximumDocuments, field: "documents")
        replyKeyDigest = try reader.read()
        expires = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(grant)
        writer.write(array: documents)
        writer.write(replyKeyDigest)
        writer.write(expires)
    }
}
