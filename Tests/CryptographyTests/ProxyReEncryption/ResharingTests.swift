import Codec
import Cryptography
import Testing

/// A delegation whose shares are given on to others.
private struct Handover {
    let delegation: Delegation
    let resharing: Resharing
    let deals: [ResharingDeal]
    let fragments: [ResharedKeyFragment]

    /// Shares of a delegation with this threshold are given on by its first holders.
    init(_ old: (threshold: Int, shares: Int), to new: (threshold: Int, shares: Int), seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        delegation = try Delegation(threshold: old.threshold, shares: old.shares, seed: seed)
        let holders = Self.holders(new.shares, &random)
        let published = delegation.made.published
        let dealers = (0..<old.shares).shuffled(using: &random).prefix(old.threshold)
        let keys = delegation.keys
        let fragments = delegation.made.fragments
        deals = try dealers.map {
            try fragments[$0].verify(as: published.shares[$0], of: published, keys: keys)
                .deal(to: holders.map(\.index), threshold: new.threshold)
        }
        let resharing = try Resharing(
            of: published, dealings: zip(dealers, deals).map { (published.shares[$0].id, $1.commitments) },
            to: holders, threshold: new.threshold)
        self.resharing = resharing
        self.fragments = try holders.indices.map { [deals] place in
            try resharing.combine(deals.map { $0.parts[place] }, for: holders[place].id)
        }
    }

    static func holders(_ count: Int, _ random: inout SplitMix64) -> [(id: FragmentID, index: Scalar)] {
        (0..<count).compactMap { _ in
            guard let id = Digest(random.bytes(32)), let index = Scalar(random.bytes(32)) else { return nil }
            return (FragmentID(rawValue: id), index)
        }
    }

    /// A new holder's answer, as the grantee checked it.
    func answer(_ place: Int) throws -> VerifiedResharedFragment {
        let made = try fragments[place].reEncapsulate(delegation.capsule)
        return try ResharedCapsuleFragment(parsing: made.bytes)
            .verify(for: delegation.capsule, of: resharing.published, keys: delegation.keys)
    }
}

