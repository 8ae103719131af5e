import API
import ChainStorage
import Cryptography
import Ledger
import Node
import Testing

/// A fifth validator takes the place of one of four while the patient is away.
@Suite("Custody: fragments are given on to other validators")
struct ResharingTests {
    private let world: Consortium
    private let newcomerKey = SigningKey.random()
    private let newcomerSealing = SealingKey.random()
    private let newcomerDatabase = InMemoryDatabase()

    init() throws { world = try Consortium() }

    private var grant: GrantID { world.grant.grant }
    private var newcomerID: ValidatorID { ValidatorID(consensusKey: newcomerKey.publicKey) }
    private var newcomer: FragmentCustody {
        FragmentCustody(
            database: newcomerDatabase, chain: world.ledger.chain, validator: newcomerID, sealingKey: newcomerSealing)
    }

    private func replaceLast() throws {
        let entry = Genesis.Validator(
            organization: world.genesis.organizations[0].id, consensusKey: newcomerKey.publicKey,
            certificate: [9], sealingKey: newcomerSealing.publicKey, peerAddress: "newcomer.example:7001",
            apiURL: "https://newcomer.example:7002")
        let candidate = ValidatorCandidate(entry, signedBy: newcomerKey, on: world.ledger.chain)
        try world.ledger.run(
            .proposeChange(
                ProposeChange(
                    organization: entry.organization, change: .replaceValidator(world.validators[3], candidate),
                    expires: world.ledger.tip.time.advanced(byMilliseconds: 60_000))), by: [world.hospitalKey])
        #expect(world.ledger.validatorSet.ids == Array(world.validators.prefix(3)) + [newcomerID])
    }

