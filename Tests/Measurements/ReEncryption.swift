internal import Codec
internal import Cryptography

extension Measurement {
    static let reEncryption = [
        Measurement("Umbral: make a capsule", per: 1, "capsule") {
            let key = DelegatingKey.random().publicKey
            return {
                let encapsulation = Encapsulation(for: key)
                consume(encapsulation.capsule)
            }
        },
        Measurement("Umbral: check a capsule", per: 1, "capsule") {
            let capsule = Delegations().capsule
            return { precondition(capsule.isConsistent, "a fresh capsule is consistent") }
        },
        Measurement("Umbral: delegate to four, three needed", per: 1, "delegation") {
            let cast = Delegations()
            return { consume(cast.delegate()) }
        },
        Measurement("Umbral: check a published delegation of four", per: 1, "delegation") {
            let published = Delegations().published
            return { precondition(published.isConsistent, "a fresh delegation is consistent") }
        },
        Measurement("Umbral: check a key fragment", per: 1, "fragment") {
            let cast = Delegations()
            return { consume(cast.verified(0)) }
        },
        Measurement("Umbral: re-encrypt", per: 1, "capsule") {
            let cast = Delegations()
            let fragment = cast.verified(0)
            return {
                consume(valid { () throws(CapsuleFragment.Rejection) in try fragment.reEncapsulate(cast.capsule) })
            }
        },
        Measurement("Umbral: check a re-encryption", per: 1, "fragment") {
            let cast = Delegations()
            let fragment = cast.reEncrypted(0)
            return { consume(cast.verify(fragment)) }
        },
        Measurement("Umbral: open with three re-encryptions", per: 1, "capsule") {
            let cast = Delegations()
            let fragments = (0..<3).map { cast.verify(cast.reEncrypted($0)) }
            return {
                consume(valid { () throws(OpeningFailure) in try cast.receiving.open(cast.capsule, with: fragments) })
            }
        },
        Measurement("Umbral: open as the owner", per: 1, "capsule") {
            let cast = Delegations()
            return { consume(valid { () throws(OpeningFailure) in try cast.delegating.open(cast.capsule) }) }
        },
    ]
}

/// A patient, a grantee, a capsule and a delegation of three of four.
private struct Delegations {
    let delegating = DelegatingKey.random()
    let receiving = ReceivingKey.random()
    let verifying = SigningKey.random()
    let capsule: Capsule
    let published: PublishedDelegation
    let fragments: [KeyFragment]

    init() {
        let encapsulation = Encapsulation(for: delegating.publicKey)
        capsule = encapsulation.capsule
        let delegation = delegating.delegate(
            to: receiving.publicKey, signedBy: verifying, threshold: 3, shares: 4)
        published = delegation.published
        fragments = delegation.fragments
    }

    var keys: DelegationKeys {
        DelegationKeys(
            delegating: delegating.publicKey, verifying: verifying.publicKey, receiving: receiving.publicKey)
    }

    func delegate() -> PublishedDelegation {
        delegating.delegate(to: receiving.publicKey, signedBy: verifying, threshold: 3, shares: 4).published
    }

    func verified(_ place: Int) -> VerifiedKeyFragment {
        valid { () throws(KeyFragment.Rejection) in
            try fragments[place].verify(as: published.shares[place], of: published, keys: keys)
        }
    }

    func reEncrypted(_ place: Int) -> CapsuleFragment {
        valid { () throws(CapsuleFragment.Rejection) in try verified(place).reEncapsulate(capsule) }
    }

    func verify(_ fragment: CapsuleFragment) -> VerifiedCapsuleFragment {
        valid { () throws(CapsuleFragment.Rejection) in try fragment.verify(for: capsule, of: published, keys: keys) }
    }
}
