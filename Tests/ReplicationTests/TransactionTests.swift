import Codec
import Consensus
import Cryptography
import Ledger
import Replication
import Simulation
import Testing

@Suite("Replica: transactions")
struct TransactionTests {
    @Test func `a transaction is checked, accepted, and sent to everybody once`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let transaction = bench.transaction()
        let effects = bench.submit(transaction)
        #expect(effects.answers == [.accepted(position: 0)])
        #expect(effects.announced == [transaction])
        #expect(bench.submit(transaction).answers == [.known])
        #expect(bench.submit(transaction).announced.isEmpty)
    }

    @Test func `what can never be in a block is refused with the reason`() throws {
        let bench = try Bench()
        bench.handle(.start)
        #expect(bench.submit(bench.transaction(validFor: 0)).answers == [.refused(.expired)])
        #expect(bench.submit(bench.transaction(validFor: 10_001)).answers == [.refused(.validUntilTooFar)])
        #expect(bench.submit(bench.transaction(validFor: 10_000)).answers == [.accepted(position: 0)])
        let forged = bench.consortium.forgery(validUntil: Height(rawValue: 50))
        #expect(bench.submit(forged).answers == [.invalidSignature])
        #expect(bench.submit(forged).answers == [.invalidSignature], "the verdict is remembered")
    }

    @Test func `the leader puts what waits into its block, and what is final is not taken again`() throws {
        let bench = try Bench(leading: 1)
        bench.handle(.start)
        let transaction = bench.transaction()
        let block = try #require(bench.submit(transaction).proposed.first)
        #expect(block.transactions == [transaction])
        #expect(bench.finalize(block, view: 1).committed == [block])
        #expect(bench.replica.report.waitingTransactions == 0)
        #expect(bench.submit(transaction).answers == [.refused(.replayed)])
    }

    @Test func `a transaction in a block that was given up waits on`() throws {
        let bench = try Bench(leading: 1)
        bench.handle(.start)
        #expect(bench.submit(bench.transaction()).proposed.count == 1)
        let nullification = bench.certificate(.nullify(epoch: .first, view: View(rawValue: 1)))
        bench.handle(.received(.consensus(.certificate(nullification), nil), from: bench.others[0]))
        #expect(bench.replica.report.waitingTransactions == 1)
    }

    @Test func `a transaction that can no longer be included is given up with certainty`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let transaction = bench.transaction(validFor: 1)
        _ = bench.submit(transaction)
        let block = try bench.block(proposer: bench.leaders[View(rawValue: 1)])
        bench.handle(bench.propose(block))
        let expired = bench.finalize(block, view: 1).compactMap { effect -> [TransactionID]? in
            if case .expired(let ids) = effect { ids } else { nil }
        }
        #expect(expired == [[transaction.id]])
        #expect(bench.replica.report.waitingTransactions == 0)
    }

    @Test func `a transaction that expires at the tip does not keep the chain from being idle`() throws {
        let bench = try Bench(leading: 2)
        bench.handle(.start)
        _ = bench.submit(bench.transaction(validFor: 1))
        let block = try bench.block(proposer: bench.leaders[View(rawValue: 1)])
        bench.handle(bench.propose(block))
        let statement = Statement.notarize(bench.proposal(block, view: 1, parent: 0))
        // The transaction could only have been in block 1, which is notarized without it.
        let effects = bench.handle(
            .received(.consensus(.certificate(bench.certificate(statement)), nil), from: bench.others[0]))
        #expect(effects.proposed.isEmpty)
        #expect(bench.wait(.milliseconds(999)).proposed.isEmpty)
        #expect(bench.wait(.milliseconds(1)).proposed.map(\.transactions) == [[]], "an empty block makes the tip final")
    }

    @Test func `each hospital has its share of a block`() throws {
        let bench = try Bench(leading: 1, blockBytes: 100_000)
        // A flood through one validator's clients, and then one transaction of another's.
        let flood = (0..<60).map { _ in bench.transaction(padding: 200) }
        let single = bench.transaction()
        bench.handle(.received(.transactions(flood), from: bench.others[0]))
        bench.handle(.received(.transactions([single]), from: bench.others[1]))
        let block = try #require(bench.handle(.start).proposed.first)
        #expect(block.transactions.contains(single))
        #expect(!Set(flood).isSubset(of: block.transactions))
        #expect(block.transactions.reduce(0) { $0 + $1.bytes.count } <= 100_000)
    }

    @Test func `a repeated announcement is due once, and the clock moves on`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let transaction = bench.transaction()
        _ = bench.submit(transaction)
        #expect(bench.wait(.seconds(4)).announced == [transaction])
        #expect(bench.handle(.tick).announced.isEmpty)
        let deadline = try #require(bench.replica.nextDeadline)
        #expect(deadline > bench.now)
    }

    @Test func `the first transaction is announced at once, those on its heels together`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let (first, second, third) = (bench.transaction(), bench.transaction(), bench.transaction())
        #expect(bench.submit(first).announced == [first])
        #expect(bench.submit(second, third).announced.isEmpty)
        #expect(bench.replica.nextDeadline == bench.now + .milliseconds(4))
        #expect(bench.wait(.milliseconds(4)).announced == [second, third])
        #expect(bench.wait(.milliseconds(4)).announced.isEmpty)
    }

    @Test func `a burst is announced when it fills a packet, without waiting`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let first = bench.transaction()
        let burst = (0..<64).map { _ in bench.transaction() }
        _ = bench.submit(first)
        let effects = burst.flatMap { bench.submit($0) }
        #expect(effects.announced == burst)
    }

    @Test func `nothing waits while all that waits is in the path to build on`() throws {
        let bench = try Bench(leading: 2)
        bench.handle(.start)
        let (included, later) = (bench.transaction(), bench.transaction())
        _ = bench.submit(included)
        let block = try bench.block([included], proposer: bench.leaders[View(rawValue: 1)])
        bench.handle(bench.propose(block))
        let statement = Statement.notarize(bench.proposal(block, view: 1, parent: 0))
        let effects = bench.handle(
            .received(.consensus(.certificate(bench.certificate(statement)), nil), from: bench.others[0]))
        #expect(effects.proposed.isEmpty, "what waits is notarized already")
        #expect(bench.submit(later).proposed.map(\.transactions) == [[later]])
    }

    @Test func `a validator that comes back is told what waits here`() throws {
        let bench = try Bench()
        bench.handle(.start)
        let transaction = bench.transaction()
        _ = bench.submit(transaction)
        let sent = bench.handle(.connected(bench.others[2])).contains { effect in
            if case .send(.transactions([transaction]), .one(bench.others[2])) = effect { true } else { false }
        }
        #expect(sent)
    }
}

@Suite("Replica: restart")
struct RestartTests {
    @Test func `a leader builds on a block that was certified before everybody lost power`() throws {
        let bench = try Bench(leading: 2)
        bench.handle(.start)
        let block = try bench.block([bench.transaction()], proposer: bench.leaders[View(rawValue: 1)])
        var records = bench.handle(bench.propose(block)).records
        let statement = Statement.notarize(bench.proposal(block, view: 1, parent: 0))
        records +=
            bench.handle(
                .received(.consensus(.certificate(bench.certificate(statement)), nil), from: bench.others[0])
            ).records
        // Power fails before the proposal of view 2; the finalize votes of the others never arrive.
        bench.replica = Replica(
            bench.replica.configuration, store: bench.store, signer: bench.keys.signer(bench.index.rawValue),
            verifier: bench.keys, journal: records)
        let effects = bench.handle(.start) + bench.submit(bench.transaction())
        #expect(effects.proposed.map(\.header.parent) == [block.header.hash])
    }
}
