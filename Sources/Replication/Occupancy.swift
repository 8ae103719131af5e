internal import Codec
internal import Consensus
internal import Ledger

/// How much a replica keeps of what others have sent, and how much of it there may be.
package struct Occupancy {
    /// What is kept, how many there are, and how many there may be.
    package let bounded: [(name: String, count: Int, most: Int)]
}

extension Replica {
    /// What a test holds the declared bounds to.
    package var occupancy: Occupancy {
        let open = engine.map { Int(clamping: $0.view.rawValue - $0.finalizedView.rawValue) } ?? 0
        return Occupancy(
            bounded: (engine?.occupancy ?? []) + [
                ("unexecuted blocks", blocks.count, BlockBuffer.capacity),
                ("wanted blocks", blocks.wanted.count, BlockBuffer.capacity),
                ("awaited blocks", blocks.awaited.count, 2 * (open + 64)),
                ("executed blocks", overlays.count, 2 * (open + 64) + Packet.maximumBlocks),
                ("transactions being checked", verification.waitingCount, Verification.capacity),
                ("bytes of transactions", mempool.bytes, nodes.count * Mempool.bytesPerOrigin),
            ])
    }
}
