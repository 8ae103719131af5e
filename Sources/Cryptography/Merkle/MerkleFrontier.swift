public import Codec

/// The right edge of a growing ``MerkleTree``: enough to append leaves and to know the root, 32 bytes for each bit that
/// is set in the number of leaves.
///
/// Encoded as `[count, [hash of each complete subtree, left to right]]`.
public struct MerkleFrontier: Hashable, Sendable {
    /// The most leaves a tree may have, as RFC 6962's algorithms and a block's height bound it.
    public static let maximumCount = UInt64(Int64.max)

    /// How many leaves there are.
    public private(set) var count: UInt64 = 0
    /// The complete subtrees that the leaves fall into, largest first.
    private var peaks: [Digest] = []

    /// No leaves.
    public init() {}

    /// Appends a leaf by its hash.
    ///
    /// - Returns: The complete subtrees that this leaf completes, itself first; two per leaf on average. Who keeps them
    ///   all can prove anything about the tree later.
    @discardableResult
    public mutating func append(leafHash: Digest) -> [(position: MerkleTree.Position, hash: Digest)] {
        precondition(count < Self.maximumCount, "a tree has fewer leaves than there are heights")
        var hash = leafHash
        var position = MerkleTree.Position(level: 0, index: count)
        var completed = [(position, hash)]
        while position.index & 1 == 1 {
            hash = MerkleTree.nodeHash(peaks.removeLast(), hash)
            position = MerkleTree.Position(level: position.level + 1, index: position.index >> 1)
            completed.append((position, hash))
        }
        peaks.append(hash)
        count += 1
        return completed
    }

    /// Appends a leaf of 32 bytes, such as a block's hash.
    ///
    /// - Returns: As ``append(leafHash:)``.
    @discardableResult
    public mutating func append(_ leaf: Digest) -> [(position: MerkleTree.Position, hash: Digest)] {
        append(leafHash: MerkleTree.leafHash(leaf))
    }

    /// The root over all leaves.
    public var root: Digest {
        guard var root = peaks.last else { return MerkleTree.emptyRoot }
        for peak in peaks.dropLast().reversed() { root = MerkleTree.nodeHash(peak, root) }
        return root
    }
}

extension MerkleFrontier: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        count = try reader.readUnsigned(max: Self.maximumCount)
        peaks = try reader.readArray(max: 63)
        guard peaks.count == count.nonzeroBitCount else { throw .invalid(field: "frontier") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(count)
        writer.write(array: peaks)
    }
}
