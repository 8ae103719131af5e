internal import ChainStorage
internal import Codec
internal import Cryptography
internal import Ledger

extension Measurement {
    static let stateTree =
        [1_000, 100_000, 1_000_000].map { leaves in
            Measurement("State tree: update 256 keys among \(leaves)", per: 256, "key", isLarge: leaves > 1_000) {
                let tree = GrowingTree(leaves: leaves)
                return { tree.update(256) }
            }
        } + [
            Measurement("State tree: prove a key among 1000", per: 1, "proof") {
                let tree = GrowingTree(leaves: 1_000)
                return { consume(tree.proof()) }
            }
        ]
}

/// A tree whose nodes stand in memory, so that hashing and walking are measured and no database.
private final class GrowingTree: StateTreeReader {
    private var nodes: [NodeKey: [UInt8]] = [:]
    private var root = StateRoot.empty
    private var version: UInt64 = 0
    private var turn: UInt64 = 0
    private let leaves: UInt64

    init(leaves: Int) {
        self.leaves = UInt64(leaves)
        for start in stride(from: 0, to: self.leaves, by: 4096) {
            write((start..<min(start + 4096, self.leaves)).map { key($0) })
        }
    }

    func node(_ key: NodeKey) -> [UInt8]? { nodes[key] }

    /// Changes leaves that lie far apart, others each time.
    func update(_ count: Int) {
        write((0..<UInt64(count)).map { key(($0 &* 7919 &+ turn &* 104_729) % leaves) })
    }

    func proof() -> StateProof {
        turn += 1
        return valid { () throws(MissingNode) in try StateTree.proof(of: key(turn % leaves), at: root, in: self) }
    }

    private func key(_ number: UInt64) -> StateKey {
        StateKey(.document, withUnsafeBytes(of: number.bigEndian, Array.init))
    }

    private func write(_ keys: [StateKey]) {
        turn += 1
        version += 1
        let value = Digest.sha256(withUnsafeBytes(of: turn, Array.init)).bytes + [UInt8](repeating: 7, count: 88)
        let changes = Set(keys).sorted().map { StateChange(key: $0, value: value) }
        let update = StateTree.update(changes, to: root, version: Height(rawValue: version), in: self)
        for node in update.nodes { nodes[node.key] = node.bytes }
        for key in update.stale { nodes[key] = nil }
        root = update.root
    }
}
