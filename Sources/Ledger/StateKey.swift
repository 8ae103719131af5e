public import Codec
public import Cryptography

/// Where a value stands in the state tree: a domain hash of `[kind, identifier]`, so that keys are spread evenly and
/// nobody can choose one.
public struct StateKey: Hashable, Comparable, Sendable {
    static let domain = Domain("state-key")

    /// The path in the tree.
    public let digest: Digest

    /// A path that somebody else computed.
    public init(_ digest: Digest) { self.digest = digest }

    /// - Parameters:
    ///   - kind: What the leaf holds.
    ///   - id: The identifier's bytes, at most 100.
    public init(_ kind: StateKind, _ id: [UInt8]) {
        var writer = CBORWriter(capacity: id.count + 8)
        writer.beginArray(2)
        writer.write(UInt64(kind.rawValue))
        writer.write(bytes: id)
        digest = .hash(writer.bytes, in: Self.domain)
    }

    public static func < (left: StateKey, right: StateKey) -> Bool { left.digest < right.digest }
}

extension StateKey: CBORCodable, CustomStringConvertible {
    public init(from reader: inout CBORReader) throws(DecodingFailure) { digest = try Digest(from: &reader) }

    public func encode(to writer: inout CBORWriter) { digest.encode(to: &writer) }

    public var description: String { digest.hex }
}

/// What a state leaf holds. The first six have a history (``Subject/Kind`` has the same numbers).
public enum StateKind: UInt8, CaseIterable, Hashable, Sendable {
    case organization = 1
    case staff = 2
    case scope = 3
    case document = 4
    case grant = 5
    case validator = 6
    /// The chain and its parameters; one leaf with an empty identifier.
    case parameters = 16
    /// The validators in order; one leaf with an empty identifier.
    case validatorSet = 17
    /// A validator's addresses and public keys other than its voting key.
    case validatorCard = 18
    case auditor = 19
    /// Whose a signing key is.
    case keyHolder = 20
    /// An organisation's, scope's or member of staff's X-Wing key.
    case sealingKey = 21
    /// That an organisation may add documents to a scope.
    case author = 22
    /// That a capsule was used.
    case capsule = 23
    /// That an enrolment voucher was used.
    case voucher = 24
    /// A grant's commitments and fragments.
    case grantFragments = 25
    /// The grants of one scope to one grantee.
    case standing = 26
    case access = 27
    /// That a document may have been seen by a member of staff.
    case disclosure = 28
    /// The epochs of a scope that have ended.
    case scopeEpochs = 32
    /// Who has deleted what it held of an erased document or an ended grant.
    case erasure = 33
    /// That a patient denies an organisation a scope.
    case denial = 34
    /// Which documents a grant is confined to.
    case grantWindow = 35
    /// That a document is another one's content in a scope of its own.
    case sharedDocument = 36
    /// A declared emergency and its review.
    case emergency = 40
    /// The reviews that an organisation owes.
    case reviewDuties = 41
    /// That a member of staff has broken the glass of a scope.
    case emergencyStanding = 42
    /// That something of an organisation is frozen.
    case freeze = 43
    /// What a freeze opened.
    case incident = 44
    case notice = 45
    /// What an organisation lets its staff do.
    case policy = 46
    /// What a member of staff has asked for on a day.
    case usage = 47
    /// Which organisations and auditors belong to the consortium; one leaf with an empty identifier.
    case consortium = 48
    /// A change that was proposed.
    case change = 49
    /// The changes that are put to the vote; one leaf with an empty identifier.
    case docket = 50
    /// That evidence against a validator was reported.
    case evidence = 51
    /// The validators that left the set and may follow; one leaf with an empty identifier.
    case observers = 52
    /// The last round in which a grant's shares were given on to other validators.
    case resharing = 53
    /// Which round made the fragments that serve a grant.
    case generation = 54
    /// Which rules count from which block on; one leaf with an empty identifier.
    case protocolVersion = 60
    /// Who has signed for a scope since its own key does not any more.
    case scopeOwners = 56
    case guardianship = 57
    /// Who is to own a scope.
    case ownerProposal = 58
    case recoveryAccess = 59
    /// That an organisation has stated the names of a request.
    case nameStatement = 64
    /// How far a thread of messages has come, and who has read up to where.
    case thread = 61
    /// That a document is a message.
    case message = 62
}

/// A leaf that a block wrote, or removed where `value` is nothing.
public struct StateChange: Hashable, Sendable {
    /// Which leaf.
    public var key: StateKey
    /// Its new bytes; nothing removes it.
    public var value: [UInt8]?

    /// A leaf's new value.
    public init(key: StateKey, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}
