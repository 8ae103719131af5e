import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Testing

@Suite("Ledger store")
struct LedgerStoreTests {
    private let hospital: Hospital
    private let blocks: [FinalizedBlock]
    private let reference: LedgerStore
    private let referenceState = InMemoryDatabase()

    init() throws {
        hospital = try Hospital()
        reference = try LedgerStore(
            chain: InMemoryDatabase(), state: referenceState, genesis: hospital.genesis, retention: 4)
        var blocks: [FinalizedBlock] = []
        for _ in 0..<12 {
            let block = try hospital.block(over: reference)
            reference.commit([block])
            blocks.append(block)
        }
        self.blocks = blocks
    }

    private func open(_ disk: Disk) throws -> LedgerStore {
        try LedgerStore(chain: disk.chain, state: disk.state, genesis: hospital.genesis, retention: 4)
    }

    @Test func `everything that was committed is found`() throws {
        for final in blocks {
            let header = final.block.header
            let store = reference.blocks
            #expect(try store.block(at: header.height) == final.block)
            #expect(try store.receipts(at: header.height) == final.execution.receipts)
            #expect(try store.certificate(at: header.height) == final.certificate)
            #expect(try store.height(of: header.hash) == header.height)
            for (position, transaction) in final.block.transactions.enumerated() {
                let location = try #require(try store.location(of: transaction.id))
                #expect(location.height == header.height && location.position == position)
                #expect(reference.contains(transaction.id))
            }
        }
        #expect(try reference.blocks.block(at: Height(rawValue: 13)) == nil)
        #expect(reference.contains(TransactionID(.zero)) == false)
    }

    @Test func `a transaction that was looked for in vain is found once its block is written`() throws {
        let final = try hospital.block(over: reference)
        let transaction = try #require(final.block.transactions.first)
        #expect(try reference.blocks.location(of: transaction.id) == nil)
        #expect(!reference.contains(transaction.id))
        reference.commit([final])
        #expect(reference.contains(transaction.id))
        #expect(try reference.blocks.location(of: transaction.id)?.height == final.block.header.height)
    }

    @Test func `the parameters are those of the last block, however often they were read before`() throws {
        let before = reference.parameters
        #expect(before.limits == hospital.genesis.parameters)
        var after = before
        after.limits.accessWindow += 1
        let change = StateChange(key: ParametersRecord.place, value: Leaf(after).encoded)
        reference.commit([try hospital.block(over: reference, alsoChanging: [change])])
        #expect(reference.parameters == after)
        reference.commit([try hospital.block(over: reference)])
        #expect(reference.parameters == after)
    }

