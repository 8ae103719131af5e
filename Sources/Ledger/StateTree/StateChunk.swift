public import Codec
public import Cryptography

/// All leaves of the state whose keys begin with some nibbles, with the proof that they are in a state and that there are
/// no others: a piece of a snapshot that is believed, or not, by itself.
///
/// `[siblings, [[key, value]…]]`: the hashes of the subtrees beside the way from the root to the one that holds the
/// leaves, root first, 32 zero bytes for an empty one; the leaves ascend. The way has four levels for each nibble, fewer
/// where it ends above at a subtree with one leaf, which may then be another key's, or with none.
public struct StateChunk: Hashable, Sendable {
    /// The most nibbles that a chunk's keys share: 65 536 chunks.
    public static let maximumDepth = 4
    /// The bytes of keys and values above which a chunk is not made, but one of each nibble more instead.
    public static let maximumBytes = 1 << 20
    /// The most leaves that a decoder follows: a leaf has a key of 32 bytes and a head of two.
    static let maximumLeaves = maximumBytes / 34

    /// A key with its value.
    public struct Leaf: Hashable, Sendable {
        /// The place.
        public let key: StateKey
        /// What stands there.
        public let value: [UInt8]

        /// A leaf.
        package init(key: StateKey, value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// The subtrees beside the way, root first.
    public let siblings: [Digest]
    /// The leaves, ascending.
    public let leaves: [Leaf]

    package init(siblings: [Digest], leaves: [Leaf]) {
        self.siblings = siblings
        self.leaves = leaves
    }

    /// Checks that these are the leaves below `path`, and all of them.
    ///
    /// - Parameters:
    ///   - root: What a final header commits to.
    ///   - path: At most ``maximumDepth`` nibbles.
    /// - Throws: ``StateProofFailure`` when they are not.
    public func verify(root: Digest, path: NibblePath) throws(StateProofFailure) {
        guard siblings.count <= path.count * 4, siblings.count == path.count * 4 || leaves.count <= 1 else {
            throw .wrongRoot
        }
        guard zip(leaves, leaves.dropFirst()).allSatisfy({ $0.key < $1.key }),
            leaves.allSatisfy({ path.agrees(with: $0.key, bits: siblings.count) })
        else { throw .unrelatedLeaf }
        var hash = Self.hash(leaves[...], below: siblings.count)
        for level in siblings.indices.reversed() {
            let isRight = path[level / 4] & (8 >> UInt8(level % 4)) != 0
            hash = isRight ? TreeHash.branch(siblings[level], hash) : TreeHash.branch(hash, siblings[level])
        }
        guard hash == root else { throw .wrongRoot }
    }

    /// The hash of the subtree with these leaves, `depth` binary levels below the root.
    private static func hash(_ leaves: ArraySlice<Leaf>, below depth: Int) -> Digest {
        guard let first = leaves.first else { return .zero }
        if leaves.count == 1 { return TreeHash.leaf(first.key, valueHash: TreeHash.value(first.value)) }
        var (low, high) = (leaves.startIndex, leaves.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if leaves[middle].key.digest.isSet(depth) { high = middle } else { low = middle + 1 }
        }
        return TreeHash.branch(hash(leaves[..<low], below: depth + 1), hash(leaves[low...], below: depth + 1))
    }
}

extension Digest {
    fileprivate func isSet(_ bit: Int) -> Bool { nibble(at: bit >> 2) & (8 >> UInt8(bit & 3)) != 0 }
}

extension NibblePath {
    /// Whether a key and these nibbles have the same first bits.
    fileprivate func agrees(with key: StateKey, bits: Int) -> Bool {
        (0..<bits).allSatisfy { bit in
            (self[bit / 4] ^ key.digest.nibble(at: bit / 4)) & (8 >> UInt8(bit % 4)) == 0
        }
    }

    /// The first of the paths that are one nibble longer.
    public var firstBelow: NibblePath { appending(0) }

