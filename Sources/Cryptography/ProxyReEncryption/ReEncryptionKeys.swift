/// A delegation as the patient makes it: what the grant publishes, and one secret fragment for each validator.
///
/// The fragments stand in the order of the published shares. The polynomial and the precursor's secret are gone when
/// this is made.
public struct ReEncryptionKeys: Sendable {
    /// What stands in the grant.
    public let published: PublishedDelegation
    /// What each validator gets, sealed to it.
    public let fragments: [KeyFragment]
}

extension DelegatingKey {
    /// Delegates to a receiving key. About 0.15 milliseconds a fragment.
    ///
    /// - Parameters:
    ///   - receiving: The grantee's key.
    ///   - signer: The scope's signing key, which is not this key.
    ///   - threshold: How many fragments open a capsule.
    ///   - shares: How many fragments there are, one for each validator; at most
    ///     ``PublishedDelegation/maximumShares``.
    public func delegate(
        to receiving: PublicKey, signedBy signer: SigningKey, threshold: Int, shares: Int
    ) -> ReEncryptionKeys {
        precondition(
            1 <= threshold && threshold <= shares && shares <= PublishedDelegation.maximumShares,
            "a threshold is at least 1 and at most the number of shares")
        precondition(signer.publicKey != publicKey, "a delegating key is never a signing key")
        while true {
            // A sum that is zero, once in 2^256, is the one reason to draw again.
            let made = delegate(
                to: receiving, signedBy: signer, precursorSecret: .random(),
                coefficients: (1..<threshold).map { _ in .random() }, ids: (0..<shares).map { _ in .random() },
                profile: .rustUmbral)
            if let made { return made }
        }
    }

    /// - Parameters:
    ///   - precursorSecret: x.
    ///   - coefficients: f_1 to f_(t-1); the constant term is `a/d`.
    package func delegate(
        to receiving: PublicKey, signedBy signer: SigningKey, precursorSecret: SecretScalar,
        coefficients: [SecretScalar], ids: [FragmentID], namesDelegatingKey: Bool = true,
        namesReceivingKey: Bool = true, profile: UmbralProfile
    ) -> ReEncryptionKeys? {
        let keys = DelegationKeys(delegating: publicKey, verifying: signer.publicKey, receiving: receiving)
        let precursor = Point(base: precursorSecret)
        let agreement = Agreement(precursorSecret: precursorSecret, receiving: receiving)
        guard let d = agreement.sharedSecret(profile: profile) else { return nil }
        let polynomial = [secret.multiplied(by: d.inverse)] + coefficients
        var shares: [PublishedShare] = []
        var fragments: [KeyFragment] = []
        for id in ids {
            guard let index = agreement.index(of: id, profile: profile),
                let key = Self.evaluate(polynomial, at: index)
            else { return nil }
            let fragment = KeyFragment(
                id: id, key: key, precursor: precursor, keys: keys, signer: signer,
                namesDelegatingKey: namesDelegatingKey, namesReceivingKey: namesReceivingKey, profile: profile)
            fragments.append(fragment)
            shares.append(PublishedShare(id: id, index: index.published, commitment: fragment.commitment))
        }
        let published = PublishedDelegation(
            precursor: precursor, coefficients: polynomial.map { profile.pointU.multiplied(by: $0) }, shares: shares)
        return published.map { ReEncryptionKeys(published: $0, fragments: fragments) }
    }

    /// Horner's rule.
    private static func evaluate(_ polynomial: [SecretScalar], at index: SecretScalar) -> SecretScalar? {
        var value = polynomial.last
        for coefficient in polynomial.dropLast().reversed() {
            value = value?.multiplied(by: index).adding(coefficient)
        }
        return value
    }
}
