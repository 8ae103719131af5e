import API
import ChainStorage
import Cryptography
import Ledger
import Node
import Testing

@Suite("Custody of key fragments")
struct FragmentCustodyTests {
    let world: Consortium

    init() throws { world = try Consortium() }

    func refusal(_ index: Int, _ sealed: [UInt8], grant: GrantID? = nil) -> CustodyRefusal? {
        #expect(throws: CustodyRefusal.self) {
            try world.custody(index).accept(
                sealed, for: grant ?? world.grant.grant, over: world.ledger, tip: world.ledger.tip)
        }
    }

    @Test func `a fragment that fits is kept, and acknowledged until the chain knows`() throws {
        let acknowledgement = try #require(try world.deposit(0))
        #expect(acknowledgement == AcknowledgeGrant(grant: world.grant.grant, validator: world.validators[0]))
        #expect(try world.custody(0).held() == [world.grant.grant])
        #expect(
            try world.custody(0).unacknowledged(over: world.ledger, tip: world.ledger.tip) == [acknowledgement])
        try world.ledger.run(.acknowledgeGrant(acknowledgement), by: [world.validatorKeys[0]])
        #expect(try world.deposit(0) == nil)
        #expect(try world.custody(0).unacknowledged(over: world.ledger, tip: world.ledger.tip).isEmpty)
    }

    @Test func `what is stored is what was sealed, and was synced`() throws {
        let sealed = try world.sealedFragment(0)
        _ = try world.custody(0).accept(sealed, for: world.grant.grant, over: world.ledger, tip: world.ledger.tip)
        let disk = world.databases[0].afterCrash(losing: 0)
        #expect(world.databases[0].unsyncedCount == 0)
        #expect(disk.scan(from: [], to: nil, limit: 10).map(\.value) == [sealed])
    }

    @Test func `an unknown grant takes no fragment`() throws {
        let sealed = try world.sealedFragment(0)
        #expect(refusal(0, sealed, grant: GrantID(.sha256([9]))) == .unknownGrant)
    }

    @Test func `a fragment sealed to another validator or for another grant does not open`() throws {
        #expect(refusal(1, try world.sealedFragment(0)) == .doesNotOpen(.notForThisReader))
        #expect(
            refusal(0, try world.sealedFragment(0, for: GrantID(.sha256([9])))) == .doesNotOpen(.notForThisReader))
        #expect(refusal(0, []) == .doesNotOpen(.tooShort))
    }

    @Test func `another validator's fragment is refused though it is sealed to this one`() throws {
        #expect(refusal(0, try world.sealedFragment(0, as: 1)) == .invalid(.unknownFragment))
        #expect(try world.custody(0).held().isEmpty)
    }

    @Test func `a message that is no fragment is refused`() throws {
        let sealed = try HybridSeal.seal(
            SecretBytes(copying: [1, 2, 3]), to: world.sealingKeys[0].publicKey,
            context: .keyFragment(
                chain: world.ledger.chain, scope: world.scope, validator: world.validators[0],
                grant: world.grant.grant))
        guard case .malformed = refusal(0, sealed) else {
            Issue.record("three bytes are no fragment")
            return
        }
    }

    @Test func `a validator outside the grant holds nothing of it`() throws {
        let stranger = FragmentCustody(
            database: InMemoryDatabase(), chain: world.ledger.chain, validator: ValidatorID(.sha256([7])),
            sealingKey: world.sealingKeys[0])
        #expect(throws: CustodyRefusal.notAHolder) {
            try stranger.accept(
                try world.sealedFragment(0), for: world.grant.grant, over: world.ledger, tip: world.ledger.tip)
        }
    }

    @Test func `a revoked grant's fragment is deleted, and not taken in again`() throws {
        try world.activate()
        let block = try world.ledger.run(
            .revokeConsent(RevokeConsent(grant: world.grant.grant)), by: [world.scopeKey])
        let custody = world.custody(0)
        custody.forgetRevoked(in: block.transactions, block.receipts)
        #expect(try custody.held().isEmpty)
        #expect(world.databases[0].afterCrash(losing: 0).scan(from: [], to: nil, limit: 10).isEmpty)
        #expect(refusal(0, try world.sealedFragment(0)) == .grantEnded(.grantRevoked))
    }

    @Test func `an expired grant's fragment is swept, one that can be used stays`() throws {
        try world.deposit(0)
        #expect(try world.custody(0).sweep(over: world.ledger, tip: world.ledger.tip).isEmpty)
        try world.ledger.pass(milliseconds: 31 * Consortium.day)
        #expect(
            try world.custody(0).sweep(over: world.ledger, tip: world.ledger.tip) == [world.grant.grant])
        #expect(try world.custody(0).held().isEmpty)
        #expect(refusal(0, try world.sealedFragment(0)) == .grantEnded(.grantExpired))
    }
}
