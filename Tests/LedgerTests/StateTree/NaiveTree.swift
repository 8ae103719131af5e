import Codec
import Cryptography
import Ledger

/// The definition of the state root, computed from all leaves each time.
enum NaiveTree {
    static func root(_ state: [StateKey: [UInt8]]) -> Digest {
        root(state.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }[...], depth: 0)
    }

    private static func root(_ leaves: ArraySlice<(StateKey, [UInt8])>, depth: Int) -> Digest {
        guard let (key, value) = leaves.first else { return .zero }
        if leaves.count == 1 {
            let valueHash = Digest.hash(value, in: Domain("state-value"))
            return .hash(key.digest.bytes + valueHash.bytes, in: Domain("state-leaf"))
        }
        let middle = leaves.firstIndex { bit(depth, of: $0.0) } ?? leaves.endIndex
        let left = root(leaves[..<middle], depth: depth + 1)
        let right = root(leaves[middle...], depth: depth + 1)
        return .hash(left.bytes + right.bytes, in: Domain("state-branch"))
    }

    private static func bit(_ index: Int, of key: StateKey) -> Bool {
        key.digest.bytes[index / 8] & (0x80 >> UInt8(index % 8)) != 0
    }
}

/// Nodes in memory: what a store keeps, with the checks that a store cannot afford.
struct NodeTable: StateTreeReader {
    private(set) var nodes: [NodeKey: [UInt8]] = [:]
    private(set) var root = StateRoot.empty
    private(set) var lastStale: [NodeKey] = []

    func node(_ key: NodeKey) -> [UInt8]? { nodes[key] }

    /// Writes nodes whose names may stand already.
    mutating func overwrite(_ update: TreeUpdate) {
        for node in update.nodes { nodes[node.key] = node.bytes }
        root = update.root
    }

    /// Applies changes in any order at `height`.
    mutating func apply(_ changes: [StateKey: [UInt8]?], height: UInt64) {
        let sorted = changes.sorted { $0.key < $1.key }.map { StateChange(key: $0.key, value: $0.value) }
        let update = StateTree.update(sorted, to: root, version: Height(rawValue: height), in: self)
        for node in update.nodes {
            precondition(nodes.updateValue(node.bytes, forKey: node.key) == nil, "a node is written once")
        }
        lastStale = update.stale
        root = update.root
    }

    /// Deletes what the last update left behind.
    mutating func prune() {
        for key in lastStale { precondition(nodes.removeValue(forKey: key) != nil, "a stale node exists") }
    }
}

/// A seeded source of keys and values (SplitMix64).
struct SeededSource: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// One of `count` keys. Half of them share long prefixes, which hashing would make rare.
    mutating func key(outOf count: Int) -> StateKey {
        let number = Int.random(in: 0..<count, using: &self)
        var bytes = Digest.sha256([UInt8(number & 255), UInt8(number >> 8)]).bytes
        if number & 1 == 1 {
            for index in 0..<(number % 32) { bytes[index] = 0xab }
        }
        guard let digest = Digest(bytes) else { preconditionFailure("a digest has 32 bytes") }
        return StateKey(digest)
    }
}
