import Codec
import Consensus
import Cryptography
import Ledger
import Replication
import Simulation
import Testing

@Suite("Replica: blocks of others")
struct BlockTests {
    @Test func `a valid block is executed, made durable with the vote, and backed`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let block = try bench.block([bench.transaction()], proposer: bench.leaders[View(rawValue: 1)])
        let effects = bench.handle(bench.propose(block))
        #expect(effects.votes == [.notarize(bench.proposal(block, view: 1, parent: 0))])
        #expect(effects.records.first == .block(block.encoded))
    }

    /// Every promise of a header, broken.
    @Test(arguments: 0..<9)
    func `a block whose header lies is given up`(lie: Int) throws {
        let bench = try Bench()
        bench.handle(.start)
        let wrong = Digest.sha256([9])
        let leader = bench.leaders[View(rawValue: 1)]
        let block = try bench.block([bench.transaction()], proposer: leader) { header in
            switch lie {
            case 0: header.stateRoot = wrong
            case 1: header.receiptsRoot = wrong
            case 2: header.transactionsRoot = wrong
            case 3: header.ancestryRoot = wrong
            case 4: header.validatorsHash = wrong
            case 5: header.nextValidatorsHash = wrong
            case 6: header.epoch = 1
            case 7: header.proposer = 4
            default: header.time = Timestamp(rawValue: 1)
            }
        }
        let effects = bench.handle(
            .received(
                .consensus(
                    .propose(
                        Propose(
                            vote: bench.vote(.notarize(bench.proposal(block, view: 1, parent: 0)), leader),
                            justification: Justification([]))), block), from: leader))
        // Transactions that are not the header's say nothing of the block: the right ones are waited for.
        if lie == 2 { #expect(effects.votes.isEmpty) }
        let late = lie == 2 ? bench.wait(.seconds(8)) : effects
        #expect(late.votes == [.nullify(epoch: .first, view: View(rawValue: 1))])
    }

    @Test func `other transactions under a genuine header are no answer, and the block stays wanted`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let block = try bench.block([bench.transaction()], proposer: bench.leaders[View(rawValue: 1)])
        bench.finalize(block, view: 1)
        let altered = Block(header: block.header, transactions: [bench.transaction()])
        bench.handle(.received(.block(altered), from: bench.others[0]))
        #expect(bench.store.position.header.height == .genesis)
        #expect(bench.wait(.seconds(1)).blockRequests == [block.header.hash])
        #expect(bench.handle(.received(.block(block), from: bench.others[1])).committed == [block])
    }

    @Test func `a proposal with other transactions than its header's does not condemn the block`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let block = try bench.block([bench.transaction()], proposer: bench.leaders[View(rawValue: 1)])
        let propose = bench.propose(block)
        guard case .received(.consensus(let message, _), let leader) = propose else { return }
        let altered = Block(header: block.header, transactions: [])
        #expect(bench.handle(.received(.consensus(message, altered), from: leader)).votes.isEmpty)
        let effects = bench.handle(.received(.block(block), from: bench.others[1]))
        #expect(effects.votes == [.notarize(bench.proposal(block, view: 1, parent: 0))])
    }

    @Test func `a block with a forged transaction is given up`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let forged = bench.consortium.forgery(validUntil: Height(rawValue: 50))
        let block = try bench.block([forged], proposer: bench.leaders[View(rawValue: 1)])
        #expect(bench.handle(bench.propose(block)).votes == [.nullify(epoch: .first, view: View(rawValue: 1))])
    }

    @Test func `a block up to half a second ahead of the clock is backed, a later one only when its time has come`()
        throws
    {
        for (ahead, isBacked) in [(UInt64(500), true), (501, false)] {
            let bench = try Bench()
            bench.handle(.start)
            let block = try bench.block(
                [bench.transaction()], proposer: bench.leaders[View(rawValue: 1)], time: bench.now.milliseconds + ahead)
            #expect(bench.handle(bench.propose(block)).votes.isEmpty == !isBacked)
            if !isBacked { #expect(bench.wait(.milliseconds(1)).votes.count == 1) }
        }
    }

    @Test func `a block that nobody asked for is not kept`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let block = try bench.block(proposer: bench.leaders[View(rawValue: 1)])
        bench.handle(.received(.block(block), from: bench.others[0]))
        bench.finalize(block, view: 1)
        #expect(bench.store.position.header.height == .genesis)
    }

    @Test func `a final block that is missing is asked for, and asked for again of another`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let block = try bench.block([bench.transaction()], proposer: bench.leaders[View(rawValue: 1)])
        #expect(bench.finalize(block, view: 1).blockRequests == [block.header.hash])
        #expect(bench.wait(.seconds(1)).blockRequests == [block.header.hash])
        let effects = bench.handle(.received(.block(block), from: bench.others[1]))
        #expect(effects.committed.map(\.header.hash) == [block.header.hash])
        #expect(bench.wait(.seconds(1)).blockRequests.isEmpty)
    }

    @Test func `a notarized block is asked of the quorum when its leader has stopped`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let block = try bench.block([bench.transaction()], proposer: bench.leaders[View(rawValue: 1)])
        let statement = Statement.notarize(bench.proposal(block, view: 1, parent: 0))
        let leader = bench.leaders[View(rawValue: 1)]
        bench.handle(.received(.consensus(.vote(bench.vote(statement, leader)), nil), from: leader))
        bench.handle(.received(.consensus(.certificate(bench.certificate(statement)), nil), from: bench.others[0]))
        var asked: Set<ValidatorIndex> = []
        for _ in 0..<4 {
            for case .send(.blockRequest, .one(let peer)) in bench.wait(.seconds(1)) { asked.insert(peer) }
        }
        #expect(asked == Set(bench.others))
    }
}

