public import Cryptography
internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Content as files in a directory: `<root>/<first byte of the hash in hex>/<cid>`.
///
/// Each file is written under a temporary name, synced, renamed, and its directory synced. Whoever puts while a sync is
/// under way shares the next one, so that many uploads cost few syncs. Blocking calls stay off the callers' threads.
public final class FileContentStore: ContentStore {
    /// Bytes that are left to the chain when the disk fills up.
    public static let defaultReserve: UInt64 = 512 << 20

    private struct Waiting {
        let contents: [Content]
        let finish: @Sendable (ContentFailure?) -> Void
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var isDraining = false
    }

    private let directory: ContentDirectory
    private let reserve: UInt64
    private let queue = Mutex(Queue())
    private let writing = DispatchQueue(label: "content.writing")
    private let reading = DispatchQueue(label: "content.reading", attributes: .concurrent)

    /// Opens a store, creating it if there is none.
    ///
    /// - Parameters:
    ///   - root: A directory of our own; a second process is refused.
    ///   - reserve: Free bytes below which nothing more is taken.
    public init(root: String, reserve: UInt64 = defaultReserve) throws(ContentFailure) {
        directory = try ContentDirectory(root: root)
        self.reserve = reserve
    }

    /// Stores content durably; see ``ContentStore/put(_:)``.
    public func put(_ contents: [Content]) async throws(ContentFailure) {
        if contents.isEmpty { return }
        let failure: ContentFailure? = await withCheckedContinuation { continuation in
            let isFirst = queue.withLock { queue in
                queue.waiting.append(Waiting(contents: contents) { continuation.resume(returning: $0) })
                defer { queue.isDraining = true }
                return !queue.isDraining
            }
            if isFirst { writing.async { self.drain() } }
        }
        if let failure { throw failure }
    }

    /// Gives content, compared with its name; see ``ContentStore/get(_:)``.
    public func get(_ id: ContentID) async throws(ContentFailure) -> Content? {
        try await run(on: reading) { (directory) throws(ContentFailure) in try directory.read(id) }
    }

    /// Whether content is there.
    public func contains(_ id: ContentID) throws(ContentFailure) -> Bool { try directory.contains(id) }

    /// Removes content durably; see ``ContentStore/remove(_:ifOlderThan:)``.
    @discardableResult
    public func remove(_ id: ContentID, ifOlderThan age: Duration) async throws(ContentFailure) -> Bool {
        // On the queue that writes: content cannot become young between the look and the removal.
        try await run(on: writing) { (directory) throws(ContentFailure) in
            guard let status = try directory.status(id), self.age(of: status) >= age else { return false }
            try directory.remove(id)
            return true
        }
    }

    /// All content of a shard, from the directory.
    public func list(shard: UInt8) async throws(ContentFailure) -> [StoredContent] {
        try await run(on: reading) { (directory) throws(ContentFailure) in
            try directory.list(shard: shard)
                .map { StoredContent(id: $0.id, size: $0.status.size, age: self.age(of: $0.status)) }
        }
    }

    /// What the file system has left and what of it is left to the chain, in bytes; nothing when it does not say.
    public var space: (free: UInt64, reserve: UInt64)? {
        guard let free = try? directory.freeBytes() else { return nil }
        return (free, reserve)
    }

    /// The file that content stands in.
    public func path(of id: ContentID) -> String { directory.path(id) }

    // MARK: Writing together

    /// Writes what waits, a round for all who wait, until nobody does.
    private func drain() {
        while true {
            let waiting = queue.withLock { queue in
                defer { queue.waiting = [] }
                if queue.waiting.isEmpty { queue.isDraining = false }
                return queue.waiting
            }
            if waiting.isEmpty { return }
            var results = writeInRounds(waiting.flatMap(\.contents))[...]
            for item in waiting {
                let own = results.prefix(item.contents.count)
                results = results.dropFirst(item.contents.count)
                item.finish(own.lazy.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }.first)
            }
        }
    }

    private func writeInRounds(_ contents: [Content]) -> [Result<Void, ContentFailure>] {
        var results: [Result<Void, ContentFailure>] = []
        var rest = contents[...]
        while !rest.isEmpty {
            let round = Array(rest.prefix(ContentDirectory.maximumRound))
            rest = rest.dropFirst(round.count)
            let size = round.reduce(UInt64(0)) { $0 + UInt64($1.bytes.count) }
            if let free = try? directory.freeBytes(), free < size || free - size < reserve {
                results += round.map { _ in .failure(.full) }
            } else {
                results += directory.write(round)
            }
        }
        return results
    }

    // MARK: Off the caller's thread

    private func run<Value: Sendable>(
        on queue: DispatchQueue,
        _ body: @escaping @Sendable (ContentDirectory) throws(ContentFailure) -> Value
    ) async throws(ContentFailure) -> Value {
        let result: Result<Value, ContentFailure> = await withCheckedContinuation { continuation in
            queue.async { [directory] in
                let result: Result<Value, ContentFailure>
                do throws(ContentFailure) {
                    result = .success(try body(directory))
                } catch { result = .failure(error) }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private func age(of status: Descriptor.Status) -> Duration { .nanoseconds(Self.systemTime() - status.modified) }

    private static func systemTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
