import Codec
import Consensus
import Cryptography
import Simulation
import Testing

@Suite("Engine: proposals and votes")
struct EngineVoteTests {
    let council = Council()

    @Test func `R1: the leader builds on the last certified block and says so once it is durable`() {
        var leader = council.engine(council.firstLeader)
        #expect(leader.view == View(rawValue: 1))
        let block = council.block()
        let effects = leader.step(.built(block, in: View(rawValue: 1)), now: .start)
        let statement = Statement.notarize(council.proposal(1, block))
        #expect(effects.votes == [statement])
        #expect(effects.durableVotes == [statement])
        guard case .persist = effects.first else {
            Issue.record("what is said is durable first")
            return
        }
    }

    @Test func `R1: a block on another parent is not proposed`() {
        var leader = council.engine(council.firstLeader)
        let stray = council.block(on: council.block())
        #expect(leader.step(.built(stray, in: View(rawValue: 1)), now: .start).votes.isEmpty)
    }

    @Test func `R3: a proposal is backed only when its block has been executed`() {
        var engine = council.engine(council.follower)
        let block = council.block()
        let proposal = council.proposal(1, block)
        let effects = engine.step(council.propose(proposal), now: .start)
        #expect(effects.votes.isEmpty)
        #expect(effects.executions == [block])
        #expect(engine.step(.executed(block.hash), now: .start).votes == [.notarize(proposal)])
        #expect(engine.step(.executed(block.hash), now: .start).votes.isEmpty, "said once")
    }

    @Test func `R3: an invalid block gives the view up at once`() {
        var engine = council.engine(council.follower)
        let block = council.block()
        _ = engine.step(council.propose(council.proposal(1, block)), now: .start)
        #expect(engine.step(.invalid(block.hash), now: .start).votes == [council.nullify(1)])
    }

    @Test func `R2: nobody but the leader proposes`() {
        var engine = council.engine(council.follower)
        let proposal = council.proposal(1, council.block())
        let impostor = council.leaders[View(rawValue: 2)]
        let vote = council.vote(.notarize(proposal), impostor)
        let effects = engine.step(
            .message(.propose(Propose(vote: vote, justification: Justification([]))), from: impostor), now: .start)
        #expect(effects.executions.isEmpty)
    }

    @Test func `R2: a leader that proposes twice is found out and not backed`() {
        var engine = council.engine(council.follower)
        let (one, other) = (council.block(), council.block(tag: 2))
        _ = engine.step(council.propose(council.proposal(1, one)), now: .start)
        let effects = engine.step(council.propose(council.proposal(1, other)), now: .start)
        #expect(effects.offenders == [council.firstLeader])
        #expect(engine.step(.executed(one.hash), now: .start).votes.isEmpty)
    }

    @Test func `R3: a gap without nullifications is not accepted`() {
        var engine = council.engine(council.follower)
        let block = council.block()
        _ = engine.step(
            .message(
                .certificate(council.certificate(council.nullify(2), without: council.follower)),
                from: council.firstLeader), now: .start)
        #expect(engine.view == View(rawValue: 3))
        // View 1 may hold a final block: nobody has shown that it was given up.
        let effects = engine.step(council.propose(council.proposal(3, block)), now: .start)
        #expect(effects.executions.isEmpty)
        let gap = council.certificate(council.nullify(1), without: council.follower)
        let closed = engine.step(.message(.certificate(gap), from: council.firstLeader), now: .start)
        #expect(closed.executions == [block])
    }

    @Test func `a forged vote is not counted`() {
        var engine = council.engine(council.follower)
        let forger = council.firstLeader
        let honest = council.vote(council.nullify(1), forger)
        let forged = Vote(statement: council.nullify(2), signer: forger, signature: honest.signature)
        for other in council.others(than: council.follower) {
            _ = engine.step(.message(.vote(forged), from: other), now: .start)
        }
        #expect(engine.view == View(rawValue: 1))
    }

    @Test func `a vote that another validator passes on is not counted`() {
        var engine = council.engine(council.follower)
        for other in council.others(than: council.follower) {
            let vote = council.vote(council.nullify(1), other)
            _ = engine.step(.message(.vote(vote), from: council.firstLeader), now: .start)
        }
        #expect(engine.view == View(rawValue: 1))
    }

