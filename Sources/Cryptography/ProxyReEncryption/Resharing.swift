public import Codec

/// What one holder of a share publishes when it gives the share on: Feldman's commitments `G_j = g_j*U` to a fresh
/// polynomial g whose constant term is the share.
///
/// Redistribution after Desmedt and Jajodia (1997), made verifiable after Wong, Wang and Wing (2002): a threshold of
/// holders deals, and whoever is to hold a new share adds up what they dealt to it. The secret stays the same and nobody
/// meets it; old and new shares lie on unrelated polynomials and do not go together.
public struct ResharingCommitments: Hashable, Sendable {
    /// `G_0` to `G_(t-1)`, as many as new shares will be needed.
    public let coefficients: [Point]

    /// - Returns: Nothing unless there are 1 to ``PublishedDelegation/maximumShares``.
    public init?(_ coefficients: [Point]) {
        guard (1...PublishedDelegation.maximumShares).contains(coefficients.count) else { return nil }
        self.coefficients = coefficients
    }

    /// Whether the share that is given on is the published one, for so many to open.
    public func giveOn(_ share: PublishedShare, threshold: Int) -> Bool {
        coefficients.count == threshold && coefficients[0] == share.commitment
    }

    /// Whether a part that was dealt is the polynomial's value at an index. About 36 microseconds a coefficient.
    public func isConsistent(_ part: ResharingPart, at index: Scalar) -> Bool {
        UmbralProfile.rustUmbral.pointU.multiplied(by: part.value) == value(at: index)
    }

    /// `g(x)*U`; nothing when it is infinity.
    func value(at index: Scalar) -> Point? { Point.polynomial(coefficients, at: index) }
}

extension ResharingCommitments: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let commitments = Self(try reader.readArray(max: PublishedDelegation.maximumShares)) else {
            throw .invalid(field: "resharing commitments")
        }
        self = commitments
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: coefficients) }
}

/// What one holder deals to one new holder: `g(x)`, 32 secret bytes. It travels sealed to the new holder.
public struct ResharingPart: Sendable {
    let value: SecretScalar

    init(_ value: SecretScalar) { self.value = value }

    /// - Returns: Nothing unless the bytes are a number from 1 to the group order less 1.
    public init?(_ bytes: SecretBytes) {
        guard let value = SecretScalar(bytes) else { return nil }
        self.value = value
    }

    /// The 32 bytes, big-endian.
    public var bytes: SecretBytes { value.bytes }
}

/// A share that is given on: what everybody may see, and the part for each new holder, in the order of the indexes.
public struct ResharingDeal: Sendable {
    /// For everybody.
    public let commitments: ResharingCommitments
    /// One for each new holder.
    public let parts: [ResharingPart]

    /// Deals a share; the polynomial is gone afterwards.
    ///
    /// - Returns: Nothing when a value or a commitment would be zero, once in 2^256.
    init?(of key: SecretScalar, coefficients: [SecretScalar], to indexes: [Scalar]) {
        let polynomial = [key] + coefficients
        var parts: [ResharingPart] = []
        for index in indexes {
            guard let value = SecretScalar.polynomial(polynomial, at: index) else { return nil }
            parts.append(ResharingPart(value))
        }
        guard
            let commitments = ResharingCommitments(
                polynomial.map { UmbralProfile.rustUmbral.pointU.multiplied(by: $0) })
        else { return nil }
        self.commitments = commitments
        self.parts = parts
    }

    fileprivate static func make(of key: SecretScalar, to indexes: [Scalar], threshold: Int) -> ResharingDeal {
        precondition(
            1 <= threshold && threshold <= indexes.count && indexes.count <= PublishedDelegation.maximumShares,
            "a threshold is at least 1 and at most the number of new holders")
        while true {
            let coefficients = (1..<threshold).map { _ in SecretScalar.random() }
            if let deal = ResharingDeal(of: key, coefficients: coefficients, to: indexes) { return deal }
        }
    }
}

extension VerifiedKeyFragment {
    /// Gives the share on to new holders. About 25 microseconds a holder and coefficient.
    ///
    /// - Parameters:
    ///   - indexes: Where the new holders' shares will lie; public, and different from each other.
    ///   - threshold: How many of them will open a capsule.
    public func deal(to indexes: [Scalar], threshold: Int) -> ResharingDeal {
        .make(of: fragment.key, to: indexes, threshold: threshold)
    }
}

extension ResharedKeyFragment {
    /// Gives the share on once more; see ``VerifiedKeyFragment/deal(to:threshold:)``.
    public func deal(to indexes: [Scalar], threshold: Int) -> ResharingDeal {
        .make(of: key, to: indexes, threshold: threshold)
    }
}

/// A resharing that is settled: which dealers count, and what follows from their commitments for everybody.
///
/// Anyone who has the old delegation and the dealers' commitments comes to the same new delegation. Its `F_0` is the old
/// one's, so that it is the same secret which the patient shared out; the patient has signed nothing of it, and need not.
public struct Resharing: Hashable, Sendable {
    /// Why commitments do not make a resharing.
    public enum Rejection: Error, Hashable, Sendable {
        /// Not as many dealers as the old threshold.
        case wrongDealers(expected: Int)
        /// A dealer has no share in the old delegation, or two have the same.
        case unknownDealer(FragmentID)
        /// A dealer gives on something other than its share, or for another threshold.
        case notTheShare(FragmentID)
        /// Two new holders have one identifier or index, or there are too few or too many.
        case invalidHolders
        /// The commitments cancel each other out: somebody arranged it.
        case degenerate
    }

