import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication
import Simulation
import Testing

@Suite("Replica: epochs")
struct EpochTests {
    private func epoch(_ table: Table, _ index: Int) -> UInt64 { table.seats[index].replica.report.epoch.rawValue }

    private func isValidator(_ table: Table, _ index: Int) -> Bool { table.seats[index].replica.report.place != nil }

    @Test func `a node that is no validator follows, and takes part once it is added`() throws {
        let table = try Table(guests: 1)
        #expect(!isValidator(table, 4))
        let before = table.consortium.registration("before")
        table.submit(before, to: 0)
        #expect(table.run { table.stores(before, at: 4) })
        let candidate = table.consortium.candidate(table.consortium.guest(0), at: "guest")
        table.submit(table.consortium.change(.addValidator(candidate), "add"), to: 1)
        #expect(table.run { (0..<5).allSatisfy { epoch(table, $0) == 1 && isValidator(table, $0) } })
        // Of five validators four decide: without the first, the new one's vote is needed.
        table.seats[0].isAway = true
        let after = table.consortium.registration("after")
        table.submit(after, to: 4)
        #expect(table.run { (1..<5).allSatisfy { table.stores(after, at: $0) } })
    }

    @Test func `a node that follows hands on what its clients bring`() throws {
        let table = try Table(guests: 1)
        let transaction = table.consortium.registration("clinician")
        table.submit(transaction, to: 4)
        #expect(table.run { (0..<5).allSatisfy { table.stores(transaction, at: $0) } })
    }

    @Test func `a validator that was removed follows and serves, and its vote is not needed`() throws {
        let table = try Table(guests: 1)
        let candidate = table.consortium.candidate(table.consortium.guest(0), at: "guest")
        table.submit(table.consortium.change(.addValidator(candidate), "add"), to: 1)
        #expect(table.run { (0..<5).allSatisfy { epoch(table, $0) == 1 } })
        let first = table.consortium.genesis.validators[0].id
        table.submit(table.consortium.change(.removeValidator(first), "remove"), to: 1)
        #expect(table.run { (0..<5).allSatisfy { epoch(table, $0) == 2 } })
        #expect(!isValidator(table, 0))
        let after = table.consortium.registration("after")
        table.submit(after, to: 0)
        #expect(table.run { (0..<5).allSatisfy { table.stores(after, at: $0) } })
    }