    @Test func `histories are complete and in order`() throws {
        let subjects = Set(blocks.flatMap(\.execution.entries).map(\.subject))
        #expect(subjects.count > 10)
        for subject in subjects {
            let expected = blocks.flatMap(\.execution.entries).filter { $0.subject == subject }.map(\.entry)
            #expect(try reference.blocks.history(of: subject, limit: .max) == expected)
            #expect(
                try reference.blocks.history(of: subject, from: 1, limit: 2) == Array(expected.dropFirst().prefix(2)))
        }
    }

    @Test func `a block without a finalization of its own is final by a later one`() throws {
        let third = try #require(try reference.blocks.finalization(atOrAbove: Height(rawValue: 3)))
        #expect(third.height == Height(rawValue: 4))
        #expect(third.certificate.finalBlock?.hash == blocks[3].block.header.hash.digest)
        #expect(try reference.blocks.finalization(atOrAbove: Height(rawValue: 12)) == nil)
    }

    @Test func `every block is proved to be an ancestor of every later one`() throws {
        for later in blocks {
            let header = later.block.header
            for height in 0..<header.height.rawValue {
                let ancestor = Height(rawValue: height)
                let proof = try reference.blocks.ancestryProof(of: ancestor, in: header.height)
                let hash = try #require(try reference.blocks.header(at: ancestor)?.hash)
                #expect(proof.verify(hash.digest, root: header.ancestryRoot))
            }
        }
    }

    @Test func `values are proved at every retained height and at no other`() throws {
        for final in blocks {
            let header = final.block.header
            for change in final.execution.changes.prefix(3) {
                let proof = try reference.state.proof(of: change.key, at: header.height)
                if header.height.rawValue < 8 {
                    #expect(proof == nil)
                } else {
                    #expect(try proof?.verify(root: header.stateRoot, key: change.key) == change.value)
                }
            }
        }
    }

    @Test func `the state database holds the nodes of the retained roots and no others`() throws {
        var reachable: Set<NodeKey> = []
        for height in 8...12 as ClosedRange<UInt64> {
            guard let root = try reference.state.root(at: Height(rawValue: height)) else { continue }
            var pending = [root.node]
            while let key = pending.popLast() {
                let bytes = try #require(reference.node(key))
                guard reachable.insert(key).inserted, case .branch(let branch)? = TreeNode(bytes: bytes) else {
                    continue
                }
                for slot in 0..<16 {
                    guard let child = branch[slot] else { continue }
                    pending.append(NodeKey(version: child.version, path: key.path.appending(slot)))
                }
            }
        }
        let stored = referenceState.scan(from: [0x10], to: [0x11], limit: .max).compactMap {
            NodeKey(bytes: $0.key.dropFirst())
        }
        #expect(Set(stored) == reachable)
    }

    @Test func `a batch of blocks leaves what the blocks one by one leave`() throws {
        let (chain, state) = (InMemoryDatabase(), InMemoryDatabase())
        let store = try LedgerStore(chain: chain, state: state, genesis: hospital.genesis, retention: 4)
        store.commit(blocks)
        #expect(store.tip == reference.tip)
        let all = { (database: InMemoryDatabase) in database.scan(from: [], to: nil, limit: .max) }
        #expect(all(state) == all(referenceState))
    }

    @Test func `a crash before any write loses nothing that a commit returned from, and the rest goes on`() throws {
        var writes = 0
        while true {
            let disk = Disk(writes: writes)
            var durable: UInt64 = 0
            // A machine that stops while the store is opened for the first time does not see it open.
            if let store = try? open(disk) {
                for block in blocks where !disk.hasStopped {
                    store.commit([block])
                    if !disk.hasStopped { durable = block.block.header.height.rawValue }
                }
            }
            let finished = !disk.hasStopped
            // The power failed too: what was not synced is gone, all of it or its last part.
            for lost in [0, disk.state.memory.unsyncedCount / 2, disk.state.memory.unsyncedCount] {
                let survivor = Disk(
                    chain: disk.chain.memory.afterCrash(losing: disk.chain.memory.unsyncedCount),
                    state: disk.state.memory.afterCrash(losing: lost))
                let store = try open(survivor)
                #expect(store.height.rawValue >= durable, "after \(writes) writes")
                #expect(try store.state.root.hash == store.blocks.header(at: store.height)?.stateRoot)
                for block in blocks.dropFirst(Int(store.height.rawValue)) { store.commit([block]) }
                #expect(store.tip == reference.tip)
                #expect(
                    survivor.state.memory.scan(from: [], to: nil, limit: .max)
                        == referenceState.scan(from: [], to: nil, limit: .max), "after \(writes) writes")
            }
            if finished { break }
            writes += 1
        }
        #expect(writes > 24)
    }

    @Test func `a home of another chain is refused`() throws {
        let other = try Hospital(name: "Other hospital").genesis
        let disk = Disk()
        _ = try open(disk)
        #expect(throws: StorageFailure.otherChain(expected: other.chain, found: hospital.genesis.chain)) {
            try LedgerStore(chain: disk.chain, state: disk.state, genesis: other)
        }
    }

    @Test func `a state that the chain does not reach is refused`() throws {
        let disk = Disk()
        try open(disk).commit([blocks[0]])
        #expect(throws: StorageFailure.self) {
            try LedgerStore(chain: InMemoryDatabase(), state: disk.state, genesis: hospital.genesis)
        }
    }

    @Test func `a process that is killed at any height leaves files that open at that height`() throws {
        let directory = try TemporaryDirectory()
        let open = { (home: String) in
            try LedgerStore(
                chain: try LevelDB(path: "\(home)/chain", options: .small),
                state: try LevelDB(path: "\(home)/state", options: .small), genesis: hospital.genesis)
        }
        try directory.create("home")
        let store = try open(directory.file("home"))
        for block in blocks {
            store.commit([block])
            let killed = "killed at \(block.block.header.height)"
            try directory.copy("home", to: killed)
            let survivor = try open(directory.file(killed))
            #expect(survivor.tip == store.tip)
            #expect(survivor.state.root == store.state.root)
        }
    }

    @Test func `a store on LevelDB is what it was when it is opened again`() throws {
        let directory = try TemporaryDirectory()
        let open = {
            try LedgerStore(
                chain: try LevelDB(path: directory.file("chain"), options: .small),
                state: try LevelDB(path: directory.file("state"), options: .small), genesis: hospital.genesis)
        }
        try open().commit(Array(blocks[..<5]))
        try open().commit(Array(blocks[5...]))
        let store = try open()
        #expect(store.tip == reference.tip)
        #expect(store.state.root == reference.state.root)
        #expect(try store.blocks.block(at: Height(rawValue: 7)) == blocks[6].block)
    }
}
