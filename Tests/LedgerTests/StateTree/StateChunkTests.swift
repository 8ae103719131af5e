import Codec
import Cryptography
import Ledger
import Testing

@Suite("State tree: pieces of a snapshot")
struct StateChunkTests {
    private func table(_ count: Int) -> NodeTable {
        var table = NodeTable()
        let keys = (0..<count).map { StateKey(.sha256([UInt8($0 & 255), UInt8($0 >> 8)])) }
        if count > 0 {
            table.apply(Dictionary(uniqueKeysWithValues: keys.map { ($0, $0.digest.bytes + [1, 2, 3]) }), height: 1)
        }
        return table
    }

    /// All paths with so many nibbles, in order.
    private func paths(_ depth: Int) -> [NibblePath] {
        var paths: [NibblePath] = []
        var next: NibblePath? = (0..<depth).reduce(NibblePath()) { path, _ in path.firstBelow }
        while let path = next {
            paths.append(path)
            next = path.after
            while let short = next, short.count < depth { next = short.firstBelow }
        }
        return paths
    }

    @Test func `after a path comes the next of its length, or of a shorter one`() {
        #expect(paths(1).count == 16 && paths(2).count == 256)
        #expect(NibblePath().after == nil)
        #expect(NibblePath().appending(3).appending(15).after == NibblePath().appending(4))
        #expect(NibblePath().appending(15).appending(15).after == nil)
    }

    @Test(arguments: [0, 1, 2, 17, 300], [0, 1, 2, 4])
    func `the pieces are proved one by one and together are the state`(count: Int, depth: Int) throws {
        let table = table(count)
        var built = NodeTable()
        var root = StateRoot.empty
        var seen: Set<StateKey> = []
        let paths = depth == 4 ? paths(2).map { $0.appending(1).appending(2) } : paths(depth)
        for path in paths {
            let made = try #require(try StateTree.chunk(path, at: table.root, in: table))
            let chunk = try StateChunk(decoding: made.encoded)
            try chunk.verify(root: table.root.hash, path: path)
            seen.formUnion(chunk.leaves.map(\.key))
            let update = StateTree.extend(root, with: chunk.leaves, version: Height(rawValue: 9), in: built)
            root = update.root
            built.overwrite(update)
        }
        guard depth < 4 else { return }
        #expect(seen.count == count && root.hash == table.root.hash)
    }

    @Test func `every flipped bit of a piece is refused`() throws {
        let table = table(40)
        for path in [NibblePath().appending(2), NibblePath().appending(2).appending(7)] {
            let bytes = try #require(try StateTree.chunk(path, at: table.root, in: table)).encoded
            for bit in 0..<(bytes.count * 8) {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                let isAccepted =
                    (try? StateChunk(decoding: flipped).verify(root: table.root.hash, path: path)) != nil
                #expect(!isAccepted, "bit \(bit)")
            }
        }
    }

    @Test func `a piece is no other piece, and a leaf less or one from elsewhere is noticed`() throws {
        let table = table(300)
        let (path, other) = (NibblePath().appending(2), NibblePath().appending(3))
        let chunk = try #require(try StateTree.chunk(path, at: table.root, in: table))
        let next = try #require(try StateTree.chunk(other, at: table.root, in: table))
        #expect(throws: StateProofFailure.self) { try chunk.verify(root: table.root.hash, path: other) }
        #expect(throws: StateProofFailure.self) { try chunk.verify(root: .zero, path: path) }
        let less = StateChunk(siblings: chunk.siblings, leaves: Array(chunk.leaves.dropLast()))
        #expect(throws: StateProofFailure.wrongRoot) { try less.verify(root: table.root.hash, path: path) }
        let none = StateChunk(siblings: chunk.siblings, leaves: [])
        #expect(throws: StateProofFailure.wrongRoot) { try none.verify(root: table.root.hash, path: path) }
        let more = StateChunk(siblings: chunk.siblings, leaves: chunk.leaves + [next.leaves[0]])
        #expect(throws: StateProofFailure.unrelatedLeaf) { try more.verify(root: table.root.hash, path: path) }
        let twice = StateChunk(siblings: chunk.siblings, leaves: chunk.leaves + [chunk.leaves[chunk.leaves.count - 1]])
        #expect(throws: StateProofFailure.unrelatedLeaf) { try twice.verify(root: table.root.hash, path: path) }
    }

    @Test func `what is larger than the limit is no piece, a lone leaf always is one`() throws {
        let table = table(300)
        #expect(try StateTree.chunk(NibblePath(), at: table.root, in: table, limit: 1000) == nil)
        let lone = self.table(1)
        #expect(try StateTree.chunk(NibblePath(), at: lone.root, in: lone, limit: 1) != nil)
    }

    @Test func `a path has nibbles, and at most 64 of them`() throws {
        func decode(_ nibbles: [UInt8]) throws -> NibblePath {
            var writer = CBORWriter()
            writer.write(bytes: nibbles)
            return try NibblePath(decoding: writer.bytes)
        }
        #expect(try decode([1, 15]) == NibblePath().appending(1).appending(15))
        #expect(throws: DecodingFailure.self) { try decode([16]) }
        #expect(throws: DecodingFailure.self) { try decode([UInt8](repeating: 0, count: 65)) }
    }
}
