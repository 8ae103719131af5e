public import Cryptography

/// One thing about a transaction that is true or false whatever the ledger holds: it depends on the bytes alone.
///
/// Keeping the curve's arithmetic out of the rules lets a validator do it before a block comes, on all cores, once.
public enum SignatureCheck: Hashable, Sendable {
    /// `key` signed `digest`: a signer of the envelope, or the author's binding of a capsule under its own secret.
    case signature(key: PublicKey, digest: Digest, Signature)
    /// Whoever made the capsule knew what is behind its points.
    case capsule(Capsule)
    /// A grant's fragments lie on the polynomial that it commits to.
    case delegation(PublishedDelegation)

    /// Whether it is true.
    public var holds: Bool {
        switch self {
        case .signature(let key, let digest, let signature): key.isValid(signature, forDigest: digest)
        case .capsule(let capsule): capsule.isConsistent
        case .delegation(let delegation): delegation.isConsistent
        }
    }
}

extension Operation {
    /// What is checked beside the envelope's signatures.
    func checks(on chain: ChainID) -> [SignatureCheck] {
        switch self {
        case .commitDocument(let operation):
            [
                .signature(
                    key: operation.capsule.bindingKey, digest: Capsule.bindingDigest(of: operation.terms.boundMessage),
                    operation.bindingSignature),
                .capsule(operation.capsule),
            ]
        case .grantConsent(let operation): [.delegation(operation.delegation)]
        case .shareDocument(let operation):
            [
                .signature(
                    key: operation.capsule.bindingKey, digest: Capsule.bindingDigest(of: operation.terms.boundMessage),
                    operation.bindingSignature),
                .capsule(operation.capsule),
            ]
        case .postMessage(.letter(let letter)):
            [
                .signature(
                    key: letter.capsule.bindingKey, digest: Capsule.bindingDigest(of: letter.terms.boundMessage),
                    letter.bindingSignature),
                .capsule(letter.capsule),
            ]
        case .proposeChange(let operation): operation.change.candidate.map { [$0.check(on: chain)] } ?? []
        case .reportEvidence(let operation): operation.checks(on: chain)
        default: []
        }
    }
}
