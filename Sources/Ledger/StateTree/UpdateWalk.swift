import Codec
import Cryptography

/// What became of a subtree. A leaf has no place yet: it hangs as high as it is alone.
enum SubtreeOutcome {
    case unchanged
    case empty
    case leaf(TreeLeaf)
    case branch(TreeBranch.Child)

    var isEmpty: Bool { if case .empty = self { true } else { false } }
}

/// One walk over the tree that carries a block's changes to where they belong.
struct UpdateWalk<Reader: StateTreeReader> {
    let changes: [StateChange]
    let version: Height
    let reader: Reader
    private(set) var nodes: [TreeUpdate.Node] = []
    private(set) var stale: [NodeKey] = []

    // Not a type inside this generic one: the runtime would look up its metadata for every list of them.
    typealias Outcome = SubtreeOutcome

    init(changes: [StateChange], version: Height, reader: Reader) {
        self.changes = changes
        self.version = version
        self.reader = reader
    }

    /// Applies all changes.
    mutating func apply(to root: StateRoot) -> Outcome {
        if root.hash != .zero { return apply(changes.indices, at: root.node) }
        let outcome = build(leaves(of: changes.indices, and: nil)[...], at: NibblePath())
        if case .empty = outcome { return .unchanged }
        return outcome
    }

    /// Gives a subtree its place, and says what its parent has to know of it.
    mutating func place(_ outcome: Outcome, at path: NibblePath) -> TreeBranch.Child? {
        switch outcome {
        case .unchanged: preconditionFailure("a subtree without changes keeps its place")
        case .empty: return nil
        case .branch(let child): return child
        case .leaf(let leaf):
            nodes.append(.init(key: NodeKey(version: version, path: path), bytes: TreeNode.leaf(leaf).bytes))
            return .init(hash: leaf.hash, version: version, isLeaf: true)
        }
    }

    // MARK: Existing nodes

    private mutating func apply(_ range: Range<Int>, at key: NodeKey) -> Outcome {
        switch existing(key) {
        case .leaf(let leaf): apply(range, to: leaf, at: key)
        case .branch(let branch): apply(range, to: branch, at: key)
        }
    }

    private mutating func apply(_ range: Range<Int>, to leaf: TreeLeaf, at key: NodeKey) -> Outcome {
        let own = changes[range].first { $0.key == leaf.key }
        let isKept = own == nil || own?.value == leaf.value
        if isKept, changes[range].allSatisfy({ $0.key == leaf.key || $0.value == nil }) { return .unchanged }
        stale.append(key)
        return build(leaves(of: range, and: own == nil ? leaf : nil)[...], at: key.path)
    }

    private mutating func apply(_ range: Range<Int>, to branch: TreeBranch, at key: NodeKey) -> Outcome {
        var touched: [(slot: Int, outcome: Outcome)] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let slot = changes[start].key.digest.nibble(at: key.path.count)
            var end = start + 1
            while end < range.upperBound, changes[end].key.digest.nibble(at: key.path.count) == slot { end += 1 }
            let outcome = apply(start..<end, toSlot: Int(slot), of: branch, at: key.path)
            if case .unchanged = outcome {} else { touched.append((Int(slot), outcome)) }
            start = end
        }
        if touched.isEmpty { return .unchanged }
        stale.append(key)
        return close(branch, touched, at: key.path)
    }

    private mutating func apply(
        _ range: Range<Int>, toSlot slot: Int, of branch: TreeBranch, at path: NibblePath
    ) -> Outcome {
        if let child = branch[slot] {
            return apply(range, at: NodeKey(version: child.version, path: path.appending(slot)))
        }
        let outcome = build(leaves(of: range, and: nil)[...], at: path.appending(slot))
        if case .empty = outcome { return .unchanged }
        return outcome
    }

    /// Puts the touched slots into a branch; one that is left with a single leaf gives way to that leaf.
    private mutating func close(
        _ old: TreeBranch, _ touched: [(slot: Int, outcome: Outcome)], at path: NibblePath
    ) -> Outcome {
        var settled: Outcome?
        var (left, settledCount) = (old.present, 0)
        for (slot, outcome) in touched {
            left &= ~(1 << slot)
            if outcome.isEmpty { continue }
            settled = outcome
            settledCount += 1
        }
        switch (left.nonzeroBitCount, settledCount, settled) {
        case (0, 0, _): return .empty
        case (0, 1, .leaf(let leaf)?): return .leaf(leaf)
        case (1, 0, _):
            let slot = left.trailingZeroBitCount
            if let child = old[slot], child.isLeaf {
                return lift(NodeKey(version: child.version, path: path.appending(slot)))
            }
        default: break
        }
        var branch = old
        for (slot, outcome) in touched { branch[slot] = place(outcome, at: path.appending(slot)) }
        return store(branch, at: path)
    }

    /// Takes a leaf that is alone now from its place.
    private mutating func lift(_ key: NodeKey) -> Outcome {
        guard case .leaf(let leaf) = existing(key) else { preconditionFailure("the slot of a leaf leads to a leaf") }
        stale.append(key)
        return .leaf(leaf)
    }

    private func existing(_ key: NodeKey) -> TreeNode {
        guard let node = try? StateTree.node(key, in: reader) else {
            preconditionFailure("the store holds every node of the root that it is asked to change: \(key) is missing")
        }
        return node
    }

    // MARK: New nodes

    /// The leaves that `range` writes, in order, and one that stood in the way.
    private func leaves(of range: Range<Int>, and moved: TreeLeaf?) -> [TreeLeaf] {
        var leaves = changes[range].compactMap { change in
            change.value.map { TreeLeaf(key: change.key, value: $0) }
        }
        if let moved {
            let index = leaves.firstIndex { moved.key < $0.key } ?? leaves.endIndex
            leaves.insert(moved, at: index)
        }
        return leaves
    }

    private mutating func build(_ leaves: ArraySlice<TreeLeaf>, at path: NibblePath) -> Outcome {
        guard let first = leaves.first else { return .empty }
        if leaves.count == 1 { return .leaf(first) }
        var branch = TreeBranch()
        var rest = leaves
        while let slot = rest.first?.key.digest.nibble(at: path.count) {
            let part = rest.prefix { $0.key.digest.nibble(at: path.count) == slot }
            rest = rest[part.endIndex...]
            let place = path.appending(Int(slot))
            branch[Int(slot)] = self.place(build(part, at: place), at: place)
        }
        return store(branch, at: path)
    }

    private mutating func store(_ branch: TreeBranch, at path: NibblePath) -> Outcome {
        nodes.append(.init(key: NodeKey(version: version, path: path), bytes: TreeNode.branch(branch).bytes))
        return .branch(.init(hash: branch.hash, version: version, isLeaf: false))
    }
}
