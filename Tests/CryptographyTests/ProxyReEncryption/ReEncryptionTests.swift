import Codec
import Cryptography
import Testing

/// The same numbers in every run; the seed stands in the name of what fails.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}

/// A patient who delegates to a grantee over validators, and a document.
struct Delegation {
    let patient: DelegatingKey
    let scope: SigningKey
    let grantee: ReceivingKey
    let made: ReEncryptionKeys
    let capsule: Capsule
    let keySeed: SecretBytes
    let keys: DelegationKeys

    init(threshold: Int, shares: Int, seed: UInt64 = 1) throws {
        var random = SplitMix64(seed: seed)
        patient = try #require(DelegatingKey(SecretBytes(copying: random.bytes(32))))
        scope = try #require(SigningKey(SecretBytes(copying: random.bytes(32))))
        grantee = try #require(ReceivingKey(SecretBytes(copying: random.bytes(32))))
        made = patient.delegate(
            to: grantee.publicKey, signedBy: scope, threshold: threshold, shares: shares)
        let encapsulation = Encapsulation(for: patient.publicKey)
        capsule = encapsulation.capsule
        keySeed = encapsulation.keySeed
        keys = DelegationKeys(
            delegating: patient.publicKey, verifying: scope.publicKey, receiving: grantee.publicKey)
    }

    /// What a validator does: check what it was sent, re-encrypt; and the grantee: check the answer.
    func fragment(_ index: Int) throws -> VerifiedCapsuleFragment {
        let held = try made.fragments[index].verify(
            as: made.published.shares[index], of: made.published, keys: keys)
        return try held.reEncapsulate(capsule).verify(for: capsule, of: made.published, keys: keys)
    }
}

