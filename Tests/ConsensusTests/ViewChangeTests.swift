import Codec
import Consensus
import Cryptography
import Simulation
import Testing

@Suite("Engine: view change")
struct ViewChangeTests {
    let council = Council()

    @Test func `R5: a leader that proposes nothing by T_l is given up, not before`() {
        var engine = council.engine(council.follower)
        #expect(engine.nextDeadline.map { $0 <= .start + .seconds(2) } == true)
        #expect(engine.step(.tick, now: .start + .milliseconds(1999)).votes.isEmpty)
        #expect(engine.step(.tick, now: .start + .seconds(2)).votes == [council.nullify(1)])
    }

    @Test func `R5: a proposal that is not certified by T_a is given up`() {
        var engine = council.engine(council.follower)
        _ = engine.step(council.propose(council.proposal(1, council.block())), now: .start)
        #expect(engine.step(.tick, now: .start + .milliseconds(2999)).votes.isEmpty)
        #expect(engine.step(.tick, now: .start + .seconds(3)).votes == [council.nullify(1)])
    }

    @Test func `R5: the leader's own nullify vote ends the wait`() {
        var engine = council.engine(council.follower)
        let leader = council.firstLeader
        let effects = engine.step(.message(.vote(council.vote(council.nullify(1), leader)), from: leader), now: .start)
        #expect(effects.votes == [council.nullify(1)])
    }

    @Test func `R5: after nullify the proposal is not backed any more`() {
        var engine = council.engine(council.follower)
        _ = engine.step(.tick, now: .start + .seconds(2))
        let block = council.block()
        _ = engine.step(council.propose(council.proposal(1, block)), now: .start + .seconds(2))
        #expect(engine.step(.executed(block.hash), now: .start + .seconds(2)).votes.isEmpty)
    }

    @Test func `R0: timeouts grow with views without finality, by half, up to sixteenfold`() {
        var engine = council.engine(council.follower)
        let certificate = council.certificate(council.nullify(6), without: council.follower)
        _ = engine.step(.message(.certificate(certificate), from: council.firstLeader), now: .start)
        // View 7: 7 - 0 - 1 - f = 5 views stalled, 2 s x 1.5^5.
        #expect(engine.step(.tick, now: .start + .microseconds(15_187_499)).votes.isEmpty)
        #expect(engine.step(.tick, now: .start + .microseconds(15_187_500)).votes == [council.nullify(7)])
        let far = council.certificate(council.nullify(999), without: council.follower)
        _ = engine.step(.message(.certificate(far), from: council.firstLeader), now: .start + .seconds(20))
        #expect(engine.step(.tick, now: .start + .seconds(51)).votes.isEmpty)
        let leads = council.leaders[View(rawValue: 1000)] == council.follower
        #expect(leads || engine.step(.tick, now: .start + .seconds(52)).votes == [council.nullify(1000)])
    }

    @Test func `R8: what was said is repeated while the view stands still`() {
        var engine = council.engine(council.follower)
        _ = engine.step(.tick, now: .start + .seconds(2))
        #expect(engine.step(.tick, now: .start + .seconds(5)).votes.isEmpty)
        #expect(engine.step(.tick, now: .start + .seconds(6)).votes == [council.nullify(1)])
        #expect(engine.step(.tick, now: .start + .seconds(10)).votes == [council.nullify(1)])
    }

    @Test func `R9: a validator in a view that is over is told what ended it, at most once per delay`() {
        var engine = council.engine(council.follower)
        let nullification = council.certificate(council.nullify(1), without: council.follower)
        _ = engine.step(.message(.certificate(nullification), from: council.firstLeader), now: .start)
        let late = Input.message(
            .vote(council.vote(council.nullify(1), council.firstLeader)), from: council.firstLeader)
        #expect(engine.step(late, now: .start).certificates.contains(council.nullify(1)))
        #expect(engine.step(late, now: .start + .milliseconds(900)).certificates.isEmpty)
        #expect(engine.step(late, now: .start + .seconds(1)).certificates.contains(council.nullify(1)))
    }

    @Test func `R10: an idle leader waits for the heartbeat, and for nothing once a transaction comes`() {
        let leader = council.firstLeader
        var engine = Engine(
            council.configuration(leader), signer: council.keys.signer(leader.rawValue), verifier: council.keys,
            records: [], floor: nil)
        #expect(engine.step(.start, now: .start).builds.isEmpty)
        #expect(engine.step(.tick, now: .start + .milliseconds(4999)).builds.isEmpty)
        var eager = engine
        #expect(eager.step(.pending(true), now: .start + .milliseconds(4999)).builds == [Council.opening])
        #expect(engine.step(.tick, now: .start + .seconds(5)).builds == [Council.opening])
    }

    @Test func `R10: learning of a transaction starts the timeouts anew`() {
        var engine = Engine(
            council.configuration(council.follower), signer: council.keys.signer(council.follower.rawValue),
            verifier: council.keys, records: [], floor: nil)
        _ = engine.step(.start, now: .start)
        #expect(engine.step(.tick, now: .start + .seconds(6)).votes.isEmpty)
        _ = engine.step(.pending(true), now: .start + .seconds(6))
        #expect(engine.step(.tick, now: .start + .milliseconds(7999)).votes.isEmpty)
        #expect(engine.step(.tick, now: .start + .seconds(8)).votes == [council.nullify(1)])
    }

    @Test func `R0: a leader that hung up is not waited for, as long as enough others are heard`() {
        var engine = council.engine(council.follower)
        let leader = council.firstLeader
        let others = council.others(than: council.follower)
        let status = Message.status(
            Status(epoch: .first, view: View(rawValue: 1), finalized: .genesis, height: .genesis))
        for peer in others { _ = engine.step(.message(status, from: peer), now: .start) }
        #expect(engine.step(.tick, now: .start + .milliseconds(1)).votes.isEmpty)
        var alone = council.engine(council.follower)
        for peer in others where peer != leader { _ = alone.step(.disconnected(peer), now: .start) }
        #expect(alone.step(.disconnected(leader), now: .start + .milliseconds(1)).votes.isEmpty)
        #expect(engine.step(.disconnected(leader), now: .start + .milliseconds(1)).votes == [council.nullify(1)])
    }

    @Test func `R0: a leader that hung up and came back is waited for`() {
        var engine = council.engine(council.follower)
        let nullification = council.certificate(council.nullify(1), without: council.follower)
        let status = Message.status(
            Status(epoch: .first, view: View(rawValue: 2), finalized: .genesis, height: .genesis))
        let next = council.leaders[View(rawValue: 2)]
        for peer in council.others(than: council.follower) {
            _ = engine.step(.message(status, from: peer), now: .start)
        }
        _ = engine.step(.disconnected(next), now: .start)
        _ = engine.step(.message(status, from: next), now: .start)
        let effects = engine.step(.message(.certificate(nullification), from: council.firstLeader), now: .start)
        #expect(effects.votes.isEmpty)
    }
}
