import Codec
import Cryptography
import Ledger
import Testing

@Suite("State tree")
struct StateTreeTests {
    /// Random blocks of puts, overwrites and deletions, and the model beside them.
    private func history(seed: UInt64, blocks: Int, _ check: (NodeTable, [StateKey: [UInt8]]) throws -> Void) rethrows {
        var random = SeededSource(seed: seed)
        var model: [StateKey: [UInt8]] = [:]
        var table = NodeTable()
        for height in 1...blocks {
            var changes: [StateKey: [UInt8]?] = [:]
            // Deletions win in every other stretch, so that the tree shrinks to nothing now and then.
            let deletes = height / 12 % 2 == 1 ? 8 : 2
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                let isDeletion = Int.random(in: 0..<10, using: &random) < deletes
                let key = random.key(outOf: 160)
                changes.updateValue(
                    isDeletion ? nil : random.bytes(Int.random(in: 0...40, using: &random)), forKey: key)
            }
            for (key, value) in changes { model[key] = value }
            table.apply(changes, height: UInt64(height))
            try check(table, model)
            table.prune()
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `the root is that of the definition after every block`(seed: UInt64) {
        history(seed: seed, blocks: 60) { table, model in
            #expect(table.root.hash == NaiveTree.root(model), "seed \(seed)")
        }
    }

    @Test(arguments: 21...24 as ClosedRange<UInt64>)
    func `every value and every absence is found, and proved against the root`(seed: UInt64) throws {
        var random = SeededSource(seed: seed)
        try history(seed: seed, blocks: 40) { table, model in
            for _ in 0..<12 {
                let key = random.key(outOf: 160)
                #expect(try StateTree.value(of: key, at: table.root, in: table) == model[key])
                let proof = try StateTree.proof(of: key, at: table.root, in: table)
                let decoded = try StateProof(decoding: proof.encoded)
                #expect(decoded == proof)
                #expect(try decoded.verify(root: table.root.hash, key: key) == model[key])
            }
        }
    }

    @Test(arguments: 31...34 as ClosedRange<UInt64>)
    func `after pruning exactly the nodes of the root remain`(seed: UInt64) throws {
        var previous = NodeTable()
        try history(seed: seed, blocks: 60) { table, model in
            var table = table
            table.prune()
            let reachable = try reachableNodes(of: table)
            #expect(reachable.leaves == model.count)
            #expect(reachable.nodes == Set(table.nodes.keys))
            previous = table
        }
        #expect(previous.root.version > .genesis)
    }

    @Test func `the root does not depend on the order of insertion, nor on the number of blocks`() {
        var random = SeededSource(seed: 5)
        let entries = (0..<200).map { _ in (random.key(outOf: 4096), random.bytes(8)) }
        let model = Dictionary(entries, uniquingKeysWith: { $1 })
        var roots: Set<Digest> = []
        for blocks in [1, 7, 40] {
            var table = NodeTable()
            let shuffled = model.sorted { $0.key < $1.key }.shuffled(using: &random)
            for block in 0..<blocks {
                let part = shuffled.indices.filter { $0 % blocks == block }.map { shuffled[$0] }
                table.apply(
                    Dictionary(uniqueKeysWithValues: part.map { ($0.key, $0.value) }), height: UInt64(block + 1))
            }
            roots.insert(table.root.hash)
        }
        #expect(roots == [NaiveTree.root(model)])
    }

    @Test func `recent roots stay readable while their nodes are kept`() throws {
        var table = NodeTable()
        var random = SeededSource(seed: 6)
        let key = random.key(outOf: 1000)
        var roots: [(StateRoot, [UInt8]?)] = []
        for height in 1...20 {
            var changes: [StateKey: [UInt8]?] = [key: height % 5 == 0 ? nil : [UInt8(height)]]
            for _ in 0..<10 { changes.updateValue(random.bytes(4), forKey: random.key(outOf: 1000)) }
            changes.updateValue(height % 5 == 0 ? nil : [UInt8(height)], forKey: key)
            table.apply(changes, height: UInt64(height))
            roots.append((table.root, height % 5 == 0 ? nil : [UInt8(height)]))
        }
        for (root, value) in roots {
            #expect(try StateTree.proof(of: key, at: root, in: table).verify(root: root.hash, key: key) == value)
        }
    }

    @Test func `a block that changes nothing writes nothing and keeps the root`() {
        var table = NodeTable()
        var random = SeededSource(seed: 7)
        let key = random.key(outOf: 10)
        let absent = StateKey(.sha256([9, 9, 9]))
        table.apply([key: [1], absent: nil], height: 1)
        let before = table
        table.apply([key: [1], absent: nil], height: 2)
        #expect(table.root == before.root)
        #expect(table.nodes == before.nodes)
        #expect(table.lastStale.isEmpty)
    }

    @Test func `a key beside the longest shared prefix stands at depth 64`() throws {
        let first = try #require(Digest([UInt8](repeating: 0xff, count: 31) + [0xfe]))
        let second = try #require(Digest([UInt8](repeating: 0xff, count: 32)))
        var table = NodeTable()
        table.apply([StateKey(first): [1], StateKey(second): [2]], height: 1)
        #expect(table.nodes.keys.map(\.path.count).max() == NibblePath.maximumCount)
        let proof = try StateTree.proof(of: StateKey(first), at: table.root, in: table)
        #expect(proof.siblings.count == StateProof.maximumDepth)
        #expect(try StateProof(decoding: proof.encoded).verify(root: table.root.hash, key: StateKey(first)) == [1])
        table.apply([StateKey(first): nil], height: 2)
        #expect(table.nodes[table.root.node]?.count == 34)
    }

    @Test func `a node that was pruned is named`() throws {
        var table = NodeTable()
        table.apply([StateKey(.sha256([1])): [1]], height: 1)
        let old = table.root
        table.apply([StateKey(.sha256([1])): [2]], height: 2)
        table.prune()
        #expect(throws: MissingNode(key: old.node)) {
            try StateTree.value(of: StateKey(.sha256([1])), at: old, in: table)
        }
    }

    private func reachableNodes(of table: NodeTable) throws -> (nodes: Set<NodeKey>, leaves: Int) {
        var nodes: Set<NodeKey> = []
        var leaves = 0
        var pending = table.root.hash == .zero ? [] : [table.root.node]
        while let key = pending.popLast() {
            nodes.insert(key)
            let bytes = try #require(table.nodes[key])
            switch try #require(TreeNode(bytes: bytes)) {
            case .leaf: leaves += 1
            case .branch(let branch):
                for slot in 0..<16 {
                    guard let child = branch[slot] else { continue }
                    pending.append(NodeKey(version: child.version, path: key.path.appending(slot)))
                }
            }
        }
        return (nodes, leaves)
    }
}
