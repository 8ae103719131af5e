public import Codec
import Cryptography

/// What a block does to the tree: to be written, all of it or nothing.
public struct TreeUpdate: Sendable {
    /// A node to be written.
    public struct Node: Hashable, Sendable {
        /// Its name; nothing stands there yet.
        public let key: NodeKey
        /// Its stored form.
        public let bytes: [UInt8]
    }

    /// The root after the block.
    public let root: StateRoot
    /// Nodes that the root leads to and its parent does not.
    public let nodes: [Node]
    /// Nodes that the parent leads to and the root does not: to be deleted once no root before this one is asked for.
    public let stale: [NodeKey]
}

extension StateTree {
    /// Applies a block's changes.
    ///
    /// - Parameters:
    ///   - changes: Sorted by key, no key twice. Deleting what is not there, and writing what is there already, is nothing.
    ///   - root: The root before the block.
    ///   - version: The block's height, above every version in the tree.
    ///   - reader: Holds every node of `root`.
    /// - Complexity: Reads and writes each node on the way to a change once, whatever the number of changes below it.
    public static func update(
        _ changes: [StateChange], to root: StateRoot, version: Height, in reader: some StateTreeReader
    ) -> TreeUpdate {
        precondition(
            zip(changes, changes.dropFirst()).allSatisfy { $0.key < $1.key },
            "changes are sorted and no key comes twice")
        precondition(version > root.version || root.hash == .zero, "a block's height is above its parent's version")
        var walk = UpdateWalk(changes: changes, version: version, reader: reader)
        let outcome = walk.apply(to: root)
        if case .unchanged = outcome { return TreeUpdate(root: root, nodes: [], stale: []) }
        let hash = walk.place(outcome, at: NibblePath())?.hash ?? .zero
        return TreeUpdate(root: StateRoot(hash: hash, version: version), nodes: walk.nodes, stale: walk.stale)
    }
}
