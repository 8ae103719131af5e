import Cryptography
import Testing

@Suite("Umbral: every case of both profiles", .needsUmbralVectors)
struct UmbralCaseTests {
    static let cases = UmbralVectors.shared?.cases ?? []

    @Test(arguments: cases)
    func `the owner opens the capsule`(vector: UmbralVectors.Case) throws {
        let capsule = try Capsule(parsing: vector.capsule.bytes)
        #expect(capsule.bytes == vector.capsule.bytes)
        #expect(capsule.isConsistent(in: vector.profile))
        if let h = vector.capsuleH { #expect(capsule.challenge(in: vector.profile)?.bytes == h.bytes) }
        let owner = try #require(DelegatingKey(vector.delegatingSk.secret))
        #expect(owner.publicKey.bytes == vector.delegatingPk.bytes)
        let seed = try owner.open(capsule, profile: vector.profile)
        #expect(seed.copy() == vector.keySeed.bytes)
        #expect(UmbralProfile.derive(seed, count: 32).copy() == vector.demKeyHkdfSha256.bytes)
    }

    @Test(arguments: cases.filter { $0.randomness?.r != nil })
    func `encapsulation with the recorded numbers gives the recorded bytes`(vector: UmbralVectors.Case) throws {
        let key = try #require(PublicKey(vector.delegatingPk.bytes))
        let r = try #require(vector.randomness?.r.flatMap { SecretScalar($0.secret) })
        let u = try #require(vector.randomness?.u.flatMap { SecretScalar($0.secret) })
        // A noncopyable value does not go through #require.
        guard let made = Encapsulation(for: key, r: r, u: u, profile: vector.profile) else {
            Issue.record("no capsule")
            return
        }
        let capsule = made.capsule.bytes
        let seed = made.keySeed.copy()
        #expect(capsule == vector.capsule.bytes)
        #expect(seed == vector.keySeed.bytes)
    }

    @Test(arguments: cases.filter { $0.randomness?.r != nil })
    func `delegation with the recorded numbers gives the recorded fragments`(vector: UmbralVectors.Case) throws {
        let made = try vector.delegate()
        #expect(made.published.precursor.bytes == vector.rekey?.precursor?.bytes)
        #expect(made.published.threshold == vector.threshold)
        #expect(made.published.isConsistent)
        #expect(made.fragments.count == vector.kfrags.count)
        for ((share, fragment), expected) in zip(zip(made.published.shares, made.fragments), vector.kfrags) {
            #expect(share.index.bytes == expected.shareIndex?.bytes)
            var bytes = expected.bytes.bytes
            // pyUmbral signs with random nonces; what RFC 6979 gives stands beside its signatures.
            if let signature = expected.rfc6979SignatureForProxy {
                bytes.replaceSubrange(130..<194, with: signature.bytes)
            }
            if let signature = expected.rfc6979SignatureForReceiver {
                bytes.replaceSubrange(194..<258, with: signature.bytes)
            }
            #expect(fragment.bytes.copy() == bytes)
        }
    }

    @Test(arguments: cases)
    func `every key fragment is read, and verified if it names both keys`(vector: UmbralVectors.Case) throws {
        let keys = try vector.keys
        for expected in vector.kfrags {
            let fragment = try KeyFragment(parsing: expected.bytes.secret)
            #expect(fragment.id.rawValue.bytes == expected.id.bytes)
            #expect(fragment.bytes.copy() == expected.bytes.bytes)
            if vector.signDelegatingKey && vector.signReceivingKey {
                _ = try fragment.verify(keys: keys, profile: vector.profile)
            } else {
                #expect(throws: KeyFragment.Rejection.unsigned) {
                    try fragment.verify(keys: keys, profile: vector.profile)
                }
            }
        }
    }

    @Test(arguments: cases)
    func `every re-encryption is reproduced and verified`(vector: UmbralVectors.Case) throws {
        let keys = try vector.keys
        let capsule = try Capsule(parsing: vector.capsule.bytes)
        for (index, expected) in vector.cfrags.enumerated() {
            let fragment = try CapsuleFragment(parsing: expected.bytes.bytes)
            #expect(fragment.bytes == expected.bytes.bytes)
            _ = try fragment.verify(for: capsule, keys: keys, profile: vector.profile)
            guard let mask = expected.t.flatMap({ SecretScalar($0.secret) }) else { continue }
            let keyFragment = try KeyFragment(parsing: vector.kfrags[index].bytes.secret)
            let made = keyFragment.reEncapsulate(capsule, mask: mask, profile: vector.profile)
            #expect(made == fragment)
        }
    }

    @Test(arguments: cases)
    func `the threshold opens the capsule and fewer do not`(vector: UmbralVectors.Case) throws {
        let keys = try vector.keys
        let capsule = try Capsule(parsing: vector.capsule.bytes)
        let grantee = try #require(ReceivingKey(vector.receivingSk.secret))
        #expect(grantee.publicKey == keys.receiving)
        let fragments = try vector.cfrags.map {
            try CapsuleFragment(parsing: $0.bytes.bytes).verify(for: capsule, keys: keys, profile: vector.profile)
        }
        for chosen in vector.decryptsWith {
            let seed = try grantee.open(capsule, with: chosen.map { fragments[$0] }, profile: vector.profile)
            #expect(seed.copy() == vector.keySeed.bytes)
        }
        for failure in vector.failsWith {
            #expect(throws: OpeningFailure.fragmentsDoNotOpen) {
                try grantee.open(capsule, with: failure.cfrags.map { fragments[$0] }, profile: vector.profile)
            }
        }
    }
}

extension UmbralVectors.Case {
    var keys: DelegationKeys {
        get throws {
            DelegationKeys(
                delegating: try #require(PublicKey(delegatingPk.bytes)),
                verifying: try #require(PublicKey(verifyingPk.bytes)),
                receiving: try #require(PublicKey(receivingPk.bytes)))
        }
    }

    /// The delegation again, from the recorded numbers.
    func delegate() throws -> ReEncryptionKeys {
        let owner = try #require(DelegatingKey(delegatingSk.secret))
        let signer = try #require(SigningKey(signingSk.secret))
        let recorded = try #require(randomness)
        var coefficients: [SecretScalar] = []
        for value in try #require(recorded.coefficients_1ToTMinus_1) {
            coefficients.append(try #require(SecretScalar(value.secret)))
        }
        var ids: [FragmentID] = []
        for fragment in kfrags { ids.append(FragmentID(rawValue: try #require(Digest(fragment.id.bytes)))) }
        let precursorSecret = try #require(recorded.precursorSk.flatMap { SecretScalar($0.secret) })
        let made = owner.delegate(
            to: try keys.receiving, signedBy: signer, precursorSecret: precursorSecret, coefficients: coefficients,
            ids: ids, namesDelegatingKey: signDelegatingKey, namesReceivingKey: signReceivingKey, profile: profile)
        return try #require(made)
    }
}
