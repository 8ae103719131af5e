internal import Codec
internal import Consensus
internal import Replication
internal import Synchronization

/// Whether a node has caught up since it started. What it serves before may have been erased, or a grant revoked, in
/// blocks that it does not know yet.
final class Currency: Sendable {
    private let quorum: Int
    private let index: Int
    private let isReached = Mutex(false)

    /// - Parameters:
    ///   - quorum: How many validators make a block final.
    ///   - index: This one.
    init(quorum: Int, index: Int) {
        self.quorum = quorum
        self.index = index
    }

    /// Whether as many others as make a quorum with this node have said where they stand, and this node has stood there.
    /// Once true, it stays so: a node that is cut off later still has its own state to go by.
    func isCurrent(_ report: ReplicaReport?, height: Height) -> Bool {
        if isReached.withLock({ $0 }) { return true }
        guard let report else { return false }
        let told = report.told.enumerated().compactMap { $0.offset == index ? nil : $0.element }
        guard told.count >= quorum - 1 else { return false }
        // Whatever is final is known to all of a quorum but those that lie: of as many, the highest word of somebody
        // honest is not below what was final when it was said.
        let faulty = report.told.count - quorum
        let target = told.sorted(by: >).dropFirst(faulty).first ?? .genesis
        guard height >= target else { return false }
        isReached.withLock { $0 = true }
        return true
    }
}
