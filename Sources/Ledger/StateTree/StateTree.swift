public import Codec
public import Cryptography

/// Where tree nodes are kept: a database, or the nodes of blocks that are not final yet above one.
public protocol StateTreeReader {
    /// The bytes of a node, nothing when it is not there (never written, or pruned).
    func node(_ key: NodeKey) -> [UInt8]?
}

/// The root of one version of the state.
public struct StateRoot: Hashable, Sendable {
    /// What a header commits to; zero when the state is empty.
    public let hash: Digest
    /// The height of the block that wrote the root node; a block that changes nothing leaves it as it was.
    public let version: Height

    /// A root that a tree update returned or a store kept.
    public init(hash: Digest, version: Height) {
        self.hash = hash
        self.version = version
    }

    /// The state in which nothing is.
    public static let empty = StateRoot(hash: .zero, version: .genesis)

    /// The root node's key.
    public var node: NodeKey { NodeKey(version: version, path: NibblePath()) }
}

/// A node that a root leads to and that the reader does not have: the version was pruned, or the store is damaged.
public struct MissingNode: Error, Hashable, Sendable {
    /// The node.
    public let key: NodeKey

    /// Names the node that was looked for.
    public init(key: NodeKey) { self.key = key }
}

extension MissingNode: CustomStringConvertible {
    public var description: String { "\(key) is not in the state database" }
}

/// The authenticated state: a sparse Merkle tree over 256-bit hashed keys.
///
/// **What is hashed** is a binary tree of depth 256 in which a subtree without leaves is 32 zero bytes and a subtree with
/// one leaf *is* that leaf, so that the root depends on the contents alone and not on how they came about:
/// ```
/// leaf   = H("state-leaf",   key || H("state-value", value))
/// branch = H("state-branch", left || right)
/// ```
/// **What is stored** are nodes of sixteen slots, four binary levels each, and leaves that hold key and value (as in
/// Diem's Jellyfish tree). Nodes are named by version and path, written once and never changed. An update walks the tree
/// once for all its changes; a path shared by many of them is hashed once.
///
/// Everything here is a pure function of a root and a reader.
public enum StateTree {
    /// The value under `key`, nothing when there is none.
    ///
    /// - Complexity: One node read for every 4 bits of log2(leaves).
    public static func value(
        of key: StateKey, at root: StateRoot, in reader: some StateTreeReader
    ) throws(MissingNode) -> [UInt8]? {
        guard var name = root.hash == .zero ? nil : root.node else { return nil }
        while true {
            switch try node(name, in: reader) {
            case .leaf(let leaf): return leaf.key == key ? leaf.value : nil
            case .branch(let branch):
                let slot = Int(key.digest.nibble(at: name.path.count))
                guard let child = branch[slot] else { return nil }
                name = NodeKey(version: child.version, path: name.path.appending(slot))
            }
        }
    }

    /// Reads a node whose existence another node vouches for.
    static func node(_ key: NodeKey, in reader: some StateTreeReader) throws(MissingNode) -> TreeNode {
        guard let bytes = reader.node(key), let node = TreeNode(bytes: bytes) else { throw MissingNode(key: key) }
        return node
    }
}
