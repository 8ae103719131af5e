internal import Synchronization

/// Keeps what was used lately: two generations, the older of which is dropped when the younger is full.
///
/// A value that somebody replaces while another thread loads it is not kept, so that the cache never holds an old one.
final class GenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Generations {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]
        var youngCost = 0
        /// How often values were replaced.
        var epoch = 0
    }

    private let generations = Mutex(Generations())
    private let costLimit: Int
    private let cost: @Sendable (Key, Value) -> Int

    /// - Parameters:
    ///   - costLimit: Bytes of both generations.
    ///   - cost: Bytes of an entry.
    init(costLimit: Int, cost: @escaping @Sendable (Key, Value) -> Int) {
        self.costLimit = costLimit
        self.cost = cost
    }

    /// The value that is kept, or what `load` finds.
    func value<Failure: Error>(_ key: Key, _ load: () throws(Failure) -> Value?) throws(Failure) -> Value? {
        var epoch = 0
        var kept: Value?
        generations.withLock { generations in
            epoch = generations.epoch
            kept = generations.young[key]
            if kept != nil { return }
            kept = generations.old[key]
            if let kept { add(key, kept, to: &generations) }
        }
        if let kept { return kept }
        guard let loaded = try load() else { return nil }
        generations.withLock { generations in
            if generations.epoch == epoch { add(key, loaded, to: &generations) }
        }
        return loaded
    }

    /// Adds values that never change.
    func insert(_ entries: some Sequence<(Key, Value)>) {
        generations.withLock { generations in
            for (key, value) in entries { add(key, value, to: &generations) }
        }
    }

    /// Sets values that may have been others.
    func replace(_ entries: some Sequence<(Key, Value)>) {
        generations.withLock { generations in
            generations.epoch += 1
            for (key, value) in entries {
                generations.old[key] = nil
                add(key, value, to: &generations)
            }
        }
    }

    private func add(_ key: Key, _ value: Value, to generations: inout Generations) {
        if let previous = generations.young.updateValue(value, forKey: key) {
            generations.youngCost -= cost(key, previous)
        }
        generations.youngCost += cost(key, value)
        if generations.youngCost > costLimit / 2 {
            // The table that is dropped is filled again: nothing grows step by step twice.
            swap(&generations.old, &generations.young)
            generations.young.removeAll(keepingCapacity: true)
            generations.youngCost = 0
        }
    }
}
