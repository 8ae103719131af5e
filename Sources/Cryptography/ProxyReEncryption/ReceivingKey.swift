/// A grantee's secret receiving key: combines validators' re-encryptions into the key seed of a document.
public struct ReceivingKey: Sendable {
    private let secret: SecretScalar
    /// The key that grants name.
    public let publicKey: PublicKey

    /// - Parameter secret: 32 bytes big-endian, from 1 to the group order less 1; nothing else is a key.
    public init?(_ secret: SecretBytes) {
        guard let secret = SecretScalar(secret) else { return nil }
        self.secret = secret
        publicKey = PublicKey(Point(base: secret))
    }

    /// A fresh key from the system's random generator.
    public static func random() -> ReceivingKey {
        while true { if let key = ReceivingKey(.random(count: 32)) { return key } }
    }

    /// The 32 secret bytes, for a keystore.
    public var secretBytes: SecretBytes { secret.bytes }

    /// Whether the published delegation is addressed to this key: every share index follows from X, this key and the
    /// share's identifier. A delegation that is not can be consistent all the same, and never opens.
    public func isAddressed(by delegation: PublishedDelegation) -> Bool {
        let agreement = Agreement(precursor: delegation.precursor, with: secret, receiving: publicKey)
        return delegation.shares.allSatisfy { share in
            agreement.index(of: share.id, profile: .rustUmbral)?.published == share.index
        }
    }

    /// The key seed of a capsule: 33 bytes, the same that its author and its owner have.
    ///
    /// The threshold is enough; more fragments cost more and change nothing. About 0.55 milliseconds for three.
    ///
    /// - Throws: Why the fragments, each of them valid, do not open the capsule together.
    public func open(
        _ capsule: Capsule, with fragments: [VerifiedCapsuleFragment]
    ) throws(OpeningFailure) -> SecretBytes {
        try open(capsule, with: fragments, profile: .rustUmbral)
    }

    package func open(
        _ capsule: Capsule, with fragments: [VerifiedCapsuleFragment], profile: UmbralProfile
    ) throws(OpeningFailure) -> SecretBytes {
        guard let first = fragments.first else { throw .noFragments }
        var seen: Set<FragmentID> = []
        for other in fragments {
            // By identifier, not by bytes: one key with another mask makes other bytes at the same index.
            guard seen.insert(other.fragment.id).inserted else { throw .repeatedFragment(other.fragment.id) }
            guard other.capsule == capsule, other.keys == first.keys,
                other.fragment.precursor == first.fragment.precursor
            else { throw .mismatchedFragments }
        }
        let agreement = Agreement(precursor: first.fragment.precursor, with: secret, receiving: publicKey)
        guard let d = agreement.sharedSecret(profile: profile) else { throw .fragmentsDoNotOpen }
        var indexes: [SecretScalar] = []
        for fragment in fragments {
            guard let index = agreement.index(of: fragment.fragment.id, profile: profile) else {
                throw .fragmentsDoNotOpen
            }
            indexes.append(index)
        }
        let images = zip(indexes, fragments).map { (index: $0, e1: $1.fragment.e1, v1: $1.fragment.v1) }
        return try combine(images, of: capsule, for: first.keys.delegating, unblindedBy: d, profile: profile)
    }

    /// The key seed of a capsule from re-encryptions by reshared fragments. None of them goes together with one from
    /// before.
    ///
    /// - Throws: Why the fragments, each of them valid, do not open the capsule together.
    public func open(
        _ capsule: Capsule, with fragments: [VerifiedResharedFragment]
    ) throws(OpeningFailure) -> SecretBytes {
        guard let first = fragments.first else { throw .noFragments }
        var seen: Set<FragmentID> = []
        for other in fragments {
            guard seen.insert(other.share.id).inserted else { throw .repeatedFragment(other.share.id) }
            guard other.capsule == capsule, other.keys == first.keys, other.precursor == first.precursor else {
                throw .mismatchedFragments
            }
        }
        let agreement = Agreement(precursor: first.precursor, with: secret, receiving: publicKey)
        guard let d = agreement.sharedSecret(profile: .rustUmbral) else { throw .fragmentsDoNotOpen }
        let images = fragments.map {
            (index: $0.share.index.asSecret, e1: $0.fragment.proof.e1, v1: $0.fragment.proof.v1)
        }
        return try combine(images, of: capsule, for: first.keys.delegating, unblindedBy: d, profile: .rustUmbral)
    }