    @Test func `votes far above the current view are not kept, certificates are`() {
        var engine = council.engine(council.follower)
        for other in council.others(than: council.follower) {
            _ = engine.step(.message(.vote(council.vote(council.nullify(10), other)), from: other), now: .start)
        }
        #expect(engine.view == View(rawValue: 1))
        let certificate = council.certificate(council.nullify(1000), without: council.follower)
        _ = engine.step(.message(.certificate(certificate), from: council.firstLeader), now: .start)
        #expect(engine.view == View(rawValue: 1001))
    }
}

@Suite("Engine: certificates")
struct EngineCertificateTests {
    let council = Council()

    /// An engine that has backed the first proposal.
    private func backing(_ block: BlockReference) -> Engine {
        var engine = council.engine(council.follower)
        _ = engine.step(council.propose(council.proposal(1, block)), now: .start)
        _ = engine.step(.executed(block.hash), now: .start)
        return engine
    }

    @Test func `R4: a notarized block is certified, its view left, and finalized`() {
        let block = council.block()
        var engine = backing(block)
        let proposal = council.proposal(1, block)
        let third = council.leaders[View(rawValue: 2)]
        let effects = engine.step(
            .message(.vote(council.vote(.notarize(proposal), third)), from: third), now: .start)
        #expect(effects.certificates == [.notarize(proposal)])
        #expect(effects.votes == [.finalize(proposal)])
        #expect(engine.view == View(rawValue: 2))
    }

    @Test func `R4: a notarized block that is not here is waited for, not built on`() {
        var engine = council.engine(council.follower)
        let block = council.block()
        let notarization = council.certificate(.notarize(council.proposal(1, block)), without: council.follower)
        let effects = engine.step(.message(.certificate(notarization), from: council.firstLeader), now: .start)
        #expect(Set(effects.executions) == [block])
        #expect(engine.view == View(rawValue: 1))
        let executed = engine.step(.executed(block.hash), now: .start)
        #expect(executed.votes.last == .finalize(council.proposal(1, block)))
        #expect(engine.view == View(rawValue: 2))
    }

    @Test func `R4: who has given the view up certifies but does not finalize`() {
        var engine = council.engine(council.follower)
        let block = council.block()
        #expect(engine.step(.tick, now: .start + .seconds(3)).votes == [council.nullify(1)])
        let notarization = council.certificate(.notarize(council.proposal(1, block)), without: council.follower)
        _ = engine.step(.message(.certificate(notarization), from: council.firstLeader), now: .start + .seconds(3))
        #expect(engine.step(.executed(block.hash), now: .start + .seconds(3)).votes.isEmpty)
        #expect(engine.view == View(rawValue: 2))
    }

    @Test func `R7: a quorum of finalize votes makes the block final, once`() {
        let block = council.block()
        var engine = backing(block)
        let finalization = council.certificate(.finalize(council.proposal(1, block)), without: council.follower)
        let input = Input.message(.certificate(finalization), from: council.firstLeader)
        #expect(engine.step(input, now: .start).final == [block])
        #expect(engine.finalizedView == View(rawValue: 1))
        #expect(engine.step(input, now: .start).final.isEmpty)
    }

    @Test func `R6: a nullification moves on and the next leader skips the view`() {
        let second = council.leaders[View(rawValue: 2)]
        var engine = council.engine(second)
        let nullification = council.certificate(council.nullify(1), without: second)
        let effects = engine.step(.message(.certificate(nullification), from: council.firstLeader), now: .start)
        #expect(engine.view == View(rawValue: 2))
        #expect(effects.builds == [Council.opening])
    }

    @Test func `a certificate short of the quorum proves nothing`() {
        var engine = council.engine(council.follower)
        let votes = council.others(than: council.follower).prefix(2).map { council.vote(council.nullify(1), $0) }
        let short = Certificate(statement: council.nullify(1), votes: votes)
        _ = engine.step(.message(.certificate(short), from: council.firstLeader), now: .start)
        #expect(engine.view == View(rawValue: 1))
    }

    @Test func `a vote of ours that the journal does not know stops the engine`() {
        var engine = council.engine(council.follower)
        let foreign = council.certificate(council.nullify(1), without: council.firstLeader)
        let effects = engine.step(.message(.certificate(foreign), from: council.firstLeader), now: .start)
        #expect(effects.contains { if case .halt = $0 { true } else { false } })
    }
}
