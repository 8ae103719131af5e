import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication
import Simulation
import Testing

@Suite("Joining by a snapshot")
struct JoinTests {
    /// A ledger with a snapshot every 20 heights, of which states are provable for 30 below the tip.
    private func ledger(_ height: UInt64, changesSet: Bool = false) throws -> LongLedger {
        var ledger = try LongLedger { genesis in
            try LedgerStore(
                chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: genesis, retention: 30,
                snapshotInterval: 20)
        }
        if changesSet {
            ledger.grow(to: height / 3)
            ledger.addValidator(4)
            ledger.grow(to: height / 2)
            ledger.addValidator(5)
        }
        ledger.grow(to: height)
        return ledger
    }

    private func home(for ledger: LongLedger) throws -> JoiningHome {
        try JoiningHome(
            chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: ledger.genesis, keys: ledger.keys)
    }

    /// The filled home as a node opens it, which has to be what the source was at the snapshot.
    private func open(_ home: JoiningHome, like ledger: LongLedger, at height: UInt64) throws -> LedgerStore {
        let store = try LedgerStore(chain: home.chain, state: home.state, genesis: ledger.genesis, retention: 30)
        #expect(store.height.rawValue == height && store.blocks.origin == store.height)
        let header = try #require(try ledger.store.blocks.header(at: store.height))
        #expect(store.state.root.hash == header.stateRoot && store.tip.hash == header.hash)
        for number in 1...height {
            let height = Height(rawValue: number)
            #expect(try store.blocks.block(at: height) == ledger.store.blocks.block(at: height))
            #expect(try store.blocks.receipts(at: height) == ledger.store.blocks.receipts(at: height))
        }
        return store
    }

    @Test func `a node that never existed is filled and goes on with the blocks after the snapshot`() throws {
        var ledger = try ledger(50, changesSet: true)
        let home = try home(for: ledger)
        #expect(JoinScene(ledger, home: home).run())
        let store = try open(home, like: ledger, at: 40)
        // It executes what comes, and comes to the same states.
        ledger.grow(to: 90)
        try Self.follow(ledger, until: 90, in: store)
        // It helps the next one with what it was filled from.
        #expect(store.state.snapshots == [Height(rawValue: 40)])
    }