@Suite("Proxy re-encryption")
struct ReEncryptionTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func `any threshold of validators opens, one fewer does not`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let shares = Int.random(in: 1...9, using: &random)
        let threshold = Int.random(in: 1...shares, using: &random)
        let delegation = try Delegation(threshold: threshold, shares: shares, seed: seed)
        #expect(delegation.made.published.isConsistent)
        #expect(delegation.grantee.isAddressed(by: delegation.made.published))
        let chosen = try (0..<shares).shuffled(using: &random)[..<threshold].map { try delegation.fragment($0) }
        #expect(try delegation.grantee.open(delegation.capsule, with: chosen) == delegation.keySeed)
        #expect(try delegation.patient.open(delegation.capsule) == delegation.keySeed)
        #expect(throws: threshold == 1 ? OpeningFailure.noFragments : .fragmentsDoNotOpen) {
            try delegation.grantee.open(delegation.capsule, with: Array(chosen.dropLast()))
        }
    }

    @Test func `all validators' fragments open as well as the threshold's`() throws {
        let delegation = try Delegation(threshold: 3, shares: 4)
        let all = try (0..<4).map { try delegation.fragment($0) }
        #expect(try delegation.grantee.open(delegation.capsule, with: all) == delegation.keySeed)
    }

    @Test func `one validator counts once, whatever it answers`() throws {
        let delegation = try Delegation(threshold: 2, shares: 4)
        let first = try delegation.fragment(0)
        let again = try delegation.fragment(0)
        #expect(first.fragment != again.fragment, "the mask is fresh")
        #expect(throws: OpeningFailure.repeatedFragment(first.fragment.id)) {
            try delegation.grantee.open(delegation.capsule, with: [first, again])
        }
    }

    @Test func `fragments of two documents do not mix`() throws {
        let delegation = try Delegation(threshold: 2, shares: 3)
        let other = Encapsulation(for: delegation.patient.publicKey).capsule
        let held = try delegation.made.fragments[1].verify(
            as: delegation.made.published.shares[1], of: delegation.made.published, keys: delegation.keys)
        let stray = try held.reEncapsulate(other).verify(
            for: other, of: delegation.made.published, keys: delegation.keys)
        #expect(throws: OpeningFailure.mismatchedFragments) {
            try delegation.grantee.open(delegation.capsule, with: [delegation.fragment(0), stray])
        }
    }

    @Test func `a stranger gets nothing from the grantee's fragments`() throws {
        let delegation = try Delegation(threshold: 2, shares: 3)
        let fragments = try [delegation.fragment(0), delegation.fragment(2)]
        let stranger = ReceivingKey.random()
        #expect(!stranger.isAddressed(by: delegation.made.published))
        #expect(throws: OpeningFailure.fragmentsDoNotOpen) {
            try stranger.open(delegation.capsule, with: fragments)
        }
    }

    @Test func `a capsule that nobody made is refused by all three`() throws {
        let delegation = try Delegation(threshold: 1, shares: 1)
        let other = Encapsulation(for: delegation.patient.publicKey).capsule
        let mixed = try Capsule(parsing: delegation.capsule.bytes[..<66] + other.bytes[66...])
        #expect(!mixed.isConsistent)
        #expect(throws: OpeningFailure.inconsistentCapsule) { try delegation.patient.open(mixed) }
        let held = try delegation.made.fragments[0].verify(
            as: delegation.made.published.shares[0], of: delegation.made.published, keys: delegation.keys)
        #expect(throws: CapsuleFragment.Rejection.inconsistentCapsule) { try held.reEncapsulate(mixed) }
        let fragment = try delegation.fragment(0).fragment
        #expect(throws: CapsuleFragment.Rejection.inconsistentCapsule) {
            try fragment.verify(for: mixed, of: delegation.made.published, keys: delegation.keys)
        }
    }

    @Test func `a capsule is bound to one message`() {
        let made = Encapsulation(for: DelegatingKey.random().publicKey)
        let message: [UInt8] = [1, 2, 3]
        let signature = made.bind(message)
        let capsule = made.capsule
        let bound = capsule.bindingKey.isValid(signature, forDigest: Capsule.bindingDigest(of: message))
        let moved = capsule.bindingKey.isValid(signature, forDigest: Capsule.bindingDigest(of: [1, 2]))
        #expect(bound)
        #expect(!moved)
    }

    @Test(arguments: 0..<260)
    func `a bit flipped anywhere in a key fragment is seen`(byte: Int) throws {
        let delegation = try Self.fixed
        var bytes = delegation.made.fragments[0].bytes.copy()
        bytes[byte] ^= 1 << UInt8(byte % 8)
        #expect(throws: (any Error).self) {
            try KeyFragment(parsing: SecretBytes(copying: bytes)).verify(
                as: delegation.made.published.shares[0], of: delegation.made.published, keys: delegation.keys)
        }
    }

    @Test(arguments: 0..<359)
    func `a bit flipped anywhere in a capsule fragment is seen`(byte: Int) throws {
        let delegation = try Self.fixed
        var bytes = try Self.fixedFragment.get().bytes
        bytes[byte] ^= 1 << UInt8(byte % 8)
        #expect(throws: (any Error).self) {
            try CapsuleFragment(parsing: bytes).verify(
                for: delegation.capsule, of: delegation.made.published, keys: delegation.keys)
        }
    }

    static let made = Result { try Delegation(threshold: 2, shares: 3) }
    static let fixedFragment = Result { try made.get().fragment(0).fragment }
    static var fixed: Delegation { get throws { try made.get() } }
}

@Suite("Proxy re-encryption: what a grant publishes")
struct PublishedDelegationTests {
    let delegation: Delegation
    var published: PublishedDelegation { delegation.made.published }

    init() throws { delegation = try Delegation(threshold: 3, shares: 4) }

    func changed(
        precursor: Point? = nil, coefficients: [Point]? = nil, shares: [PublishedShare]? = nil
    ) -> PublishedDelegation? {
        PublishedDelegation(
            precursor: precursor ?? published.precursor, coefficients: coefficients ?? published.coefficients,
            shares: shares ?? published.shares)
    }

    @Test func `it decodes to itself`() throws {
        #expect(try PublishedDelegation(decoding: published.encoded) == published)
        #expect(published.threshold == 3)
        #expect(try Capsule(decoding: delegation.capsule.encoded) == delegation.capsule)
        let fragment = try delegation.fragment(0).fragment
        #expect(try CapsuleFragment(decoding: fragment.encoded) == fragment)
    }

