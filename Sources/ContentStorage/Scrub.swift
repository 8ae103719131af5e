public import Cryptography

/// Reads all content, compares it with its names and replaces what is damaged by what other nodes hold.
public struct Scrub: Sendable {
    /// What a pass over the store found.
    public struct Report: Hashable, Sendable {
        /// Intact contents.
        public var intact = 0
        /// Their bytes.
        public var intactBytes = 0
        /// What was damaged and is intact again.
        public var repaired: [ContentID] = []
        /// What is damaged and nobody else had.
        public var lost: [ContentID] = []

        /// Nothing yet.
        public init() {}
    }

    private let store: any ContentStore
    private let bytesPerSecond: Int
    private let fetch: @Sendable (ContentID) async -> [UInt8]?

    /// - Parameters:
    ///   - bytesPerSecond: What may be read, so that others get at the disk.
    ///   - fetch: Asks other nodes; what it gives is compared with its name.
    public init(
        _ store: any ContentStore, bytesPerSecond: Int = 64 << 20,
        fetch: @escaping @Sendable (ContentID) async -> [UInt8]?
    ) {
        precondition(bytesPerSecond > 0, "a scrub reads something")
        self.store = store
        self.bytesPerSecond = bytesPerSecond
        self.fetch = fetch
    }

    /// Passes once over the store.
    ///
    /// - Throws: What keeps the store from being read at all, or that the task was cancelled.
    public func run() async throws -> Report {
        var report = Report()
        let start = ContinuousClock.now
        for shard in UInt8.min...UInt8.max {
            for entry in try await store.list(shard: shard) {
                try Task.checkCancellation()
                try await check(entry.id, &report)
                let due = start + .seconds(Double(report.intactBytes) / Double(bytesPerSecond))
                if due > .now { try await Task.sleep(until: due) }
            }
        }
        return report
    }

    private func check(_ id: ContentID, _ report: inout Report) async throws {
        do throws(ContentFailure) {
            // Gone since it was listed is gone on purpose.
            guard let content = try await store.get(id) else { return }
            report.intact += 1
            report.intactBytes += content.bytes.count
        } catch {
            // An unreadable sector shows as an error of the read, not as other bytes.
            guard let bytes = await fetch(id), let content = try? Content(bytes, named: id) else {
                report.lost.append(id)
                return
            }
            try await store.put([content])
            report.repaired.append(id)
        }
    }
}