@Suite("Replica: catching up")
struct CatchUpTests {
    /// A bench whose chain has grown by `count` blocks, each with a transaction.
    private func grown(by count: UInt64) throws -> Bench {
        let bench = try Bench()
        bench.handle(.start)
        for view in 1...count {
            let block = try bench.block(
                [bench.transaction(validFor: 9000)], proposer: bench.leaders[View(rawValue: view)])
            bench.finalize(block, view: view)
            bench.handle(.received(.block(block), from: bench.others[0]))
        }
        #expect(bench.store.position.header.height.rawValue == count)
        return bench
    }

    private func status(_ bench: Bench) -> Message {
        let tip = bench.store.position.header.height
        return .status(
            Status(
                epoch: .first, view: View(rawValue: tip.rawValue + 1), finalized: View(rawValue: tip.rawValue),
                height: tip))
    }

    @Test func `after a long absence the chain comes in ranges and is the same`() throws {
        let (ahead, behind) = (try grown(by: 100), try Bench())
        behind.handle(.start)
        let peer = behind.others[0]
        var asked = behind.handle(.received(.consensus(status(ahead), nil), from: peer)).rangeRequests
        #expect(asked == [Height(rawValue: 1)])
        while let from = asked.popLast() {
            for case .send(let packet, _) in ahead.handle(.received(.rangeRequest(from: from), from: ahead.others[0])) {
                guard case .range = packet else { continue }
                asked += behind.handle(.received(packet, from: peer)).rangeRequests
            }
        }
        #expect(behind.store.position == ahead.store.position)
    }

    @Test func `what nobody asked for, or no certificate proves, is not believed`() throws {
        let (ahead, behind) = (try grown(by: 5), try Bench())
        behind.handle(.start)
        var ranges: [([Block], Certificate)] = []
        for case .send(.range(let blocks, _, let certificate), _) in ahead.handle(
            .received(.rangeRequest(from: Height(rawValue: 1)), from: ahead.others[0]))
        {
            ranges.append((blocks, certificate))
        }
        let (blocks, certificate) = try #require(ranges.first)
        let (liar, asked) = (behind.others[1], behind.others[0])
        behind.handle(.received(.range(blocks, headers: [], certificate), from: liar))
        #expect(behind.store.position.header.height == .genesis)
        behind.handle(.received(.consensus(status(ahead), nil), from: asked))
        behind.handle(.received(.range(Array(blocks.dropLast()), headers: [], certificate), from: asked))
        #expect(behind.store.position.header.height == .genesis, "the certificate is for another block")
    }

    @Test func `a range with other transactions under genuine headers is refused, and another validator asked`() throws
    {
        let (ahead, behind) = (try grown(by: 5), try Bench())
        behind.handle(.start)
        var ranges: [([Block], Certificate)] = []
        for case .send(.range(let blocks, _, let certificate), _) in ahead.handle(
            .received(.rangeRequest(from: Height(rawValue: 1)), from: ahead.others[0]))
        {
            ranges.append((blocks, certificate))
        }
        let (blocks, certificate) = try #require(ranges.first)
        let (liar, honest) = (behind.others[0], behind.others[1])
        behind.handle(.received(.consensus(status(ahead), nil), from: liar))
        behind.handle(.received(.consensus(status(ahead), nil), from: honest))
        var altered = blocks
        altered[2].transactions = []
        let retry = behind.handle(.received(.range(altered, headers: [], certificate), from: liar))
        #expect(behind.store.position.header.height < Height(rawValue: 5))
        #expect(retry.rangeRequests.count == 1)
        behind.handle(.received(.range(blocks, headers: [], certificate), from: honest))
        #expect(behind.store.position == ahead.store.position)
    }

    @Test func `a claim of a height alone moves nothing but a question`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let claim = Status(
            epoch: .first, view: View(rawValue: 9), finalized: View(rawValue: 9), height: Height(rawValue: 1 << 40))
        #expect(
            bench.handle(.received(.consensus(.status(claim), nil), from: bench.others[0])).rangeRequests.count == 1)
        #expect(bench.replica.report.finalizedHeight == .genesis)
        // Nobody answers: the question is repeated now and then, and consensus goes on.
        #expect(bench.wait(.seconds(2)).rangeRequests.count == 1)
    }
}
