public import Codec

/// That a leaf stands at a place in a ``MerkleTree`` (RFC 6962 section 2.1.1).
///
/// The proof says which place and what size; the root does not bind the size. Who cares *where* the leaf stands
/// compares ``size`` with what is known of the root: the height for an ancestry root.
///
/// Encoded as `[index, size, [sibling hash, from the leaf upwards]]`.
public struct InclusionProof: Hashable, Sendable {
    /// The leaf's place, from 0.
    public let index: UInt64
    /// How many leaves the tree has.
    public let size: UInt64
    /// The hashes beside the way from the leaf to the root.
    public let path: [Digest]

    /// Proves a leaf of a tree whose complete subtrees can be read.
    ///
    /// - Parameters:
    ///   - index: Below `size`.
    ///   - node: The hash of a complete subtree among the first `size` leaves; asked O(log² size) times at most.
    public init<Failure: Error>(
        index: UInt64, size: UInt64, node: (MerkleTree.Position) throws(Failure) -> Digest
    ) throws(Failure) {
        precondition(index < size && size <= MerkleFrontier.maximumCount, "the leaf is in the tree")
        var range = 0..<size
        var downwards: [Digest] = []
        while range.upperBound - range.lowerBound > 1 {
            let count = range.upperBound - range.lowerBound
            let middle = range.lowerBound + MerkleTree.largestPowerOfTwo(below: count)
            let (own, sibling) =
                index < middle
                ? (range.lowerBound..<middle, middle..<range.upperBound)
                : (middle..<range.upperBound, range.lowerBound..<middle)
            downwards.append(try MerkleTree.hash(of: sibling, node: node))
            range = own
        }
        self.index = index
        self.size = size
        path = downwards.reversed()
    }

    /// Proves a leaf of a tree whose leaves are all at hand.
    ///
    /// - Parameter leafHashes: The hash of every leaf.
    public init(index: Int, leafHashes: [Digest]) {
        self.init(index: UInt64(index), size: UInt64(leafHashes.count)) { position in
            MerkleTree.node(at: position, over: leafHashes)
        }
    }

    /// Whether the leaf with this hash stands there in the tree with this root.
    public func verify(leafHash: Digest, root: Digest) -> Bool { self.root(leafHash: leafHash) == root }

    /// Whether the leaf stands there in the tree with this root.
    public func verify(_ leaf: [UInt8], root: Digest) -> Bool {
        verify(leafHash: MerkleTree.leafHash(leaf), root: root)
    }

    /// Whether the leaf of 32 bytes stands there in the tree with this root.
    public func verify(_ leaf: Digest, root: Digest) -> Bool {
        verify(leafHash: MerkleTree.leafHash(leaf), root: root)
    }

    /// The root of the only tree that has this leaf there (RFC 9162 section 2.1.3.2); nothing if the path has another
    /// length than that tree's.
    public func root(leafHash: Digest) -> Digest? {
        var place = index
        var last = size - 1
        var hash = leafHash
        for sibling in path {
            guard last > 0 else { return nil }
            if place & 1 == 1 || place == last {
                hash = MerkleTree.nodeHash(sibling, hash)
                // A last node without a partner rises unchanged until it has one.
                let levels = UInt64(place.trailingZeroBitCount)
                place >>= levels
                last >>= levels
            } else {
                hash = MerkleTree.nodeHash(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}

extension InclusionProof: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        index = try reader.readUnsigned(max: MerkleFrontier.maximumCount)
        size = try reader.readUnsigned(max: MerkleFrontier.maximumCount)
        guard index < size else { throw .invalid(field: "index") }
        path = try reader.readArray(max: 63)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(index)
        writer.write(size)
        writer.write(array: path)
    }
}