    /// What comes after this path and everything below it, when all keys are walked in order; nothing at the end.
    public var after: NibblePath? {
        var nibbles = (0..<count).map { Int(self[$0]) }
        while let last = nibbles.popLast() {
            if last < 15 { return (nibbles + [last + 1]).reduce(NibblePath()) { $0.appending($1) } }
        }
        return nil
    }
}

extension StateTree {
    /// The chunk of the leaves below `path`; nothing when they have more than `limit` bytes.
    public static func chunk(
        _ path: NibblePath, at root: StateRoot, in reader: some StateTreeReader, limit: Int = StateChunk.maximumBytes
    ) throws(MissingNode) -> StateChunk? {
        var siblings: [Digest] = []
        guard var name = root.hash == .zero ? nil : root.node else { return StateChunk(siblings: [], leaves: []) }
        while name.path.count < path.count {
            guard case .branch(let branch) = try node(name, in: reader) else { break }
            guard let next = branch.descend(along: path, from: name.path, siblings: &siblings) else {
                return StateChunk(siblings: siblings, leaves: [])
            }
            name = next
        }
        var leaves: [StateChunk.Leaf] = []
        var rest = limit
        guard try collect(name, into: &leaves, &rest, in: reader) else { return nil }
        return StateChunk(siblings: siblings, leaves: leaves)
    }

    private static func collect(
        _ name: NodeKey, into leaves: inout [StateChunk.Leaf], _ rest: inout Int, in reader: some StateTreeReader
    ) throws(MissingNode) -> Bool {
        switch try node(name, in: reader) {
        case .leaf(let leaf):
            rest -= leaf.value.count + 34
            // A lone value is never too long: nothing would divide it.
            guard rest >= 0 || leaves.isEmpty else { return false }
            leaves.append(StateChunk.Leaf(key: leaf.key, value: leaf.value))
        case .branch(let branch):
            for slot in 0..<16 {
                guard let child = branch[slot] else { continue }
                let next = NodeKey(version: child.version, path: name.path.appending(slot))
                guard try collect(next, into: &leaves, &rest, in: reader) else { return false }
            }
        }
        return true
    }

    /// Adds a proven chunk's leaves to a tree that is put together from chunks: all of its nodes have the snapshot's
    /// height as their version, and one that changes is written again under its name.
    ///
    /// - Parameter reader: Holds every node of `root`.
    package static func extend(
        _ root: StateRoot, with leaves: [StateChunk.Leaf], version: Height, in reader: some StateTreeReader
    ) -> TreeUpdate {
        var walk = UpdateWalk(
            changes: leaves.map { StateChange(key: $0.key, value: $0.value) }, version: version, reader: reader)
        let outcome = walk.apply(to: root)
        if case .unchanged = outcome { return TreeUpdate(root: root, nodes: [], stale: []) }
        let hash = walk.place(outcome, at: NibblePath())?.hash ?? .zero
        return TreeUpdate(root: StateRoot(hash: hash, version: version), nodes: walk.nodes, stale: [])
    }
}

extension StateChunk: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        siblings = try reader.readArray(max: Self.maximumDepth * 4)
        leaves = try reader.readArray(max: Self.maximumLeaves)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(array: siblings)
        writer.write(array: leaves)
    }
}

extension StateChunk.Leaf: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        key = try reader.read()
        value = Array(try reader.readBytes(max: StateProof.maximumValueLength))
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(key)
        writer.write(bytes: value)
    }
}

extension NibblePath: CBORCodable {
    /// A byte string of the nibbles, one a byte, at most ``maximumCount``.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let bytes = try reader.readBytes(max: Self.maximumCount)
        guard bytes.allSatisfy({ $0 < 16 }) else { throw .invalid(field: "path") }
        self = bytes.reduce(NibblePath()) { $0.appending(Int($1)) }
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: (0..<count).map { self[$0] }) }
}
