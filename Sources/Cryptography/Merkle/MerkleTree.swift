/// Hash trees of RFC 6962 section 2.1: a leaf hashes as `SHA256(0x00 || leaf)`, a node as
/// `SHA256(0x01 || left || right)`, and the left side of a node is the largest power of two below its size.
///
/// Every subtree on a left side is complete and never changes as the tree grows: a store that keeps those hashes
/// (``MerkleFrontier/append(leafHash:)`` hands them out) proves anything about any size with a logarithmic number of
/// reads.
public enum MerkleTree {
    /// A complete subtree: the 2^level leaves from `index << level` on.
    public struct Position: Hashable, Sendable {
        /// 0 for a leaf.
        public var level: Int
        /// Which one of its level, from the left.
        public var index: UInt64

        /// A complete subtree.
        public init(level: Int, index: UInt64) {
            self.level = level
            self.index = index
        }
    }

    /// The root of no leaves: the hash of nothing.
    public static let emptyRoot = Digest.sha256([UInt8]())

    /// The hash of a leaf.
    public static func leafHash(_ leaf: [UInt8]) -> Digest {
        withUnsafeBytes(of: UInt8(0)) { prefix in leaf.withUnsafeBytes { SHA256.hash(prefix, $0) } }
    }

    /// The hash of a leaf of 32 bytes, such as a block's hash.
    public static func leafHash(_ leaf: Digest) -> Digest {
        withUnsafeTemporaryAllocation(byteCount: 33, alignment: 8) { buffer in
            buffer[0] = 0
            leaf.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: $0) }
            return SHA256.hash(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The hash of a node.
    public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
            buffer[0] = 1
            left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]).copyMemory(from: $0) }
            right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[33...]).copyMemory(from: $0) }
            return SHA256.hash(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The root over leaves of any length.
    public static func root(of leaves: some Sequence<[UInt8]>) -> Digest {
        root(ofLeafHashes: leaves.map { leafHash($0) })
    }

    /// The root over leaves of 32 bytes; they are hashed as leaves.
    public static func root(of leaves: some Sequence<Digest>) -> Digest {
        root(ofLeafHashes: leaves.map { leafHash($0) })
    }

    /// The root over what ``leafHash(_:)-([UInt8])`` gave.
    public static func root(ofLeafHashes hashes: some Sequence<Digest>) -> Digest {
        // Level by level in place; a last one without a neighbour moves up, as the split at a power of two has it.
        var level = Array(hashes)
        guard !level.isEmpty else { return emptyRoot }
        var count = level.count
        while count > 1 {
            for index in 0..<count / 2 { level[index] = nodeHash(level[2 * index], level[2 * index + 1]) }
            if count & 1 == 1 { level[count / 2] = level[count - 1] }
            count = (count + 1) / 2
        }
        return level[0]
    }

    /// The hash of the leaves in `range`, which lies in the tree as a subtree does.
    static func hash<Failure: Error>(
        of range: Range<UInt64>, node: (Position) throws(Failure) -> Digest
    ) throws(Failure) -> Digest {
        let count = range.upperBound - range.lowerBound
        guard count.nonzeroBitCount > 1 else {
            let level = count.trailingZeroBitCount
            return try node(Position(level: level, index: range.lowerBound >> UInt64(level)))
        }
        let middle = range.lowerBound + largestPowerOfTwo(below: count)
        let left = try hash(of: range.lowerBound..<middle, node: node)
        return nodeHash(left, try hash(of: middle..<range.upperBound, node: node))
    }

    /// Answers for complete subtrees from the hashes of all leaves.
    static func node(at position: Position, over leafHashes: [Digest]) -> Digest {
        let start = Int(position.index) << position.level
        return root(ofLeafHashes: leafHashes[start..<(start + 1 << position.level)])
    }

    /// The `k` of RFC 6962: the largest power of two that is less than `count`, which is at least 2.
    static func largestPowerOfTwo(below count: UInt64) -> UInt64 { 1 << UInt64(63 - (count - 1).leadingZeroBitCount) }
}