    @Test(arguments: 0..<3)
    func `another coefficient is inconsistent with every share`(index: Int) throws {
        var coefficients = published.coefficients
        coefficients[index] = Point(base: .random())
        let forged = try #require(changed(coefficients: coefficients))
        for share in forged.shares { #expect(!forged.isConsistent(share)) }
    }

    @Test func `a share off the polynomial is inconsistent, and only that one`() throws {
        var shares = published.shares
        shares[1] = PublishedShare(id: shares[1].id, index: shares[1].index, commitment: Point(base: .random()))
        let forged = try #require(changed(shares: shares))
        #expect(!forged.isConsistent)
        #expect(forged.shares.map { forged.isConsistent($0) } == [true, false, true, true])
        #expect(throws: KeyFragment.Rejection.notAsPublished) {
            try delegation.made.fragments[1].verify(as: shares[1], of: forged, keys: delegation.keys)
        }
    }

    @Test func `a share at another index is inconsistent`() throws {
        var shares = published.shares
        shares[1] = PublishedShare(
            id: shares[1].id, index: SecretScalar.random().published, commitment: shares[1].commitment)
        let forged = try #require(changed(shares: shares))
        #expect(!forged.isConsistent)
        #expect(!delegation.grantee.isAddressed(by: forged))
        #expect(throws: KeyFragment.Rejection.inconsistentShare) {
            try delegation.made.fragments[1].verify(as: shares[1], of: forged, keys: delegation.keys)
        }
    }

    @Test func `one share twice is no delegation, nor a threshold above the shares`() {
        #expect(changed(shares: [published.shares[0], published.shares[0]]) == nil)
        #expect(changed(shares: []) == nil)
        #expect(changed(coefficients: []) == nil)
        #expect(changed(shares: Array(published.shares[..<2])) == nil)
        #expect(changed(shares: Array(published.shares[..<3])) != nil)
    }

    @Test func `a validator refuses the fragment of another one`() {
        #expect(throws: KeyFragment.Rejection.unknownFragment) {
            try delegation.made.fragments[0].verify(
                as: published.shares[1], of: published, keys: delegation.keys)
        }
    }

    @Test func `a fragment of another grant to the same grantee is refused`() {
        let other = delegation.patient.delegate(
            to: delegation.grantee.publicKey, signedBy: delegation.scope, threshold: 3, shares: 4)
        #expect(throws: KeyFragment.Rejection.unknownFragment) {
            try other.fragments[0].verify(as: published.shares[0], of: published, keys: delegation.keys)
        }
    }

    @Test func `a fragment for other keys is refused`() throws {
        let fragment = delegation.made.fragments[0]
        let stranger = SigningKey.random().publicKey
        let keys = delegation.keys
        let wrong = [
            DelegationKeys(delegating: stranger, verifying: keys.verifying, receiving: keys.receiving),
            DelegationKeys(delegating: keys.delegating, verifying: stranger, receiving: keys.receiving),
            DelegationKeys(delegating: keys.delegating, verifying: keys.verifying, receiving: stranger),
        ]
        for keys in wrong {
            #expect(throws: KeyFragment.Rejection.invalidSignatureForProxy) {
                try fragment.verify(as: published.shares[0], of: published, keys: keys)
            }
        }
    }

    @Test func `a fragment whose capsule fragment the grant does not publish is refused`() throws {
        let fragment = try delegation.fragment(3).fragment
        let three = try #require(changed(shares: Array(published.shares[..<3])))
        #expect(throws: CapsuleFragment.Rejection.unknownFragment) {
            try fragment.verify(for: delegation.capsule, of: three, keys: delegation.keys)
        }
    }

    @Test func `secrets do not print`() {
        let fragment = delegation.made.fragments[0]
        let printed = "\(fragment) \(delegation.patient) \(delegation.grantee)"
        #expect(!printed.contains(fragment.bytes.copy()[32..<64].hex))
        #expect(!printed.contains(delegation.patient.secretBytes.copy().hex))
        #expect(!printed.contains(delegation.grantee.secretBytes.copy().hex))
    }
}