    @Test func `a whole set is replaced one by one, and whoever was away finds the way through all epochs`() throws {
        let table = try Table(guests: 4)
        table.seats[7].isAway = true
        for index in 0..<4 {
            let candidate = table.consortium.candidate(table.consortium.guest(index), at: "guest \(index)")
            let old = table.consortium.genesis.validators[index].id
            table.submit(table.consortium.change(.replaceValidator(old, candidate), "\(index)"), to: index)
            let others = (0..<7).filter { !table.seats[$0].isAway }
            #expect(
                table.run { others.allSatisfy { epoch(table, $0) == UInt64(index + 1) } }, "epoch \(index + 1)")
            // Nobody waits for the one that has not joined yet.
            let transaction = table.consortium.registration("in epoch \(index + 1)")
            table.submit(transaction, to: 4)
            #expect(table.run { others.allSatisfy { table.stores(transaction, at: $0) } }, "epoch \(index + 1)")
        }
        table.restart(7)
        #expect(table.run { epoch(table, 7) == 4 && isValidator(table, 7) })
        table.seats[4].isAway = true
        let last = table.consortium.registration("last")
        table.submit(last, to: 7)
        #expect(table.run { (5..<8).allSatisfy { table.stores(last, at: $0) } })
    }

    @Test(arguments: 0..<12)
    func `a restart at any moment around a boundary loses nothing`(step: Int) throws {
        let table = try Table(guests: 1)
        let candidate = table.consortium.candidate(table.consortium.guest(0), at: "guest")
        let old = table.consortium.genesis.validators[3].id
        table.submit(table.consortium.change(.replaceValidator(old, candidate), "replace"), to: 0)
        var left = step
        _ = table.run {
            left -= 1
            return left < 0
        }
        for index in 0..<5 { table.restart(index) }
        #expect(table.run { (0..<5).allSatisfy { epoch(table, $0) == 1 } })
        let transaction = table.consortium.registration("after")
        table.submit(transaction, to: 4)
        #expect(table.run { [0, 1, 2, 4].allSatisfy { table.stores(transaction, at: $0) } })
        for index in 0..<5 { table.restart(index) }
        let again = table.consortium.registration("after another restart")
        table.submit(again, to: 1)
        #expect(table.run { [0, 1, 2, 4].allSatisfy { table.stores(again, at: $0) } })
    }

    @Test func `a validator that slept through the boundary is told what closed the epoch`() throws {
        let table = try Table(guests: 1)
        table.seats[2].isAway = true
        let candidate = table.consortium.candidate(table.consortium.guest(0), at: "guest")
        table.submit(table.consortium.change(.addValidator(candidate), "add"), to: 1)
        #expect(table.run { [0, 1, 3, 4].allSatisfy { epoch(table, $0) == 1 } })
        table.restart(2)
        #expect(table.run { epoch(table, 2) == 1 })
    }

    private func hasAbstained(_ table: Table, _ index: Int) -> Bool {
        table.seats[index].journal.contains { if case .abstains = $0 { true } else { false } }
    }

    private func isLost(_ table: Table, _ index: Int) -> Bool {
        table.seats[index].journal.contains { if case .lost = $0 { true } else { false } }
    }

    @Test func `whoever lost its journal just before an epoch ended asks again in the next`() throws {
        let table = try Table(guests: 1)
        let before = table.consortium.registration("before")
        table.submit(before, to: 0)
        #expect(table.run { (0..<5).allSatisfy { table.stores(before, at: $0) } })
        table.restartWithoutJournal(3)
        #expect(table.run { hasAbstained(table, 3) })
        // The next block closes the epoch: for all that validator 3 knows, it had seen that block final before.
        let candidate = table.consortium.candidate(table.consortium.guest(0), at: "guest")
        table.submit(table.consortium.change(.addValidator(candidate), "add"), to: 0)
        #expect(table.run { epoch(table, 3) == 1 })
        #expect(isLost(table, 3) && !table.seats[3].replica.report.engine.takesPart)
        // A restart does not make it speak either.
        table.restart(3)
        #expect(!table.seats[3].replica.report.engine.takesPart)
        #expect(table.run { table.seats[3].replica.report.engine.takesPart })
        #expect(hasAbstained(table, 3))
        // Of five validators four decide.
        table.seats[0].isAway = true
        let after = table.consortium.registration("after")
        table.submit(after, to: 3)
        #expect(table.run { (1..<5).allSatisfy { table.stores(after, at: $0) } })
    }

    @Test(arguments: [false, true])
    func `whoever saw the epoch go on after its journal was lost speaks in the next at once`(restarted: Bool) throws {
        let table = try Table(guests: 1)
        let before = table.consortium.registration("before")
        table.submit(before, to: 0)
        #expect(table.run { (0..<5).allSatisfy { table.stores(before, at: $0) } })
        table.restartWithoutJournal(3)
        #expect(table.run { hasAbstained(table, 3) })
        for number in 1...4 {
            let transaction = table.consortium.registration("\(number)")
            table.submit(transaction, to: 0)
            #expect(table.run { (0..<5).allSatisfy { table.stores(transaction, at: $0) } })
        }
        if restarted { table.restart(3) }
        let candidate = table.consortium.candidate(table.consortium.guest(0), at: "guest")
        table.submit(table.consortium.change(.addValidator(candidate), "add"), to: 0)
        #expect(table.run { epoch(table, 3) == 1 })
        #expect(!isLost(table, 3) && table.seats[3].replica.report.engine.takesPart)
    }

    @Test func `the journal of an epoch begins with what opened it`() throws {
        let table = try Table(guests: 1)
        let candidate = table.consortium.candidate(table.consortium.guest(0), at: "guest")
        table.submit(table.consortium.change(.addValidator(candidate), "add"), to: 1)
        #expect(table.run { (0..<5).allSatisfy { epoch(table, $0) == 1 } })
        for seat in table.seats {
            guard case .epochStart(let epoch, let certificate?, let validators) = try #require(seat.journal.first)
            else {
                Issue.record("the first record is another one")
                continue
            }
            #expect(epoch == Epoch(rawValue: 1) && validators.count == 5)
            let opening = try seat.ledger.blocks.opening(of: 1)
            #expect(opening?.height == certificate.finalBlock?.height)
            #expect(opening?.validators.keys == validators.keys.map(KeyID.init))
        }
    }
}