    /// Interpolates at zero and takes the blinding off.
    package func combine(
        _ images: [(index: SecretScalar, e1: Point, v1: Point)], of capsule: Capsule, for delegating: PublicKey,
        unblindedBy d: SecretScalar, profile: UmbralProfile
    ) throws(OpeningFailure) -> SecretBytes {
        guard let weights = SecretScalar.lagrangeAtZero(images.map(\.index)),
            let e = Point.sum(zip(images, weights).map { $0.e1.multiplied(by: $1) }),
            let v = Point.sum(zip(images, weights).map { $0.v1.multiplied(by: $1) }),
            let h = capsule.challenge(in: profile)
        else { throw .fragmentsDoNotOpen }
        // (s/d)*A == h*E'+V', without the division.
        guard let proof = e.multiplied(by: h).adding(v), let sum = e.adding(v),
            Point(delegating).multiplied(by: capsule.s) == proof.multiplied(by: d)
        else { throw .fragmentsDoNotOpen }
        return sum.sharedSecret(with: d)
    }
}

extension SecretScalar {
    /// `l_i = product over j != i of x_j / (x_j - x_i)`, with one inversion for all; nothing when two indexes are equal.
    static func lagrangeAtZero(_ indexes: [SecretScalar]) -> [SecretScalar]? {
        guard indexes.count > 1 else { return [SecretScalar.one] }
        var numerators: [SecretScalar] = []
        var denominators: [SecretScalar] = []
        for (i, own) in indexes.enumerated() {
            var numerator: SecretScalar?
            var denominator: SecretScalar?
            for (j, other) in indexes.enumerated() where j != i {
                guard let difference = other.subtracting(own) else { return nil }
                numerator = numerator?.multiplied(by: other) ?? other
                denominator = denominator?.multiplied(by: difference) ?? difference
            }
            guard let numerator, let denominator else { return nil }
            numerators.append(numerator)
            denominators.append(denominator)
        }
        // Montgomery's trick: prefix[i] is the product of the first i+1 denominators.
        var prefix = [denominators[0]]
        for denominator in denominators.dropFirst() {
            prefix.append(prefix[prefix.count - 1].multiplied(by: denominator))
        }
        var inverse = prefix[prefix.count - 1].inverse
        var weights = numerators
        for i in stride(from: indexes.count - 1, through: 1, by: -1) {
            weights[i] = numerators[i].multiplied(by: inverse.multiplied(by: prefix[i - 1]))
            inverse = inverse.multiplied(by: denominators[i])
        }
        weights[0] = numerators[0].multiplied(by: inverse)
        return weights
    }
}

extension ReceivingKey: CustomStringConvertible {
    public var description: String { "receiving key of \(publicKey)" }
}

/// What the patient and the grantee of one delegation both know: `DH = x*B = b*X`.
package struct Agreement {
    private let precursor: Point
    private let receiving: PublicKey
    private let shared: SecretBytes

    /// The grantee's side.
    package init(precursor: Point, with secret: SecretScalar, receiving: PublicKey) {
        self.precursor = precursor
        self.receiving = receiving
        shared = precursor.sharedSecret(with: secret)
    }

    /// The patient's side.
    package init(precursorSecret: SecretScalar, receiving: PublicKey) {
        precursor = Point(base: precursorSecret)
        self.receiving = receiving
        shared = Point(receiving).sharedSecret(with: precursorSecret)
    }

    /// d, which blinds the delegating key in the polynomial's constant term.
    package func sharedSecret(profile: UmbralProfile) -> SecretScalar? {
        var hash = UmbralHash("SHARED_SECRET", profile: profile)
        hash.update(precursor)
        hash.update(receiving.bytes)
        hash.update(shared)
        return hash.secretScalar()
    }

    /// x_i, where the polynomial is evaluated for a fragment.
    package func index(of id: FragmentID, profile: UmbralProfile) -> SecretScalar? {
        var hash = UmbralHash("POLYNOMIAL_ARG", profile: profile)
        hash.update(precursor)
        hash.update(receiving.bytes)
        hash.update(shared)
        hash.update(id.rawValue.bytes)
        return hash.secretScalar()
    }
}
