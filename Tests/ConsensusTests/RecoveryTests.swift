import Codec
import Consensus
import Cryptography
import Simulation
import Testing

@Suite("Engine: recovery")
struct RecoveryTests {
    let council = Council()

    @Test func `a vote that was durable is said again and never another one`() {
        var first = council.engine(council.follower)
        let block = council.block()
        let proposal = council.proposal(1, block)
        _ = first.step(council.propose(proposal), now: .start)
        let records = first.step(.executed(block.hash), now: .start).records
        var second = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: records, floor: nil)
        #expect(second.step(.start, now: .start).votes == [.notarize(proposal)])
        let other = council.block(tag: 2)
        _ = second.step(council.propose(council.proposal(1, other)), now: .start)
        #expect(second.step(.executed(other.hash), now: .start).votes.isEmpty)
    }

    @Test func `a leader proposes again exactly what it proposed`() {
        var first = council.engine(council.firstLeader)
        let proposal = council.proposal(1, council.block())
        let records = first.step(.built(proposal.block, in: View(rawValue: 1)), now: .start).records
        var second = Engine(
            council.configuration(council.firstLeader), signer: council.keys.signer(council.firstLeader.rawValue),
            verifier: council.keys, records: records, floor: nil)
        let effects = second.step(.start, now: .start) + second.step(.pending(true), now: .start)
        #expect(effects.contains { if case .send(.propose, _) = $0 { true } else { false } })
        #expect(Set(effects.votes) == [.notarize(proposal)])
        #expect(effects.builds.isEmpty)
    }

    @Test func `replaying a notarization decides nothing: the nullify vote behind it still counts`() {
        let block = council.block()
        let notarization = council.certificate(.notarize(council.proposal(1, block)), without: council.follower)
        let records: [Journal.Record] = [
            .certificate(notarization), .vote(council.vote(council.nullify(1), council.follower)),
        ]
        var engine = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: records, floor: nil)
        let effects = engine.step(.start, now: .start) + engine.step(.executed(block.hash), now: .start)
        #expect(!effects.votes.contains { $0.kind == .finalize })
    }

    @Test func `own votes count again after a crash of everybody`() {
        let records: [Journal.Record] = [.vote(council.vote(council.nullify(1), council.follower))]
        var engine = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: records, floor: nil)
        _ = engine.step(.start, now: .start)
        for other in council.others(than: council.follower).prefix(2) {
            _ = engine.step(.message(.vote(council.vote(council.nullify(1), other)), from: other), now: .start)
        }
        #expect(engine.view == View(rawValue: 2))
    }

    @Test func `a checkpoint restores what the journal restores`() {
        var engine = council.engine(council.follower)
        let block = council.block()
        var records = engine.step(council.propose(council.proposal(1, block)), now: .start).records
        records += engine.step(.executed(block.hash), now: .start).records
        let third = council.leaders[View(rawValue: 2)]
        let notarize = council.vote(.notarize(council.proposal(1, block)), third)
        records += engine.step(.message(.vote(notarize), from: third), now: .start).records
        func restart(_ records: [Journal.Record]) -> [Statement] {
            var restored = Engine(
                council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
                verifier: council.keys, records: records, floor: nil)
            let effects = restored.step(.start, now: .start)
            return effects.votes + effects.certificates + [council.nullify(restored.view.rawValue)]
        }
        #expect(restart(records) == restart(engine.checkpoint))
    }

    @Test func `after the loss of the journal nothing is said until a quorum has told where it stands`() {
        var engine = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: [.lost(.first)], floor: nil)
        let started = engine.step(.start, now: .start)
        #expect(started.records.contains(.lost(.first)))
        #expect(started.contains { if case .send(.rejoin(7), .all) = $0 { true } else { false } })
        #expect(engine.step(.tick, now: .start + .seconds(60)).votes.isEmpty)
        let entry = council.certificate(council.nullify(4), without: council.follower)
        var effects: [Effect] = []
        for other in council.others(than: council.follower) {
            let standing = Standing(nonce: 7, epoch: .first, view: View(rawValue: 5), entry: entry)
            effects += engine.step(.message(.standing(standing), from: other), now: .start + .seconds(60))
        }
        #expect(effects.records.contains(.abstains(.first, through: View(rawValue: 6))))
        #expect(engine.step(.tick, now: .start + .seconds(90)).votes.isEmpty, "silent in view 5")
        let next = council.certificate(council.nullify(6), without: council.follower)
        _ = engine.step(.message(.certificate(next), from: council.firstLeader), now: .start + .seconds(90))
        #expect(engine.step(.tick, now: .start + .seconds(190)).votes == [council.nullify(7)])
    }

    @Test func `a claim without its certificate, or an old answer, does not count`() {
        var engine = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: [.lost(.first)], floor: nil)
        _ = engine.step(.start, now: .start)
        var effects: [Effect] = []
        for other in council.others(than: council.follower) {
            for (nonce, view) in [(UInt64(7), UInt64(9)), (6, 1)] {
                let claim = Standing(nonce: nonce, epoch: .first, view: View(rawValue: view), entry: nil)
                effects += engine.step(.message(.standing(claim), from: other), now: .start)
            }
        }
        #expect(effects.records.isEmpty)
    }

    /// An honest answer proves the view before the one in which this validator may have spoken: M, and not M + 1, is what
    /// a quorum can know.
    @Test(arguments: [(Mutation([]), false), (.abstainTooLittle, true)])
    func `silence lasts through the view after the highest that is proven`(mutation: Mutation, speaks: Bool) {
        var engine = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: [.lost(.first)], floor: nil, mutation: mutation)
        _ = engine.step(.start, now: .start)
        _ = engine.step(.pending(true), now: .start)
        // The others are in view 5; this validator had gone on to view 6 with them before it lost its memory.
        let entry = council.certificate(council.nullify(4), without: council.follower)
        for other in council.others(than: council.follower) {
            let standing = Standing(nonce: 7, epoch: .first, view: View(rawValue: 5), entry: entry)
            _ = engine.step(.message(.standing(standing), from: other), now: .start)
        }
        let next = council.certificate(council.nullify(5), without: council.follower)
        _ = engine.step(.message(.certificate(next), from: council.firstLeader), now: .start)
        #expect(engine.view == View(rawValue: 6))
        #expect(engine.step(.tick, now: .start + .seconds(90)).votes.isEmpty == !speaks)
    }

    @Test(arguments: [(Mutation([]), false), (.believeStandings, true)])
    func `a standing without its certificate is not believed`(mutation: Mutation, isBelieved: Bool) {
        var engine = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: [.lost(.first)], floor: nil, mutation: mutation)
        _ = engine.step(.start, now: .start)
        var effects: [Effect] = []
        for other in council.others(than: council.follower) {
            let claim = Standing(nonce: 7, epoch: .first, view: View(rawValue: 1000), entry: nil)
            effects += engine.step(.message(.standing(claim), from: other), now: .start)
        }
        #expect(effects.records.contains(.abstains(.first, through: View(rawValue: 1001))) == isBelieved)
    }
}
