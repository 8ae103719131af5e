import API
import ChainStorage
import Codec
import Cryptography
import Ledger
import Node
import Testing

@Suite("Re-encryption service")
struct ReEncryptionServiceTests {
    let world: Consortium

    init() throws { world = try Consortium() }

    func refusal(_ index: Int, _ access: AccessID, replyKey: SealingKey? = nil) throws -> ServiceRefusal? {
        let service = try world.service(index)
        return #expect(throws: ServiceRefusal.self) {
            try service.answer(
                access, replyKey: (replyKey ?? world.replyKey).publicKey, over: world.ledger, tip: world.ledger.tip)
        }
    }

    @Test func `three validators' answers open every document of the request`() throws {
        try world.activate()
        let access = try world.request()
        var fragments: [DocumentID: [VerifiedCapsuleFragment]] = [:]
        for index in 0..<3 {
            let reply = try FragmentReply(decoding: try world.answer(index, access).encoded)
            #expect(reply.fragments.map(\.document) == world.documents)
            for fragment in reply.fragments {
                fragments[fragment.document, default: []].append(
                    try world.open(fragment, from: reply.validator, for: access))
            }
        }
        for document in world.documents {
            let record: DocumentRecord = try #require(world.ledger.record(document))
            let seed = try world.receivingKey.open(record.capsule, with: try #require(fragments[document]))
            #expect(seed == world.keySeeds[document])
        }
    }

    @Test func `an answer opens for no other document or validator`() throws {
        try world.activate()
        let access = try world.request()
        let reply = try world.answer(0, access)
        let moved = FragmentReply.Fragment(document: world.documents[1], sealed: reply.fragments[0].sealed)
        #expect(throws: SealFailure.notForThisReader) {
            try world.open(moved, from: reply.validator, for: access)
        }
        #expect(throws: SealFailure.notForThisReader) {
            try world.open(reply.fragments[0], from: world.validators[1], for: access)
        }
    }

    @Test func `a request that the chain does not have is not answered`() throws {
        try world.activate()
        #expect(try refusal(0, AccessID(.sha256([1]))) == .unknownAccess)
    }

    @Test func `a request is answered until its last height and not after`() throws {
        try world.activate()
        let access = try world.request()
        let record: AccessRecord = try #require(world.ledger.record(access))
        try world.ledger.pass(blocks: Int(record.expires.rawValue - world.ledger.tip.height.rawValue))
        _ = try world.answer(0, access)
        try world.ledger.pass()
        #expect(try refusal(0, access) == .accessExpired)
    }

    @Test func `another reply key than the request's gets nothing`() throws {
        try world.activate()
        #expect(try refusal(0, try world.request(), replyKey: .random()) == .wrongReplyKey)
    }

    @Test func `a grant that was revoked after the request is not served`() throws {
        try world.activate()
        let access = try world.request()
        try world.ledger.run(.revokeConsent(RevokeConsent(grant: world.grant.grant)), by: [world.scopeKey])
        #expect(try refusal(0, access) == .grant(.grantRevoked))
    }

    @Test func `a grant that expired after the request is not served`() throws {
        try world.activate()
        let access = try world.request()
        try world.ledger.pass(milliseconds: 31 * Consortium.day)
        #expect(try refusal(0, access) == .grant(.grantExpired))
    }

    @Test func `who left after the request gets nothing`() throws {
        try world.activate()
        let access = try world.request()
        try world.ledger.run(.endStaff(EndStaff(staff: world.staff)), by: [world.hospitalKey])
        try world.ledger.pass()
        #expect(try refusal(0, access) == .staff(.staffEnded))
    }

    @Test func `a validator without its fragment says so`() throws {
        try world.activate()
        #expect(try refusal(3, try world.request()) == .fragment(.notHeld))
    }

    @Test func `a refusal leaves nothing in the log`() throws {
        try world.activate()
        let access = try world.request()
        _ = try refusal(0, access, replyKey: .random())
        #expect(try world.log(0).length == 0)
        #expect(try world.log(0).report() == nil)
    }
}

@Suite("Log of services")
struct ServiceLogTests {
    let world: Consortium

    init() throws {
        world = try Consortium()
        try world.activate()
    }

    @Test func `an answer stands in the log, synced, once however often it is given`() throws {
        let access = try world.request()
        _ = try world.answer(0, access)
        _ = try world.answer(0, access)
        let log = try world.log(0)
        #expect(world.databases[0].unsyncedCount == 0)
        #expect(log.length == 2)
        #expect(
            try log.served(0..<2)
                == world.documents.map {
                    ServedFragment(access: access, document: $0, fragment: world.delegation.fragments[0].id)
                })
    }

    @Test func `the record is the root over the services, and stays until the chain has it`() throws {
        _ = try world.answer(0, try world.request())
        let log = try world.log(0)
        let record = try #require(try log.report())
        #expect(record.validator == world.validators[0] && record.count == 2)
        #expect(record.root == MerkleTree.root(of: try log.served(0..<2).map(\.encoded)))

        // Something is served before the record is final: it waits for the next record.
        _ = try world.answer(0, try world.request([world.documents[0]]))
        #expect(try world.log(0).report() == record, "a restart in between changes nothing")

        let block = try world.ledger.run(.recordService(record), by: [world.validatorKeys[0]])
        let restarted = try world.log(0)
        try restarted.confirm(in: block.transactions, block.receipts)
        let next = try #require(try restarted.report())
        #expect(next.count == 1)
        #expect(next.root == MerkleTree.root(of: try restarted.served(2..<3).map(\.encoded)))
        try restarted.confirm(next)
        #expect(try restarted.report() == nil)
        try restarted.confirm(next)
        #expect(try restarted.report() == nil, "a record counts once")
    }

    @Test func `another validator's record confirms nothing`() throws {
        _ = try world.answer(0, try world.request())
        let log = try world.log(0)
        let record = try #require(try log.report())
        try log.confirm(RecordService(validator: world.validators[1], count: record.count, root: record.root))
        #expect(try log.report() == record)
    }
}
