public import Cryptography
internal import Synchronization

/// Content in memory, for tests and simulations.
public final class InMemoryContentStore: ContentStore {
    private struct Entry {
        var content: Content
        var stored: Duration
    }

    private struct State {
        var entries: [ContentID: Entry] = [:]
        var clock: Duration = .zero
    }

    private let state = Mutex(State())

    /// An empty store.
    public init() {}

    /// Lets time pass.
    public func advance(by duration: Duration) { state.withLock { $0.clock += duration } }

    /// Stores content.
    public func put(_ contents: [Content]) {
        state.withLock { state in
            for content in contents { state.entries[content.id] = Entry(content: content, stored: state.clock) }
        }
    }

    /// Gives content.
    public func get(_ id: ContentID) throws(ContentFailure) -> Content? {
        state.withLock { $0.entries[id]?.content }
    }

    /// Whether content is there.
    public func contains(_ id: ContentID) -> Bool { state.withLock { $0.entries[id] != nil } }

    /// Removes content that is old enough.
    @discardableResult
    public func remove(_ id: ContentID, ifOlderThan age: Duration) -> Bool {
        state.withLock { state in
            guard let entry = state.entries[id], state.clock - entry.stored >= age else { return false }
            state.entries[id] = nil
            return true
        }
    }

    /// All content of a shard.
    public func list(shard: UInt8) -> [StoredContent] {
        state.withLock { state in
            state.entries.values.filter { $0.content.id.shard == shard }
                .map { StoredContent(id: $0.content.id, size: $0.content.bytes.count, age: state.clock - $0.stored) }
                .sorted { $0.id < $1.id }
        }
    }
}