    private func deal(_ indexes: [Int]) throws {
        for index in indexes {
            let dealing = try #require(
                try world.custody(index).deal(grant, over: world.ledger, tip: world.ledger.tip))
            try world.ledger.run(.reshareGrant(dealing), by: [world.validatorKeys[index]])
        }
    }

    /// What the dealers of the round hand out to a validator.
    private func parts(for validator: ValidatorID) throws -> [ValidatorID: [UInt8]] {
        let round: ResharingRecord = try #require(world.ledger.record(grant))
        var parts: [ValidatorID: [UInt8]] = [:]
        for dealing in round.dealings {
            let index = try #require(world.validators.firstIndex(of: dealing.dealer))
            parts[dealing.dealer] = try world.custody(index).part(
                of: grant, round: round.round, for: validator, over: world.ledger, tip: world.ledger.tip)
        }
        return parts
    }

    private func receive(_ custody: FragmentCustody, signedBy key: SigningKey) throws {
        let answer = try custody.receive(
            try parts(for: custody.validator), of: grant, over: world.ledger, tip: world.ledger.tip)
        try world.ledger.run(.answerResharing(answer), by: [key])
    }

    /// Three of four hold a fragment, the fourth's place is taken, and the new set has its shares.
    private func reshare() throws {
        try world.activate()
        try replaceLast()
        try deal([0, 1, 2])
        try receive(newcomer, signedBy: newcomerKey)
        for index in 0..<2 { try receive(world.custody(index), signedBy: world.validatorKeys[index]) }
        #expect(world.ledger.generation(of: grant) == 1)
    }

    private func answer(_ custody: FragmentCustody, _ access: AccessID) throws -> FragmentReply {
        let log = try ServiceLog(
            database: custody.validator == newcomerID ? newcomerDatabase : InMemoryDatabase(),
            validator: custody.validator)
        return try ReEncryptionService(custody: custody, log: log).answer(
            access, replyKey: world.replyKey.publicKey, over: world.ledger, tip: world.ledger.tip)
    }

    private func opened(
        _ fragment: FragmentReply.Fragment, from validator: ValidatorID, for access: AccessID
    ) throws -> [UInt8] {
        try HybridSeal.open(
            fragment.sealed, with: world.replyKey,
            context: .capsuleFragment(
                chain: world.ledger.chain, validator: validator, staff: world.staff, access: access,
                document: fragment.document)
        ).copy()
    }

    @Test func `the grantee opens with the new validator's help and without the patient`() throws {
        try reshare()
        let fragments: GrantFragmentsRecord = try #require(world.ledger.record(grant))
        let document = world.documents[0]
        let access = try world.request([document])
        let record: DocumentRecord = try #require(world.ledger.record(document))
        var verified: [VerifiedResharedFragment] = []
        for custody in [newcomer, world.custody(0), world.custody(1)] {
            let reply = try answer(custody, access)
            let bytes = try opened(try #require(reply.fragments.first), from: custody.validator, for: access)
            let fragment = try ResharedCapsuleFragment(parsing: bytes)
            #expect(fragment.id == fragments.share(of: custody.validator)?.id)
            verified.append(try fragment.verify(for: record.capsule, of: fragments.delegation, keys: world.keys))
        }
        let seed = try world.receivingKey.open(record.capsule, with: verified)
        #expect(seed.copy() == world.keySeeds[document]?.copy())
    }

    @Test func `old fragments help until the new ones serve, and not afterwards`() throws {
        try world.activate()
        try replaceLast()
        try deal([0, 1, 2])
        try receive(newcomer, signedBy: newcomerKey)
        let document = world.documents[0]
        let before = try world.request([document])
        let reply = try world.answer(2, before)
        _ = try world.open(try #require(reply.fragments.first), from: world.validators[2], for: before)
        for index in 0..<2 { try receive(world.custody(index), signedBy: world.validatorKeys[index]) }
        // The third has not put its new share together; what it has serves no more.
        #expect(throws: ServiceRefusal.fragment(.notHeld)) { try world.answer(2, before) }
        // An old re-encryption does not go with the new delegation.
        let fragments: GrantFragmentsRecord = try #require(world.ledger.record(grant))
        let record: DocumentRecord = try #require(world.ledger.record(document))
        let old = try world.delegation.fragments[2].verify(
            as: world.delegation.published.shares[2], of: world.delegation.published, keys: world.keys
        ).reEncapsulate(record.capsule)
        #expect(throws: CapsuleFragment.Rejection.unknownFragment) {
            try old.verify(for: record.capsule, of: fragments.delegation, keys: world.keys)
        }
    }

    @Test func `when the new fragments serve, the old ones are deleted by everybody, with what was dealt`() throws {
        try world.deposit(3)
        try reshare()
        for index in 0..<4 { try world.custody(index).tidy(grant, over: world.ledger) }
        for index in 0..<4 {
            let kinds = world.databases[index].scan(from: [0x10], to: [0x20], limit: 10).map(\.key[0])
            // The third still has to receive, so that the others keep what they dealt.
            #expect(kinds == (index < 2 ? [0x12, 0x13] : index == 2 ? [0x13] : []))
        }
        try receive(world.custody(2), signedBy: world.validatorKeys[2])
        for index in 0..<3 {
            try world.custody(index).tidy(grant, over: world.ledger)
            #expect(world.databases[index].scan(from: [0x10], to: [0x20], limit: 10).map(\.key[0]) == [0x12])
            #expect(try world.custody(index).held() == [grant])
        }
    }

    @Test func `what a validator dealt is the same after a restart, and only its receiver opens it`() throws {
        try world.activate()
        try replaceLast()
        let first = try world.custody(0).deal(grant, over: world.ledger, tip: world.ledger.tip)
        #expect(try world.custody(0).deal(grant, over: world.ledger, tip: world.ledger.tip) == first)
        #expect(world.databases[0].unsyncedCount == 0)
        try deal([0, 1])
        #expect(
            try world.custody(0).part(
                of: grant, round: 1, for: newcomerID, over: world.ledger, tip: world.ledger.tip) == nil,
            "nobody gets a part of a round that is not settled")
        try deal([2])
        let mine = try #require(try parts(for: newcomerID)[world.validators[0]])
        var swapped = try parts(for: world.validators[1])
        swapped[world.validators[0]] = mine
        #expect(throws: CustodyRefusal.partInvalid(dealer: world.validators[0])) {
            try world.custody(1).receive(swapped, of: grant, over: world.ledger, tip: world.ledger.tip)
        }
    }

    @Test func `a part that is not what was committed to is found out, and the round begins again without its dealer`()
        throws
    {
        try world.activate()
        let fourth = try #require(try world.deposit(3))
        try world.ledger.run(.acknowledgeGrant(fourth), by: [world.validatorKeys[3]])
        try replaceLast()
        try deal([0, 1, 2])
        let liar = world.validators[1]
        var bad = try parts(for: newcomerID)
        bad[liar] = try HybridSeal.seal(
            SecretBytes(copying: [UInt8](repeating: 7, count: 32)), to: newcomerSealing.publicKey,
            context: .resharingPart(
                chain: world.ledger.chain, dealer: liar, validator: newcomerID, grant: grant, round: 1))
        #expect(throws: CustodyRefusal.partInvalid(dealer: liar)) {
            try newcomer.receive(bad, of: grant, over: world.ledger, tip: world.ledger.tip)
        }
        #expect(try newcomer.held().isEmpty, "nothing that does not fit is kept")
        try world.ledger.run(
            .answerResharing(AnswerResharing(grant: grant, round: 1, validator: newcomerID, failed: liar)),
            by: [newcomerKey])
        #expect(try world.custody(1).deal(grant, over: world.ledger, tip: world.ledger.tip) == nil)
        try deal([0, 2, 3])
        try receive(newcomer, signedBy: newcomerKey)
        for index in [0, 2] { try receive(world.custody(index), signedBy: world.validatorKeys[index]) }
        #expect(world.ledger.generation(of: grant) == 2)
        // The liar is a validator like the others: it is dealt a share, and may hold it.
        try receive(world.custody(1), signedBy: world.validatorKeys[1])
        let record: GrantRecord = try #require(world.ledger.record(grant))
        #expect(record.acknowledged.count == 4)
    }

    @Test func `a part that does not come counts as one that does not fit`() throws {
        try world.activate()
        try replaceLast()
        try deal([0, 1, 2])
        var parts = try parts(for: newcomerID)
        parts[world.validators[2]] = nil
        #expect(throws: CustodyRefusal.partInvalid(dealer: world.validators[2])) {
            try newcomer.receive(parts, of: grant, over: world.ledger, tip: world.ledger.tip)
        }
    }

    @Test func `the patient's own fragment is not taken in any more`() throws {
        try reshare()
        #expect(throws: CustodyRefusal.reshared) { try world.deposit(1) }
        #expect(try world.custody(1).unacknowledged(over: world.ledger, tip: world.ledger.tip).isEmpty)
    }

    @Test func `the end of a grant ends its resharing, and nothing of it is kept`() throws {
        try reshare()
        let block = try world.ledger.run(.revokeConsent(RevokeConsent(grant: grant)), by: [world.scopeKey])
        #expect(try world.custody(0).deal(grant, over: world.ledger, tip: world.ledger.tip) == nil)
        #expect(
            try world.custody(0).part(
                of: grant, round: 1, for: world.validators[2], over: world.ledger, tip: world.ledger.tip) == nil)
        #expect(world.custody(2).expected(of: grant, over: world.ledger, tip: world.ledger.tip) == nil)
        for custody in [newcomer, world.custody(0)] {
            #expect(try custody.held() == [grant])
            custody.forgetRevoked(in: block.transactions, block.receipts)
            #expect(try custody.held().isEmpty)
        }
        #expect(newcomerDatabase.scan(from: [0x10], to: [0x20], limit: 10).isEmpty)
        #expect(world.databases[0].scan(from: [0x11], to: [0x20], limit: 10).isEmpty)
    }

    @Test func `nothing is dealt while the fragments are where they belong, or by who holds none`() throws {
        try world.activate()
        #expect(try world.custody(0).deal(grant, over: world.ledger, tip: world.ledger.tip) == nil)
        try replaceLast()
        #expect(try world.custody(3).deal(grant, over: world.ledger, tip: world.ledger.tip) == nil)
        #expect(throws: CustodyRefusal.notAHolder) {
            try newcomer.deal(grant, over: world.ledger, tip: world.ledger.tip)
        }
    }
}
