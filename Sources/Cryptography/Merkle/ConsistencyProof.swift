public import Codec

/// That a ``MerkleTree`` is an earlier one with leaves appended (RFC 6962 section 2.1.2).
///
/// Encoded as `[earlier size, later size, [hash]]`.
public struct ConsistencyProof: Hashable, Sendable {
    /// How many leaves the earlier tree has.
    public let earlierSize: UInt64
    /// How many leaves the later tree has, no fewer.
    public let laterSize: UInt64
    /// The subtrees that both roots can be made of.
    public let path: [Digest]

    /// Proves growth of a tree whose complete subtrees can be read.
    ///
    /// - Parameters:
    ///   - earlierSize: At most `laterSize`.
    ///   - node: The hash of a complete subtree among the first `laterSize` leaves.
    public init<Failure: Error>(
        earlierSize: UInt64, laterSize: UInt64, node: (MerkleTree.Position) throws(Failure) -> Digest
    ) throws(Failure) {
        precondition(earlierSize <= laterSize && laterSize <= MerkleFrontier.maximumCount, "trees only grow")
        self.earlierSize = earlierSize
        self.laterSize = laterSize
        guard earlierSize > 0, earlierSize < laterSize else {
            path = []
            return
        }
        var range = 0..<laterSize
        // Whether the range begins the earlier tree, so that its root is known already.
        var isWhole = true
        var downwards: [Digest] = []
        while range.upperBound != earlierSize {
            let middle = range.lowerBound + MerkleTree.largestPowerOfTwo(below: range.upperBound - range.lowerBound)
            if earlierSize <= middle {
                downwards.append(try MerkleTree.hash(of: middle..<range.upperBound, node: node))
                range = range.lowerBound..<middle
            } else {
                downwards.append(try MerkleTree.hash(of: range.lowerBound..<middle, node: node))
                range = middle..<range.upperBound
                isWhole = false
            }
        }
        if !isWhole { downwards.append(try MerkleTree.hash(of: range, node: node)) }
        path = downwards.reversed()
    }

    /// Proves growth of a tree whose leaves are all at hand.
    ///
    /// - Parameter leafHashes: The hash of every leaf of the later tree.
    public init(earlierSize: Int, leafHashes: [Digest]) {
        self.init(earlierSize: UInt64(earlierSize), laterSize: UInt64(leafHashes.count)) { position in
            MerkleTree.node(at: position, over: leafHashes)
        }
    }

    /// Whether the tree with the later root begins with the leaves of the earlier (RFC 9162 section 2.1.4.2).
    public func verify(earlierRoot: Digest, laterRoot: Digest) -> Bool {
        if earlierSize == laterSize { return path.isEmpty && earlierRoot == laterRoot }
        if earlierSize == 0 { return path.isEmpty && earlierRoot == MerkleTree.emptyRoot }
        // The earlier tree's last complete subtree: a power of two is the root itself.
        let start = earlierSize.nonzeroBitCount == 1 ? earlierRoot : path.first
        guard let start else { return false }
        let siblings = earlierSize.nonzeroBitCount == 1 ? path[...] : path.dropFirst()
        let levels = UInt64(earlierSize.trailingZeroBitCount)
        var place = (earlierSize - 1) >> levels
        var last = (laterSize - 1) >> levels
        var earlier = start
        var later = start
        for sibling in siblings {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                earlier = MerkleTree.nodeHash(sibling, earlier)
                later = MerkleTree.nodeHash(sibling, later)
                let levels = UInt64(place.trailingZeroBitCount)
                place >>= levels
                last >>= levels
            } else {
                later = MerkleTree.nodeHash(later, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && earlier == earlierRoot && later == laterRoot
    }
}

extension ConsistencyProof: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        earlierSize = try reader.readUnsigned(max: MerkleFrontier.maximumCount)
        laterSize = try reader.readUnsigned(max: MerkleFrontier.maximumCount)
        guard earlierSize <= laterSize else { throw .invalid(field: "earlier size") }
        path = try reader.readArray(max: 64)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(earlierSize)
        writer.write(laterSize)
        writer.write(array: path)
    }
}
