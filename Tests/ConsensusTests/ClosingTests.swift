import Codec
import Consensus
import Cryptography
import Testing

@Suite("Engine: the block that closes an epoch")
struct ClosingTests {
    private let council = Council()

    /// An engine that holds the notarization of a block in view 1, has it executed, and is in view 2.
    private func notarized(closes: Bool, mutation: Mutation = []) -> (Engine, BlockReference, Certificate) {
        var engine = council.engine(council.follower, mutation: mutation)
        let block = council.block()
        let certificate = council.certificate(
            .notarize(council.proposal(1, block)), without: council.follower)
        _ = engine.step(council.propose(council.proposal(1, block)), now: .start)
        _ = engine.step(.executed(block.hash, closesEpoch: closes), now: .start)
        _ = engine.step(.message(.certificate(certificate), from: council.firstLeader), now: .start)
        return (engine, block, certificate)
    }

    @Test func `is backed again on itself, and final in whatever view`() throws {
        var (engine, block, certificate) = notarized(closes: true)
        let again = council.proposal(2, parent: 1, block)
        #expect(engine.step(council.propose(again, [certificate]), now: .start).votes == [.notarize(again)])
        let final = council.certificate(.finalize(again), without: council.follower)
        let effects = engine.step(.message(.certificate(final), from: council.firstLeader), now: .start)
        #expect(effects.final == [block])
    }

    @Test(arguments: [false, true])
    func `another block is not proposed twice, unless the rule is broken`(isBroken: Bool) {
        var (engine, block, certificate) = notarized(closes: false, mutation: isBroken ? .repeatAnything : [])
        let again = council.proposal(2, parent: 1, block)
        let votes = engine.step(council.propose(again, [certificate]), now: .start).votes
        #expect(votes == [isBroken ? .notarize(again) : council.nullify(2)])
    }

    @Test func `its leader proposes it again with the justification, once the host hands it back`() throws {
        let leader = council.leaders[View(rawValue: 2)]
        var engine = council.engine(leader)
        let block = council.block()
        let certificate = council.certificate(.notarize(council.proposal(1, block)), without: leader)
        _ = engine.step(.message(.certificate(certificate), from: council.firstLeader), now: .start)
        let builds = engine.step(.executed(block.hash, closesEpoch: true), now: .start).builds
        #expect(builds == [block])
        let effects = engine.step(.built(block, in: View(rawValue: 2), closesEpoch: true), now: .start)
        #expect(effects.votes.contains(.notarize(council.proposal(2, parent: 1, block))))
        // A host that hands back a block that closes nothing is not followed.
        var other = council.engine(leader)
        _ = other.step(.message(.certificate(certificate), from: council.firstLeader), now: .start)
        _ = other.step(.executed(block.hash), now: .start)
        #expect(other.step(.built(block, in: View(rawValue: 2)), now: .start).votes.isEmpty)
    }

    @Test func `what begins an epoch is read back and decides nothing`() throws {
        let final = council.certificate(.finalize(council.proposal(1, council.block())), without: council.follower)
        for certificate in [final, nil] {
            let record = Journal.Record.epochStart(Epoch(rawValue: 4), certificate, council.validators)
            #expect(try Journal.Record(decoding: record.encoded) == record)
            let engine = council.engine(council.follower, records: [record])
            #expect(engine.view == View(rawValue: 1) && engine.finalizedView == .genesis)
        }
    }
}
