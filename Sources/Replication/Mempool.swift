internal import Codec
internal import Consensus
internal import Ledger

/// Verified transactions that wait to be put into a block.
///
/// One queue for each node whose clients brought them, so that a flood through one hospital's node delays that
/// hospital alone. Bytes are bounded for each queue; a transaction leaves when it is final or can never be.
struct Mempool: Sendable {
    /// The most bytes that wait for one node's clients.
    static let bytesPerOrigin = 32 << 20
    /// What a queue may put into a block in its turn, before the next one has its own.
    static let quantum = 16 << 10

    /// A waiting transaction.
    struct Entry: Sendable {
        let transaction: Transaction
        let origin: ValidatorIndex
        var announced: Instant
    }

    private struct Queue {
        var ids: [TransactionID] = []
        var head = 0
        var bytes = 0
        var count = 0
        /// None was last announced before this moment; nothing when none waits for that.
        var announcedSince: Instant?
    }

    private var entries: [TransactionID: Entry] = [:]
    private var queues: [Queue]
    private var expiring: [Height: [TransactionID]] = [:]
    private var firstTurn = 0
    /// How often something has come or gone.
    private(set) var revision: UInt64 = 0

    init(nodes: Int) { queues = (0..<max(1, nodes)).map { _ in Queue() } }

    /// Makes room for the transactions of another node.
    mutating func addQueues(upTo nodes: Int) { while queues.count < nodes { queues.append(Queue()) } }

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var bytes: Int { queues.reduce(0) { $0 + $1.bytes } }

    func contains(_ id: TransactionID) -> Bool { entries[id] != nil }

    /// At least as many as can be included no later than at the heights above `height` up to `last`.
    func countExpiring(above height: Height, through last: Height) -> Int {
        guard last > height else { return 0 }
        if last.rawValue - height.rawValue > UInt64(expiring.count) {
            return expiring.reduce(0) { $1.key > height && $1.key <= last ? $0 + $1.value.count : $0 }
        }
        return (height.rawValue + 1...last.rawValue).reduce(0) { $0 + (expiring[Height(rawValue: $1)]?.count ?? 0) }
    }

    /// Whether a waiting transaction is such; looks at the longest waiting first.
    func contains(where isSuch: (Transaction) -> Bool) -> Bool {
        queues.contains { queue in
            queue.ids[queue.head...].contains { id in entries[id].map { isSuch($0.transaction) } ?? false }
        }
    }

    /// Whether exactly these bytes wait here, which means that their signatures hold.
    func holds(_ transaction: Transaction) -> Bool { entries[transaction.id]?.transaction == transaction }

    /// How many transactions of this origin wait.
    func count(from origin: ValidatorIndex) -> Int { queues[origin.rawValue].count }

    /// Whether `bytes` more fit into the origin's queue.
    func hasRoom(for bytes: Int, from origin: ValidatorIndex) -> Bool {
        queues[origin.rawValue].bytes + bytes <= Self.bytesPerOrigin
    }

    mutating func insert(_ transaction: Transaction, from origin: ValidatorIndex, now: Instant) {
        guard entries[transaction.id] == nil else { return }
        entries[transaction.id] = Entry(transaction: transaction, origin: origin, announced: now)
        queues[origin.rawValue].ids.append(transaction.id)
        queues[origin.rawValue].bytes += transaction.bytes.count
        queues[origin.rawValue].count += 1
        if queues[origin.rawValue].announcedSince == nil { queues[origin.rawValue].announcedSince = now }
        expiring[transaction.body.validUntil, default: []].append(transaction.id)
        revision += 1
    }

    mutating func remove(_ id: TransactionID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        revision += 1
        queues[entry.origin.rawValue].bytes -= entry.transaction.bytes.count
        queues[entry.origin.rawValue].count -= 1
        compact(entry.origin.rawValue)
    }

    /// Removes what could be included up to `height` at the latest; call for every height.
    ///
    /// - Returns: What will never be included.
    mutating func expire(through height: Height) -> [TransactionID] {
        let expired = (expiring.removeValue(forKey: height) ?? []).filter { entries[$0] != nil }
        for id in expired { remove(id) }
        return expired
    }

    /// Transactions for a block, at most `limit` bytes of them: the queues take turns, each turn worth the same bytes.
    ///
    /// Nothing leaves the queues: a block that is built may not become final.
    mutating func select(limit: Int, where isEligible: (Transaction) -> Bool) -> [Transaction] {
        var selected: [Transaction] = []
        var bytes = 0
        var cursors = queues.map(\.head)
        var credits = queues.map { _ in 0 }
        var active = queues.indices.map { (firstTurn + $0) % queues.count }
        firstTurn = (firstTurn + 1) % queues.count
        while !active.isEmpty {
            var stillActive: [Int] = []
            for queue in active {
                credits[queue] += Self.quantum
                while let next = candidate(in: queue, at: &cursors[queue], isEligible) {
                    let size = next.bytes.count
                    if bytes + size > limit { return selected }
                    if size > credits[queue] {
                        stillActive.append(queue)
                        break
                    }
                    credits[queue] -= size
                    bytes += size
                    cursors[queue] += 1
                    selected.append(next)
                }
            }
            active = stillActive
        }
        return selected
    }

    /// This origin's transactions that were last announced at `moment` or before, at most `limit`; they count as announced now.
    mutating func unannounced(
        from origin: ValidatorIndex, since moment: Instant, now: Instant, limit: Int
    ) -> [Transaction] {
        let queue = queues[origin.rawValue]
        guard let since = queue.announcedSince, since <= moment else { return [] }
        var found: [Transaction] = []
        var oldest: Instant?
        for id in queue.ids[queue.head...] {
            guard let entry = entries[id] else { continue }
            var announced = entry.announced
            if announced <= moment, found.count < limit {
                announced = now
                entries[id]?.announced = now
                found.append(entry.transaction)
            }
            oldest = min(oldest ?? announced, announced)
        }
        queues[origin.rawValue].announcedSince = oldest
        return found
    }

    /// When the oldest of this origin's transactions was announced.
    func oldestAnnouncement(from origin: ValidatorIndex) -> Instant? {
        let queue = queues[origin.rawValue]
        for id in queue.ids[queue.head...] { if let entry = entries[id] { return entry.announced } }
        return nil
    }

    private func candidate(
        in queue: Int, at cursor: inout Int, _ isEligible: (Transaction) -> Bool
    ) -> Transaction? {
        while cursor < queues[queue].ids.count {
            if let entry = entries[queues[queue].ids[cursor]], isEligible(entry.transaction) {
                return entry.transaction
            }
            cursor += 1
        }
        return nil
    }

    /// Moves the head past what has left, and gives the memory back once half of the queue is behind it.
    private mutating func compact(_ index: Int) {
        while queues[index].head < queues[index].ids.count, entries[queues[index].ids[queues[index].head]] == nil {
            queues[index].head += 1
        }
        if queues[index].head > 1024, queues[index].head * 2 > queues[index].ids.count {
            queues[index].ids.removeFirst(queues[index].head)
            queues[index].head = 0
        }
    }
}