@Suite("Resharing without the patient")
struct ResharingTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func `any threshold of the new holders opens, one fewer does not`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed &+ 100)
        func sizes() -> (threshold: Int, shares: Int) {
            let shares = Int.random(in: 1...6, using: &random)
            return (Int.random(in: 1...shares, using: &random), shares)
        }
        let new = sizes()
        let handover = try Handover(sizes(), to: new, seed: seed)
        #expect(handover.resharing.published.isConsistent)
        #expect(handover.resharing.published.threshold == new.threshold)
        let old = handover.delegation.made.published
        #expect(handover.resharing.published.coefficients[0] == old.coefficients[0], "the secret is the patient's")
        let chosen = try (0..<new.shares).shuffled(using: &random).prefix(new.threshold).map { try handover.answer($0) }
        let grantee = handover.delegation.grantee
        #expect(try grantee.open(handover.delegation.capsule, with: chosen) == handover.delegation.keySeed)
        #expect(throws: new.threshold == 1 ? OpeningFailure.noFragments : .fragmentsDoNotOpen) {
            try grantee.open(handover.delegation.capsule, with: Array(chosen.dropLast()))
        }
    }

    @Test func `shares from before and after do not go together`() throws {
        let (threshold, shares) = (3, 4)
        let handover = try Handover((threshold, shares), to: (threshold, shares), seed: 7)
        let grantee = handover.delegation.grantee
        // Whatever the mixture: t-1 from before and one from after, and the other way round. What each would give is
        // passed off as the other kind's, at the place where it lies.
        for before in 1..<threshold {
            let images = try (0..<before).map { try handover.delegation.fragment($0).image(in: handover.delegation) }
            let later = try (before..<threshold).map { try handover.answer($0).image }
            #expect(throws: OpeningFailure.fragmentsDoNotOpen) {
                try grantee.open(images + later, of: handover.delegation)
            }
        }
        let all = try (0..<threshold).map { try handover.delegation.fragment($0).image(in: handover.delegation) }
        #expect(try grantee.open(all, of: handover.delegation) == handover.delegation.keySeed)
    }

    @Test func `what was reshared is reshared again`() throws {
        let first = try Handover((2, 3), to: (3, 4), seed: 8)
        var random = SplitMix64(seed: 9)
        let holders = Handover.holders(5, &random)
        let dealers = [3, 0, 2]
        let deals = dealers.map { first.fragments[$0].deal(to: holders.map(\.index), threshold: 4) }
        let second = try Resharing(
            of: first.resharing.published,
            dealings: zip(dealers, deals).map { (first.fragments[$0].share.id, $1.commitments) },
            to: holders, threshold: 4)
        let answers = try holders.indices.dropFirst().map { place in
            let fragment = try second.combine(deals.map { $0.parts[place] }, for: holders[place].id)
            return try fragment.reEncapsulate(first.delegation.capsule)
                .verify(for: first.delegation.capsule, of: second.published, keys: first.delegation.keys)
        }
        #expect(try first.delegation.grantee.open(first.delegation.capsule, with: answers) == first.delegation.keySeed)
    }

    @Test func `a dealer that lies to one new holder is named by it, and nothing becomes of its part`() throws {
        let handover = try Handover((3, 4), to: (3, 4), seed: 10)
        let holder = handover.resharing.published.shares[1]
        var parts = handover.deals.map { $0.parts[1] }
        // Another holder's part: a number in range, and not this one's.
        parts[2] = handover.deals[2].parts[0]
        #expect(throws: Resharing.PartRejection.wrongPart(dealer: handover.resharing.dealers[2].id)) {
            try handover.resharing.combine(parts, for: holder.id)
        }
        #expect(handover.deals[2].commitments.isConsistent(handover.deals[2].parts[1], at: holder.index))
        #expect(!handover.deals[2].commitments.isConsistent(parts[2], at: holder.index))
        #expect(throws: Resharing.PartRejection.wrongCount(expected: 3)) {
            try handover.resharing.combine(Array(parts.dropLast()), for: holder.id)
        }
    }

    @Test func `who gives on something other than its share, or has none, makes no resharing`() throws {
        let handover = try Handover((2, 4), to: (2, 3), seed: 11)
        var random = SplitMix64(seed: 12)
        let holders = Handover.holders(3, &random)
        let published = handover.delegation.made.published
        let ids = handover.resharing.dealers.map(\.id)
        let commitments = handover.deals.map(\.commitments)
        func reshare(
            _ dealings: [(FragmentID, ResharingCommitments)], to holders: [(id: FragmentID, index: Scalar)],
            threshold: Int = 2
        ) throws -> Resharing {
            try Resharing(
                of: published, dealings: dealings.map { (dealer: $0.0, commitments: $0.1) }, to: holders,
                threshold: threshold)
        }
        #expect(throws: Resharing.Rejection.wrongDealers(expected: 2)) {
            try reshare([(ids[0], commitments[0])], to: holders)
        }
        #expect(throws: Resharing.Rejection.unknownDealer(ids[0])) {
            try reshare([(ids[0], commitments[0]), (ids[0], commitments[0])], to: holders)
        }
        #expect(throws: Resharing.Rejection.unknownDealer(holders[0].id)) {
            try reshare([(holders[0].id, commitments[0]), (ids[1], commitments[1])], to: holders)
        }
        // Each with the other's commitments: consistent polynomials, and of another share.
        #expect(throws: Resharing.Rejection.notTheShare(ids[0])) {
            try reshare([(ids[0], commitments[1]), (ids[1], commitments[0])], to: holders)
        }
        #expect(throws: Resharing.Rejection.notTheShare(ids[0])) {
            try reshare([(ids[0], commitments[0]), (ids[1], commitments[1])], to: holders, threshold: 3)
        }
        #expect(throws: Resharing.Rejection.invalidHolders) {
            try reshare(zip(ids, commitments).map { ($0, $1) }, to: holders + [holders[0]])
        }
        #expect(throws: Resharing.Rejection.invalidHolders) {
            try reshare(zip(ids, commitments).map { ($0, $1) }, to: [holders[0]])
        }
    }

    @Test func `a fragment that is changed anywhere is not taken`() throws {
        let handover = try Handover((2, 3), to: (2, 3), seed: 13)
        let bytes = try handover.fragments[0].reEncapsulate(handover.delegation.capsule).bytes
        #expect(bytes.count == ResharedCapsuleFragment.length)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            guard let fragment = try? ResharedCapsuleFragment(parsing: changed) else { continue }
            #expect(throws: CapsuleFragment.Rejection.self, "byte \(place)") {
                try fragment.verify(
                    for: handover.delegation.capsule, of: handover.resharing.published, keys: handover.delegation.keys)
            }
        }
        #expect(throws: DecodingFailure.self) { try ResharedCapsuleFragment(parsing: bytes + [0]) }
        #expect(throws: DecodingFailure.self) { try ResharedCapsuleFragment(parsing: bytes.dropLast()) }
        // Nor does one for another capsule, or by the grant from before.
        let fragment = try ResharedCapsuleFragment(parsing: bytes)
        let other = Encapsulation(for: handover.delegation.patient.publicKey).capsule
        #expect(throws: CapsuleFragment.Rejection.invalidProof) {
            try fragment.verify(for: other, of: handover.resharing.published, keys: handover.delegation.keys)
        }
        #expect(throws: CapsuleFragment.Rejection.unknownFragment) {
            try fragment.verify(
                for: handover.delegation.capsule, of: handover.delegation.made.published,
                keys: handover.delegation.keys)
        }
    }

    @Test func `a share that was kept is read again, and is no other`() throws {
        let handover = try Handover((2, 3), to: (2, 3), seed: 14)
        let published = handover.resharing.published
        let secret = handover.fragments[0].secretBytes
        let kept = try #require(ResharedKeyFragment(secret, as: published.shares[0], of: published))
        #expect(kept.secretBytes == secret)
        #expect(ResharedKeyFragment(secret, as: published.shares[1], of: published) == nil)
        #expect(ResharedKeyFragment(secret, as: published.shares[0], of: handover.delegation.made.published) == nil)
        let commitments = handover.deals[0].commitments
        #expect(try ResharingCommitments(decoding: commitments.encoded) == commitments)
        #expect(ResharingCommitments([]) == nil)
        let point = commitments.coefficients[0]
        #expect(ResharingCommitments(Array(repeating: point, count: 128)) != nil)
        #expect(ResharingCommitments(Array(repeating: point, count: 129)) == nil)
    }
}

/// What a share makes of a capsule's points, and where the share lies.
private typealias Image = (index: SecretScalar, e1: Point, v1: Point)

extension VerifiedCapsuleFragment {
    fileprivate func image(in delegation: Delegation) throws -> Image {
        let share = try #require(delegation.made.published.share(fragment.id))
        return (share.index.asSecret, fragment.e1, fragment.v1)
    }
}

extension VerifiedResharedFragment {
    fileprivate var image: Image { (share.index.asSecret, fragment.proof.e1, fragment.proof.v1) }
}

extension ReceivingKey {
    /// Opens with images of whatever shares.
    fileprivate func open(_ images: [Image], of delegation: Delegation) throws -> SecretBytes {
        let agreement = Agreement(
            precursor: delegation.made.published.precursor, with: try #require(SecretScalar(secretBytes)),
            receiving: publicKey)
        return try combine(
            images, of: delegation.capsule, for: delegation.keys.delegating,
            unblindedBy: try #require(agreement.sharedSecret(profile: .rustUmbral)), profile: .rustUmbral)
    }
}
