import Codec
import Consensus
import Cryptography

/// One block per height, ever, at every honest validator.
struct Agreement {
    private var canonical: [Digest] = []

    /// The highest final height so far.
    var height: UInt64 { UInt64(canonical.count) }

    /// A finding unless the block is the one that everybody else has at its height.
    mutating func finalized(_ block: BlockReference, by index: Int) -> String? {
        let place = Int(block.height.rawValue) - 1
        if place == canonical.count { canonical.append(block.hash) }
        return place < canonical.count && canonical[place] == block.hash
            ? nil : "validator \(index): another block is final at height \(block.height)"
    }
}