@Suite("Replica: blocks at the end of an epoch")
struct ClosingBlockTests {
    /// A bench with a block that closes the epoch, backed by everybody but not final.
    private func closed() throws -> (Bench, Block) {
        let bench = try Bench()
        let change = bench.consortium.change(.addValidator(bench.consortium.candidate(4)))
        let leader = bench.leaders[View(rawValue: 1)]
        let block = try bench.block([change], proposer: leader) { header in
            let keys = bench.validators.keys + [SymbolicKeys.key(4)]
            header.nextValidatorsHash = ValidatorSetRecord(keys: keys.map(KeyID.init)).hash
        }
        bench.handle(.start)
        return (bench, block)
    }

    private func notarized(_ bench: Bench, _ block: Block) -> [Replication.Effect] {
        let statement = Statement.notarize(bench.proposal(block, view: 1, parent: 0))
        return bench.handle(
            .received(.consensus(.certificate(bench.certificate(statement)), nil), from: bench.others[0]))
    }

    @Test func `a block that hides its change of the set, or claims one, is given up`() throws {
        let (bench, honest) = try closed()
        var header = honest.header
        header.nextValidatorsHash = header.validatorsHash
        let effects = bench.handle(bench.propose(Block(header: header, transactions: honest.transactions)))
        #expect(effects.votes.contains { $0.kind == .nullify })
        let other = try Bench()
        other.handle(.start)
        let leader = other.leaders[View(rawValue: 1)]
        let claim = try other.block(proposer: leader) { $0.nextValidatorsHash = .sha256([1]) }
        #expect(other.handle(other.propose(claim)).votes.contains { $0.kind == .nullify })
    }

    @Test func `only the closing block itself is backed on a closing block`() throws {
        let (bench, block) = try closed()
        bench.handle(bench.propose(block))
        _ = notarized(bench, block)
        let again = bench.proposal(block, view: 2, parent: 1)
        let notarization = bench.certificate(.notarize(bench.proposal(block, view: 1, parent: 0)))
        let leader = bench.leaders[View(rawValue: 2)]
        let vote = bench.vote(.notarize(again), leader)
        let propose = Propose(vote: vote, justification: Justification([notarization]))
        let effects = bench.handle(.received(.consensus(.propose(propose), block), from: leader))
        #expect(effects.votes.contains(.notarize(again)))
    }

    @Test func `a leader proposes the closing block again until it is final, with nothing on it`() throws {
        let (bench, block) = try closed()
        bench.handle(bench.propose(block))
        _ = notarized(bench, block)
        var proposed: [Block] = []
        for view in UInt64(2)...4 {
            if bench.leaders[View(rawValue: view)] == bench.index {
                for _ in 0..<20 where proposed.isEmpty { proposed += bench.wait(.milliseconds(500)).proposed }
                break
            }
            let nullify = Statement.nullify(epoch: .first, view: View(rawValue: view))
            bench.handle(
                .received(.consensus(.certificate(bench.certificate(nullify)), nil), from: bench.others[0]))
        }
        #expect(proposed.map(\.header.hash) == [block.header.hash])
    }

    @Test func `a block on the closing block is invalid in the old epoch`() throws {
        let (bench, block) = try closed()
        bench.handle(bench.propose(block))
        _ = notarized(bench, block)
        let leader = bench.leaders[View(rawValue: 2)]
        var header = block.header
        header.height = header.height.next
        header.parent = block.header.hash
        header.time = Timestamp(rawValue: header.time.rawValue + 1)
        header.transactionsRoot = Block.transactionsRoot(of: [])
        header.receiptsRoot = Block.receiptsRoot(of: [])
        header.validatorsHash = block.header.nextValidatorsHash
        header.proposer = leader.rawValue
        let child = Block(header: header, transactions: [])
        let notarization = bench.certificate(.notarize(bench.proposal(block, view: 1, parent: 0)))
        let vote = bench.vote(.notarize(bench.proposal(child, view: 2, parent: 1)), leader)
        let propose = Propose(vote: vote, justification: Justification([notarization]))
        let effects = bench.handle(.received(.consensus(.propose(propose), child), from: leader))
        #expect(effects.votes.contains(.nullify(epoch: .first, view: View(rawValue: 2))))
    }
}
