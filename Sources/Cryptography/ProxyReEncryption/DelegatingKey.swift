/// The secret behind a scope's delegating key A: opens every capsule made for A, and delegates that to others.
///
/// One for each patient, category and epoch, and never a signing key: a threshold of validators together with a grantee
/// can work it out.
public struct DelegatingKey: Sendable {
    package let secret: SecretScalar
    /// A, the key that capsules are made for.
    public let publicKey: PublicKey

    /// - Parameter secret: 32 bytes big-endian, from 1 to the group order less 1; nothing else is a key.
    public init?(_ secret: SecretBytes) {
        guard let secret = SecretScalar(secret) else { return nil }
        self.init(secret)
    }

    package init(_ secret: SecretScalar) {
        self.secret = secret
        publicKey = PublicKey(Point(base: secret))
    }

    /// A fresh key from the system's random generator.
    public static func random() -> DelegatingKey { DelegatingKey(SecretScalar.random()) }

    /// The key that belongs to a label under a seed, as Umbral's `SecretKeyFactory` makes it: 64 bytes of HKDF, hashed
    /// to a scalar, hence without bias.
    public init(seed: SecretBytes, label: [UInt8]) {
        let tag = Array("KEY_DERIVATION/".utf8) + label
        var hash = UmbralHash(tag, profile: .rustUmbral)
        hash.update(UmbralProfile.derive(seed, info: tag, count: 64))
        guard let secret = hash.secretScalar() else { preconditionFailure("the hash to a scalar is never zero") }
        self.init(secret)
    }

    /// The 32 secret bytes, for a keystore.
    public var secretBytes: SecretBytes { secret.bytes }

    /// The key seed of a capsule made for this key: 33 bytes, `a*(E+V)`. About 0.1 milliseconds.
    ///
    /// - Throws: ``OpeningFailure/inconsistentCapsule``, and nothing else.
    public func open(_ capsule: Capsule) throws(OpeningFailure) -> SecretBytes {
        try open(capsule, profile: .rustUmbral)
    }

    package func open(_ capsule: Capsule, profile: UmbralProfile) throws(OpeningFailure) -> SecretBytes {
        guard capsule.isConsistent(in: profile), let sum = capsule.e.adding(capsule.v) else {
            throw .inconsistentCapsule
        }
        return sum.sharedSecret(with: secret)
    }
}

extension DelegatingKey: CustomStringConvertible {
    public var description: String { "delegating key of \(publicKey)" }
}

/// Why a capsule did not open.
public enum OpeningFailure: Error, Hashable, Sendable {
    /// The capsule's points and scalar do not belong together.
    case inconsistentCapsule
    /// No fragment was given.
    case noFragments
    /// Two fragments come from one validator's key: they count once.
    case repeatedFragment(FragmentID)
    /// A fragment re-encrypts another capsule, names other keys or belongs to another delegation.
    case mismatchedFragments
    /// Fewer fragments than the threshold, or they are for another receiver.
    case fragmentsDoNotOpen
}