    @Test func `a filled home is checked like any other, down to the last byte`() throws {
        var ledger = try ledger(50, changesSet: true)
        let home = try home(for: ledger)
        #expect(JoinScene(ledger, home: home).run())
        let store = try LedgerStore(
            chain: home.chain, state: home.state, genesis: ledger.genesis, retention: 30, snapshotInterval: 20)
        ledger.grow(to: 100)
        try Self.follow(ledger, until: 100, in: store)
        #expect(store.state.snapshots.last == Height(rawValue: 100))
        var check = IntegrityCheck(genesis: ledger.genesis, snapshotInterval: 20)
        check.checksSignatures = false
        check.verifier = ledger.keys
        let summary = try check.check(
            chain: home.chain, state: home.state, scratch: (InMemoryDatabase(), InMemoryDatabase()))
        #expect(summary.height.rawValue == 100)
        var batch = WriteBatch()
        let entry = try #require(try home.state.scan(from: [0x10], to: [0x11], limit: 1).first)
        batch.put(entry.key, entry.value.dropLast() + [(entry.value.last ?? 0) ^ 1])
        home.state.write(batch, isSynced: true)
        #expect(throws: IntegrityFinding.self) {
            try check.check(
                chain: home.chain, state: home.state, scratch: (InMemoryDatabase(), InMemoryDatabase()))
        }
    }

    /// Executes the ledger's blocks above the store's.
    private static func follow(_ ledger: LongLedger, until height: UInt64, in store: LedgerStore) throws {
        while store.height.rawValue < height {
            let block = try #require(try ledger.store.blocks.block(at: store.height.next))
            let context = BlockContext(height: block.header.height, time: block.header.time)
            let execution = try Transition.execute(block.transactions, at: context, over: store)
            let update = StateTree.update(execution.changes, to: store.state.root, version: context.height, in: store)
            #expect(update.root.hash == block.header.stateRoot)
            store.commit([
                FinalizedBlock(
                    block: block, certificate: try ledger.store.blocks.certificate(at: context.height),
                    execution: execution, update: update)
            ])
        }
    }

    @Test func `the transactions of old blocks cannot be included again`() throws {
        let ledger = try ledger(50)
        let home = try home(for: ledger)
        #expect(JoinScene(ledger, home: home).run())
        let store = try open(home, like: ledger, at: 40)
        let block = try #require(try store.blocks.block(at: Height(rawValue: 38)))
        #expect(throws: TransactionRefusal.replayed) {
            try Transition.admit(block.transactions[0], tip: store.height, over: store)
        }
    }

    @Test func `a history that began before the snapshot is refused, not told in part`() throws {
        let ledger = try ledger(50)
        let home = try home(for: ledger)
        #expect(JoinScene(ledger, home: home).run())
        let store = try open(home, like: ledger, at: 40)
        let organization = Subject.organization(ledger.genesis.organizations[0].id)
        #expect(throws: StorageFailure.notKept(before: Height(rawValue: 40))) {
            try store.blocks.history(of: organization, from: 0, limit: 10, count: 40)
        }
        #expect(try store.blocks.history(of: organization, from: 40, limit: 10, count: 40).isEmpty)
    }

    @Test(arguments: [1, 2, 3, 7, 20])
    func `a node that is stopped again and again goes on where it was`(steps: Int) throws {
        let ledger = try ledger(50, changesSet: true)
        let home = try home(for: ledger)
        let scene = JoinScene(ledger, home: home)
        var answers = 0
        while !home.isFinished {
            let before = scene.answers
            #expect(scene.run { scene.answers >= before + steps + 5 })
            answers += 1
            try #require(answers < 1000)
            if !home.isFinished { try scene.restart() }
        }
        _ = try open(home, like: ledger, at: 40)
        #expect(home.blocks == 40, "no block is fetched twice")
    }

    @Test(arguments: JoinScene.Lie.allCases)
    func `a helper that lies changes nothing, and is counted`(lie: JoinScene.Lie) throws {
        let ledger = try ledger(50, changesSet: true)
        let home = try home(for: ledger)
        #expect(JoinScene(ledger, home: home, lies: [1: lie]).run(), "\(lie)")
        _ = try open(home, like: ledger, at: 40)
        switch lie {
        case .falseOffer: #expect(home.joiner.lies.isEmpty)
        case .silence:
            // Whoever sent nothing is asked only when all others have sent nothing either.
            #expect(home.joiner.lies.isEmpty && home.joiner.silences == [ValidatorIndex(rawValue: 1): 1])
        default: #expect(home.joiner.lies[ValidatorIndex(rawValue: 1), default: 0] > 0, "\(lie)")
        }
        #expect(home.joiner.lies.keys.allSatisfy { $0.rawValue == 1 })
    }

    /// The last one: a helper is silent when the others have gone on to a later snapshot.
    @Test(arguments: Array(UInt64(0)..<6) + [169])
    func `whatever a helper sends, whenever the process ends, the home is what the ledger was`(seed: UInt64) throws {
        let outcome = try JoinSwarm.run(seed: seed)
        #expect(outcome.violation == nil, "seed \(seed)")
    }

    @Test func `a snapshot that two of four claim falsely is the one that the honest two have, or none`() throws {
        let ledger = try ledger(50)
        let home = try home(for: ledger)
        // More than f: what they agree on is believed to exist, and nobody serves it.
        let scene = JoinScene(ledger, home: home, lies: [1: .silence])
        #expect(scene.run())
        _ = try open(home, like: ledger, at: 40)
    }

    @Test func `when the helpers have gone on to a later snapshot, that is fetched`() throws {
        var ledger = try ledger(50)
        let home = try home(for: ledger)
        let scene = JoinScene(ledger, home: home)
        #expect(scene.run { home.isFetchingState })
        ledger.grow(to: 200)
        #expect(scene.run())
        _ = try open(home, like: ledger, at: 200)
    }

    @Test func `a home that is being filled is no home yet`() throws {
        let ledger = try ledger(50)
        let home = try home(for: ledger)
        let scene = JoinScene(ledger, home: home)
        #expect(scene.run { home.blocks > 0 })
        #expect(throws: StorageFailure.unfinished) {
            _ = try LedgerStore(chain: home.chain, state: home.state, genesis: ledger.genesis)
        }
    }

    @Test func `snapshots stay whole until a later one has left the retained heights, and nothing else stays`() throws {
        var ledger = try ledger(1)
        for height in stride(from: UInt64(10), through: 300, by: 10) {
            ledger.grow(to: height)
            let state = ledger.store.state
            for snapshot in state.snapshots {
                // Every node of it is there.
                #expect(try state.chunk(NibblePath(), at: snapshot) != nil, "\(snapshot) at \(height)")
            }
            if height >= 60 { #expect(state.snapshots.count <= 3 && !state.snapshots.isEmpty, "at \(height)") }
        }
    }

    @Test func `what is longer than its bound does not decode`() throws {
        func decodes(_ message: JoinMessage) -> Bool { (try? JoinMessage(decoding: message.encoded)) != nil }
        let longest = (0..<StateChunk.maximumDepth).reduce(NibblePath()) { path, _ in path.firstBelow }
        #expect(decodes(.chunkRequest(.genesis, longest)) && !decodes(.chunkRequest(.genesis, longest.firstBelow)))
        func chunk(siblings: Int, leaves: Int) -> JoinMessage {
            let leaf = StateChunk.Leaf(key: ValidatorSetRecord.key(.only), value: [])
            return .chunk(
                .genesis, longest,
                StateChunk(
                    siblings: Array(repeating: .zero, count: siblings), leaves: Array(repeating: leaf, count: leaves)))
        }
        #expect(decodes(chunk(siblings: 16, leaves: 0)) && !decodes(chunk(siblings: 17, leaves: 0)))
        let most = StateChunk.maximumBytes / 34
        #expect(decodes(chunk(siblings: 0, leaves: most)) && !decodes(chunk(siblings: 0, leaves: most + 1)))
    }

    @Test func `an empty node whose peers are far asks for a snapshot once, and one liar is not believed`() throws {
        var ledger = try ledger(1)
        ledger.grow(to: 2)
        func replica() throws -> Replica<StoredChain> {
            Replica(
                .init(
                    chain: ledger.genesis.chain, validators: LongLedger.set(of: ledger.genesis.validatorSet),
                    index: ValidatorIndex(rawValue: 0), joinDistance: 100),
                store: StoredChain(
                    ledger: try LedgerStore(
                        chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: ledger.genesis)),
                signer: ledger.keys.signer(0), verifier: ledger.keys, journal: [])
        }
        func claim(_ height: UInt64, by peer: Int) -> Event {
            let status = Consensus.Status(
                epoch: .first, view: View(rawValue: 1), finalized: .genesis, height: Height(rawValue: height))
            return .received(.consensus(.status(status), nil), from: ValidatorIndex(rawValue: peer))
        }
        func joins(_ effects: [Replication.Effect]) -> Int {
            effects.count { if case .join = $0 { true } else { false } }
        }
        var node = try replica()
        let now = Instant(microseconds: 1_800_000_000_000_000)
        #expect(joins(node.handle([.start], now: now)) == 0)
        #expect(joins(node.handle([claim(1_000_000, by: 1)], now: now)) == 0)
        #expect(joins(node.handle([claim(99, by: 2)], now: now)) == 0)
        #expect(joins(node.handle([claim(100, by: 2)], now: now)) == 1)
        #expect(joins(node.handle([claim(200, by: 3)], now: now)) == 0)
    }
}
