import ChainStorage
import Synchronization

/// Two databases in memory whose machine stops after a number of writes to them: later ones never happen.
final class Disk: Sendable {
    private let remaining: Mutex<Int>
    let chain: StoppingDatabase
    let state: StoppingDatabase

    init(chain: InMemoryDatabase = InMemoryDatabase(), state: InMemoryDatabase = InMemoryDatabase(), writes: Int = .max)
    {
        remaining = Mutex(writes)
        self.chain = StoppingDatabase(chain)
        self.state = StoppingDatabase(state)
        self.chain.disk = self
        self.state.disk = self
    }

    /// Whether the machine still runs; each write asks once.
    func writes() -> Bool {
        remaining.withLock { remaining in
            defer { remaining -= 1 }
            return remaining > 0
        }
    }

    var hasStopped: Bool { remaining.withLock { $0 < 0 } }
}

final class StoppingDatabase: Database, @unchecked Sendable {
    let memory: InMemoryDatabase
    // Set once, before anybody else knows the object.
    weak var disk: Disk?

    init(_ memory: InMemoryDatabase) { self.memory = memory }

    func get(_ key: [UInt8]) -> [UInt8]? { memory.get(key) }

    func scan(from start: [UInt8], to end: [UInt8]?, limit: Int) -> [DatabaseEntry] {
        memory.scan(from: start, to: end, limit: limit)
    }

    func write(_ batch: WriteBatch, isSynced: Bool) {
        if disk?.writes() ?? true { memory.write(batch, isSynced: isSynced) }
    }
}
