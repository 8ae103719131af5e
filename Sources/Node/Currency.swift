internal import Codec
internal import Consensus
internal import Replication
internal import Synchronization

/// Whether a node has caught up since it started. What it serves before may have been erased, or a grant revoked, in
/// blocks that it does not know yet.
final class Currency: Sendable {
    private let isReached = Mutex(false)

    init() {}

    /// Whether as many others as make a quorum with this node have said where they stand, and this node has stood there;
    /// a node that only follows needs a quorum of others. Who counts are the validators of the epoch that the node is in:
    /// while it is an epoch behind, they tell it so. Once true, it stays so: a node that is cut off later still has its
    /// own state to go by.
    func isCurrent(_ report: ReplicaReport?, height: Height) -> Bool {
        if isReached.withLock({ $0 }) { return true }
        guard let report else { return false }
        let place = report.place?.rawValue
        let told = report.told.enumerated().compactMap { $0.offset == place ? nil : $0.element }
        guard told.count >= report.validators.quorum - (place == nil ? 0 : 1) else { return false }
        // Whatever is final is known to all of a quorum but those that lie: of as many, the highest word of somebody
        // honest is not below what was final when it was said.
        let target = told.sorted(by: >).dropFirst(report.validators.faults).first ?? .genesis
        guard height >= target else { return false }
        isReached.withLock { $0 = true }
        return true
    }
}
