public import Codec
public import Cryptography

/// The last round in which a grant's shares were given on: `[round, [receiver…], threshold, [left out…], [[dealer, share,
/// [commitment…]]…], [receiver that holds its share…], delegation or null]`.
///
/// A round is under way while its number is above the grant's generation (``GenerationRecord``).
public struct ResharingRecord: StateRecord {
    public typealias ID = GrantID
    public static var kind: StateKind { .resharing }

    /// One holder's share with what it committed to.
    public struct Dealing: Hashable, Sendable {
        /// Who dealt.
        public var dealer: ValidatorID
        /// The share that it gives on.
        public var share: PublishedShare
        /// Its polynomial.
        public var commitments: ResharingCommitments
    }

    /// Which round, counted from 1.
    public var round: UInt64
    /// Who is dealt to: the set as it was when the round began, in order.
    public var validators: [ValidatorID]
    /// How many new shares will open a document.
    public var threshold: Int
    /// Whose parts did not fit in an earlier round for the same set; they deal no more.
    public var excluded: [ValidatorID]
    /// In the order in which they came; as many as the old threshold settle the round.
    public var dealings: [Dealing]
    /// Who holds its new share, ascending.
    public var holders: [ValidatorID]
    /// What follows from the dealings for everybody; nothing before there are enough.
    public var published: PublishedDelegation?

    /// A round that begins.
    public init(round: UInt64, set: ValidatorSetRecord, excluded: [ValidatorID] = []) {
        self.round = round
        validators = set.ids
        threshold = set.quorum
        self.excluded = excluded
        dealings = []
        holders = []
        published = nil
    }

    /// The settled round, for who puts its share together; nothing before it is settled.
    public var resharing: Resharing? {
        published.map { published in
            Resharing(settled: published, dealings: dealings.map { (share: $0.share, commitments: $0.commitments) })
        }
    }

    /// Whether enough holders of the old fragments could deal in a round without this one.
    public func canDo(
        without dealer: ValidatorID, _ record: GrantRecord, _ fragments: GrantFragmentsRecord
    ) -> Bool {
        let left = fragments.validators.count { holder in
            record.acknowledged.contains(holder) && !excluded.contains(holder) && holder != dealer
        }
        return left >= fragments.delegation.threshold
    }

    /// Where the shares of a round lie. The identifiers follow from grant, round and validator, the indexes from the
    /// place in the set, so that nobody chooses one; a polynomial that is fresh needs no secret indexes.
    public func holders(of grant: GrantID) -> [(id: FragmentID, index: Scalar)] {
        validators.indices.map { place in
            (Self.fragment(of: grant, round: round, for: validators[place]), Self.index(at: place))
        }
    }

    private static let domain = Domain("reshared-fragment")

    /// The identifier of a validator's share.
    public static func fragment(of grant: GrantID, round: UInt64, for validator: ValidatorID) -> FragmentID {
        var writer = CBORWriter()
        writer.beginArray(3)
        writer.write(grant)
        writer.write(round)
        writer.write(validator)
        return FragmentID(rawValue: .hash(writer.bytes, in: domain))
    }

    private static func index(at place: Int) -> Scalar {
        let bytes =
            [UInt8](repeating: 0, count: Scalar.length - 2) + [UInt8((place + 1) >> 8), UInt8((place + 1) & 255)]
        guard let index = Scalar(bytes) else { preconditionFailure("a set has fewer places than the group elements") }
        return index
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 7)
        round = try reader.readUnsigned(max: ReshareGrant.maximumRound)
        validators = try reader.readArray(max: Genesis.maximumValidators)
        threshold = try reader.readInt(max: Genesis.maximumValidators)
        excluded = try reader.readArray(max: Genesis.maximumValidators)
        dealings = try reader.readArray(max: Genesis.maximumValidators)
        holders = try reader.readArray(max: Genesis.maximumValidators)
        published = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(7)
        writer.write(round)
        writer.write(array: validators)
        writer.write(UInt64(threshold))
        writer.write(array: excluded)
        writer.write(array: dealings)
        writer.write(array: holders)
        writer.write(optional: published)
    }
}

extension ResharingRecord.Dealing: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        dealer = try reader.read()
        share = try reader.read()
        commitments = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(dealer)
        writer.write(share)
        writer.write(commitments)
    }
}

/// Which round made the fragments that serve a grant now: `[round]`. There is no such leaf while they are the patient's
/// own, generation 0. ``GrantFragmentsRecord`` and the acknowledgements in ``GrantRecord`` are always those of this
/// generation; fragments of two generations open nothing together.
public struct GenerationRecord: StateRecord {
    public typealias ID = GrantID
    public static var kind: StateKind { .generation }

    /// The round.
    public var round: UInt64

    init(round: UInt64) { self.round = round }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 1)
        round = try reader.readUnsigned(max: ReshareGrant.maximumRound)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(1)
        writer.write(round)
    }
}

extension LedgerReader {
    /// Which round made a grant's fragments; 0 while they are the patient's.
    public func generation(of grant: GrantID) -> UInt64 { record(grant, as: GenerationRecord.self)?.round ?? 0 }
}