    /// The delegation as it is afterwards.
    public let published: PublishedDelegation
    /// The dealers' shares, in the order in which parts are combined.
    public let dealers: [PublishedShare]
    private let commitments: [ResharingCommitments]

    /// - Parameters:
    ///   - delegation: The old one, the patient's or one that was reshared before.
    ///   - dealings: From as many different holders as its threshold says.
    ///   - holders: Identifier and index of each new share.
    ///   - threshold: How many new shares open a capsule.
    public init(
        of delegation: PublishedDelegation, dealings: [(dealer: FragmentID, commitments: ResharingCommitments)],
        to holders: [(id: FragmentID, index: Scalar)], threshold: Int
    ) throws(Rejection) {
        guard dealings.count == delegation.threshold else { throw .wrongDealers(expected: delegation.threshold) }
        var dealers: [PublishedShare] = []
        for dealing in dealings {
            guard let share = delegation.share(dealing.dealer), !dealers.contains(share) else {
                throw .unknownDealer(dealing.dealer)
            }
            guard dealing.commitments.giveOn(share, threshold: threshold) else { throw .notTheShare(dealing.dealer) }
            dealers.append(share)
        }
        guard let weights = SecretScalar.lagrangeAtZero(dealers.map(\.index.asSecret)) else { throw .degenerate }
        var coefficients: [Point] = []
        for place in 0..<threshold {
            let terms = zip(dealings, weights).map { $0.commitments.coefficients[place].multiplied(by: $1.published) }
            guard let sum = Point.sum(terms) else { throw .degenerate }
            coefficients.append(sum)
        }
        var shares: [PublishedShare] = []
        for holder in holders {
            guard let commitment = Point.polynomial(coefficients, at: holder.index) else { throw .degenerate }
            shares.append(PublishedShare(id: holder.id, index: holder.index, commitment: commitment))
        }
        guard
            let published = PublishedDelegation(
                precursor: delegation.precursor, coefficients: coefficients, shares: shares)
        else { throw .invalidHolders }
        self.published = published
        self.dealers = dealers
        commitments = dealings.map(\.commitments)
    }

    /// A resharing whose delegation was worked out before from these dealings, by whoever is trusted with it.
    public init(
        settled published: PublishedDelegation, dealings: [(share: PublishedShare, commitments: ResharingCommitments)]
    ) {
        self.published = published
        dealers = dealings.map(\.share)
        commitments = dealings.map(\.commitments)
    }

    /// Why parts do not make a share.
    public enum PartRejection: Error, Hashable, Sendable {
        /// Not one part from each dealer.
        case wrongCount(expected: Int)
        /// A dealer's part is not what it committed to: the dealer lied, to this holder if to no other.
        case wrongPart(dealer: FragmentID)
        /// The new delegation has no share with the identifier.
        case unknownHolder
    }

    /// Makes a new holder's share of what the dealers dealt to it, in the order of ``dealers``.
    ///
    /// - Throws: Whose part is not what was committed to. Nothing that does not fit becomes a share.
    public func combine(_ parts: [ResharingPart], for holder: FragmentID) throws(PartRejection) -> ResharedKeyFragment {
        guard let share = published.share(holder) else { throw .unknownHolder }
        guard parts.count == dealers.count else { throw .wrongCount(expected: dealers.count) }
        for ((part, commitments), dealer) in zip(zip(parts, commitments), dealers)
        where !commitments.isConsistent(part, at: share.index) { throw .wrongPart(dealer: dealer.id) }
        guard let weights = SecretScalar.lagrangeAtZero(dealers.map(\.index.asSecret)) else {
            preconditionFailure("the dealers' indexes are different: the resharing was made with them")
        }
        let terms = zip(parts, weights).map { $0.value.multiplied(by: $1) }
        var key = terms[0]
        for (place, term) in terms.enumerated().dropFirst() {
            // A sum on the way may be zero only if somebody arranged it; the whole is not, for its commitment is a point.
            guard let sum = key.adding(term) else { throw .wrongPart(dealer: dealers[place].id) }
            key = sum
        }
        return ResharedKeyFragment(key: key, share: share, precursor: published.precursor)
    }
}

extension Point {
    /// `sum over j of x^j P_j`; nothing when a sum on the way is infinity.
    static func polynomial(_ coefficients: [Point], at index: Scalar) -> Point? {
        var sum = coefficients[coefficients.count - 1]
        for coefficient in coefficients.dropLast().reversed() {
            guard let next = sum.multiplied(by: index).adding(coefficient) else { return nil }
            sum = next
        }
        return sum
    }
}

extension SecretScalar {
    /// A polynomial's value, by Horner's rule; nothing when a sum on the way is zero.
    static func polynomial(_ coefficients: [SecretScalar], at index: Scalar) -> SecretScalar? {
        var sum = coefficients[coefficients.count - 1]
        for coefficient in coefficients.dropLast().reversed() {
            guard let next = sum.multiplied(by: index).adding(coefficient) else { return nil }
            sum = next
        }
        return sum
    }
}
