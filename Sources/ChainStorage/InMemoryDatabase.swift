internal import Synchronization

/// A database that forgets like a disk: what was not synced may be lost in a crash, the later batches first.
public final class InMemoryDatabase: Database {
    private struct State {
        var stable: Contents
        var current: Contents
        /// Batches that a crash may lose.
        var unsynced: [WriteBatch] = []
    }

    private let state: Mutex<State>

    /// An empty database.
    public convenience init() { self.init(Contents()) }

    private init(_ contents: Contents) { state = Mutex(State(stable: contents, current: contents)) }

    public func get(_ key: [UInt8]) -> [UInt8]? { state.withLock { $0.current.values[key] } }

    public func scan(from start: [UInt8], to end: [UInt8]?, limit: Int) -> [DatabaseEntry] {
        state.withLock { $0.current.scan(from: start, to: end, limit: limit) }
    }

    public func write(_ batch: WriteBatch, isSynced: Bool) {
        state.withLock { state in
            state.current.apply(batch)
            if isSynced {
                for earlier in state.unsynced { state.stable.apply(earlier) }
                state.stable.apply(batch)
                state.unsynced = []
            } else {
                state.unsynced.append(batch)
            }
        }
    }

    /// How many of the last batches were not synced.
    public var unsyncedCount: Int { state.withLock { $0.unsynced.count } }

    /// What a disk holds after the machine stopped now and the last `lost` unsynced batches with it.
    public func afterCrash(losing lost: Int) -> InMemoryDatabase {
        state.withLock { state in
            precondition(lost <= state.unsynced.count, "what was synced is not lost")
            var contents = state.stable
            for batch in state.unsynced.dropLast(lost) { contents.apply(batch) }
            return InMemoryDatabase(contents)
        }
    }

    /// Entries, with their keys sorted once for all scans between two writes that add or remove keys.
    private struct Contents {
        private(set) var values: [[UInt8]: [UInt8]] = [:]
        private var sortedKeys: [[UInt8]]? = []

        mutating func apply(_ batch: WriteBatch) {
            for (key, value) in batch.changes {
                let previous = values[key]
                values[key] = value
                if (previous == nil) != (value == nil) { sortedKeys = nil }
            }
        }

        mutating func scan(from start: [UInt8], to end: [UInt8]?, limit: Int) -> [DatabaseEntry] {
            let keys = sortedKeys ?? values.keys.sorted { $0.lexicographicallyPrecedes($1) }
            sortedKeys = keys
            var (low, high) = (0, keys.count)
            while low < high {
                let middle = (low + high) / 2
                if keys[middle].lexicographicallyPrecedes(start) { low = middle + 1 } else { high = middle }
            }
            let found = keys[low...].prefix(limit).prefix { key in end.map { key.lexicographicallyPrecedes($0) } ?? true
            }
            return found.compactMap { key in values[key].map { DatabaseEntry(key: key, value: $0) } }
        }
    }
}
