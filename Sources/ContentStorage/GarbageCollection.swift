public import Cryptography

/// Removes what no committed document names once it has been there for a while.
///
/// Content arrives before the transaction that names it, which is what the grace period is for.
public struct GarbageCollection: Sendable {
    /// What a pass over the store did.
    public struct Report: Hashable, Sendable {
        /// Contents that stay.
        public var kept = 0
        /// Contents that were removed.
        public var removed = 0
        /// Their bytes.
        public var removedBytes = 0

        /// Nothing yet.
        public init() {}
    }

    /// A week: longer than any upload takes or is interrupted, shorter than a disk takes to fill up with abandoned ones.
    public static let defaultGrace = Duration.seconds(7 * 24 * 60 * 60)

    private let store: any ContentStore
    private let grace: Duration

    /// - Parameter grace: For how long content may be unnamed.
    public init(_ store: any ContentStore, grace: Duration = defaultGrace) {
        self.store = store
        self.grace = grace
    }

    /// Passes once over the store.
    ///
    /// - Parameter isNamed: Whether a committed document that has not been erased names the content: its manifest, its
    ///   metadata, a block, or a scope card. When in doubt, yes.
    public func run(isNamed: @Sendable (ContentID) async throws -> Bool) async throws -> Report {
        var report = Report()
        for shard in UInt8.min...UInt8.max {
            for entry in try await store.list(shard: shard) {
                try Task.checkCancellation()
                guard entry.age >= grace, try await !isNamed(entry.id) else {
                    report.kept += 1
                    continue
                }
                // The store looks at the age once more: it may have been put again.
                if try await store.remove(entry.id, ifOlderThan: grace) {
                    report.removed += 1
                    report.removedBytes += entry.size
                } else {
                    report.kept += 1
                }
            }
        }
        return report
    }
}
