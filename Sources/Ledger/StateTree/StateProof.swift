public import Cryptography

/// Proves what stands under one key of the state, or that nothing does.
///
/// The encoding is `[depth, taken, siblings, end]`: `depth` binary levels; bit `i` of the byte string `taken` (most
/// significant first, unused bits 0) says whether the sibling below level `i` is a subtree with leaves; `siblings` is the
/// byte string of those siblings' hashes, root first; `end` is what stands where the path ends: `[0, value]`, `[1]` for
/// nothing, or `[2, key, value hash]` for another key's leaf, which stands where this key's would.
///
/// About log2(leaves) x 33 bytes and the value.
public struct StateProof: Hashable, Sendable {
    /// What stands where the key's path ends.
    public enum End: Hashable, Sendable {
        case value([UInt8])
        case nothing
        case other(key: StateKey, valueHash: Digest)
    }

    /// The most binary levels: bits of a key.
    public static let maximumDepth = 256
    /// The longest value that a proof carries, 1 MiB.
    public static let maximumValueLength = 1 << 20

    /// The siblings of the path, root first; zero where a subtree is empty.
    public let siblings: [Digest]
    /// What stands where the path ends.
    public let end: End

    /// A proof that ``StateTree`` or a decoder put together.
    package init(siblings: [Digest], end: End) {
        self.siblings = siblings
        self.end = end
    }

    /// Checks the proof against a root that a final header commits to.
    ///
    /// - Returns: The value under `key`, nothing when the proof shows that there is none.
    /// - Throws: ``StateProofFailure`` when the proof shows neither.
    public func verify(root: Digest, key: StateKey) throws(StateProofFailure) -> [UInt8]? {
        var hash: Digest
        switch end {
        case .value(let value): hash = TreeHash.leaf(key, valueHash: TreeHash.value(value))
        case .nothing: hash = .zero
        case .other(let other, let valueHash):
            guard other != key, other.digest.hasSamePrefix(as: key.digest, bits: siblings.count) else {
                throw .unrelatedLeaf
            }
            hash = TreeHash.leaf(other, valueHash: valueHash)
        }
        for level in siblings.indices.reversed() {
            let sibling = siblings[level]
            hash = key.digest.bit(at: level) ? TreeHash.branch(sibling, hash) : TreeHash.branch(hash, sibling)
        }
        guard hash == root else { throw .wrongRoot }
        if case .value(let value) = end { return value }
        return nil
    }
}

/// Why a state proof shows nothing.
public enum StateProofFailure: Error, Hashable, Sendable {
    /// The hashes lead to another root.
    case wrongRoot
    /// The leaf that is shown in the key's stead does not stand on the key's path.
    case unrelatedLeaf
}

extension StateProofFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongRoot: "the state proof leads to another state root"
        case .unrelatedLeaf: "the state proof shows a leaf that does not stand on the key's path"
        }
    }
}

extension StateTree {
    /// Proves what stands under `key`.
    ///
    /// - Complexity: One node read for every 4 bits of log2(leaves).
    public static func proof(
        of key: StateKey, at root: StateRoot, in reader: some StateTreeReader
    ) throws(MissingNode) -> StateProof {
        var siblings: [Digest] = []
        guard var name = root.hash == .zero ? nil : root.node else { return StateProof(siblings: [], end: .nothing) }
        while true {
            switch try node(name, in: reader) {
            case .leaf(let leaf): return StateProof(siblings: siblings, end: end(leaf, for: key))
            case .branch(let branch):
                guard let next = branch.descend(towards: key, from: name.path, siblings: &siblings) else {
                    return StateProof(siblings: siblings, end: .nothing)
                }
                name = next
            }
        }
    }

    private static func end(_ leaf: TreeLeaf, for key: StateKey) -> StateProof.End {
        leaf.key == key ? .value(leaf.value) : .other(key: leaf.key, valueHash: TreeHash.value(leaf.value))
    }
}

extension TreeBranch {
    /// Follows `key` through the four levels and collects the siblings; stops above a lone leaf and at an empty subtree.
    fileprivate func descend(towards key: StateKey, from path: NibblePath, siblings: inout [Digest]) -> NodeKey? {
        descend(to: Int(key.digest.nibble(at: path.count)), from: path, siblings: &siblings)
    }

    /// The same along the nibbles of `way`.
    func descend(along way: NibblePath, from path: NibblePath, siblings: inout [Digest]) -> NodeKey? {
        descend(to: Int(way[path.count]), from: path, siblings: &siblings)
    }

    private func descend(to wanted: Int, from path: NibblePath, siblings: inout [Digest]) -> NodeKey? {
        var slots = 0..<16
        while slots.count > 1 {
            if isEmpty(slots) { return nil }
            if let slot = onlyLeaf(in: slots) { return name(of: slot, below: path) }
            let middle = slots.lowerBound + slots.count / 2
            let (lower, upper) = (slots.lowerBound..<middle, middle..<slots.upperBound)
            let goesUp = wanted >= middle
            siblings.append(hash(of: goesUp ? lower : upper))
            slots = goesUp ? upper : lower
        }
        return name(of: slots.lowerBound, below: path)
    }

    private func name(of slot: Int, below path: NibblePath) -> NodeKey? {
        self[slot].map { NodeKey(version: $0.version, path: path.appending(slot)) }
    }
}

extension Digest {
    fileprivate func bit(at index: Int) -> Bool { nibble(at: index >> 2) & (8 >> UInt8(index & 3)) != 0 }

    fileprivate func hasSamePrefix(as other: Digest, bits: Int) -> Bool {
        (0..<bits).allSatisfy { bit(at: $0) == other.bit(at: $0) }
    }
}
