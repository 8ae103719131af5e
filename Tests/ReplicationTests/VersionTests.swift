import ChainStorage
import Codec
import Ledger
import Replication
import Simulation
import Testing

@Suite("Replica: versions of the rules")
struct VersionTests {
    /// A table at which version 2 counts from a height on that is some blocks above where it stands.
    private func table(old: [Int] = []) throws -> (table: Table, height: Height) {
        let table = try Table(versions: Dictionary(uniqueKeysWithValues: old.map { ($0, .first) }))
        let height = Height(rawValue: ProtocolActivation.shortestNotice + 5)
        let activation = ProtocolActivation(version: .latest, height: height)
        table.submit(table.consortium.change(.activateVersion(activation), "activation"), to: 0)
        #expect(table.run { (0..<4).allSatisfy { table.seats[$0].ledger.protocolRecord.activation == activation } })
        return (table, height)
    }

    /// Makes blocks, one a transaction, until the validators named stand at `height`.
    private func advance(_ table: Table, to height: UInt64, at validators: [Int]) -> Bool {
        while let low = validators.min(by: { table.height($0) < table.height($1) }), table.height(low).rawValue < height
        {
            let transaction = table.consortium.registration("member \(table.height(low))")
            table.submit(transaction, to: validators[0])
            guard table.run(until: { validators.allSatisfy { table.stores(transaction, at: $0) } }) else {
                return false
            }
        }
        return true
    }

    @Test func `a minority with an old program stops before the height, and the others go on`() throws {
        let (table, height) = try table(old: [2])
        #expect(advance(table, to: height.rawValue - 2, at: [0, 1, 2, 3]))
        #expect(table.seats[2].outdated == nil)
        #expect(advance(table, to: height.rawValue + 3, at: [0, 1, 3]))
        #expect(table.seats[2].outdated == ProtocolActivation(version: .latest, height: height))
        #expect(table.height(2) < height)
        #expect([0, 1, 3].allSatisfy { table.seats[$0].outdated == nil })
    }

    @Test func `an old program that is started at the height stops again, and a new one goes on from its store`() throws
    {
        let (table, height) = try table(old: [2])
        #expect(advance(table, to: height.rawValue + 2, at: [0, 1, 3]))
        let stopped = table.height(2)
        table.restart(2)
        _ = table.run(limit: 5) { table.seats[2].outdated != nil }
        #expect(table.seats[2].outdated?.height == height && stopped < height && table.height(2) < height)
        table.seats[2].supported = .latest
        table.restart(2)
        // Of four three decide: without the first, the upgraded one's vote is needed.
        table.seats[0].isAway = true
        #expect(advance(table, to: height.rawValue + 6, at: [1, 2, 3]))
    }

    @Test func `an old program that slept through the height stores what is below and stops there`() throws {
        let (table, height) = try table(old: [2])
        table.seats[2].isAway = true
        #expect(advance(table, to: height.rawValue + 10, at: [0, 1, 3]))
        table.restart(2)
        #expect(table.run { table.seats[2].outdated?.height == height })
        #expect(table.height(2).rawValue == height.rawValue - 1)
    }

    @Test func `when too many are old nothing is decided at the height, and it is once they are new`() throws {
        let (table, height) = try table(old: [1, 2])
        #expect(advance(table, to: height.rawValue - 2, at: [0, 1, 2, 3]))
        let late = table.consortium.registration("late")
        for name in ["last", "one more", "and another"] { table.submit(table.consortium.registration(name), to: 0) }
        table.submit(late, to: 0)
        #expect(table.run { [1, 2].allSatisfy { table.seats[$0].outdated != nil } })
        _ = table.run(limit: 5) { false }
        #expect((0..<4).allSatisfy { table.height($0) < height })
        for index in [1, 2] {
            table.seats[index].supported = .latest
            table.restart(index)
        }
        #expect(table.run { (0..<4).allSatisfy { table.stores(late, at: $0) } })
        #expect(advance(table, to: height.rawValue + 2, at: [0, 1, 2, 3]))
    }

    @Test func `one program executes all of a chain's history, and an old one says which block it has no rules for`()
        throws
    {
        let (table, height) = try table()
        #expect(advance(table, to: height.rawValue + 2, at: [0]))
        let source = table.seats[0].ledger
        let blocks = try (1...source.height.rawValue).map { number in
            try #require(try source.blocks.block(at: Height(rawValue: number)))
        }
        #expect(source.protocolRecord.version(at: source.height) == .latest)
        // The state is lost, the blocks are not: opening executes all of them again.
        let chain = InMemoryDatabase()
        try copy(source, blocks, into: chain)
        let again = try LedgerStore(chain: chain, state: InMemoryDatabase(), genesis: table.consortium.genesis)
        #expect(again.state.root == source.state.root && again.height == source.height)
        #expect(throws: StorageFailure.newerRules(ProtocolActivation(version: .latest, height: height))) {
            _ = try LedgerStore(
                chain: chain, state: InMemoryDatabase(), genesis: table.consortium.genesis, supporting: .first)
        }
    }

    private func copy(_ source: LedgerStore, _ blocks: [Block], into chain: InMemoryDatabase) throws {
        let copy = try LedgerStore(chain: chain, state: InMemoryDatabase(), genesis: try Consortium().genesis)
        for block in blocks {
            let context = BlockContext(height: block.header.height, time: block.header.time)
            let execution = try Transition.execute(block.transactions, at: context, over: copy)
            let update = StateTree.update(
                execution.changes, to: copy.state.root, version: context.height, in: copy)
            let certificate = try source.blocks.certificate(at: context.height)
            copy.commit([
                FinalizedBlock(block: block, certificate: certificate, execution: execution, update: update)
            ])
        }
    }
}
