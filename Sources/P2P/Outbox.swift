internal import NIOCore

/// The frames that wait for one peer: a queue for each kind, each with a bound, consensus first.
///
/// A full queue drops its oldest frame: what is old has been overtaken, and every protocol above repairs a loss.
struct Outbox {
    /// The most a queue may hold.
    struct Bound: Hashable, Sendable {
        var frames: Int
        var bytes: Int
    }

    private struct Queue {
        var frames = CircularBuffer<[UInt8]>()
        var bytes = 0
    }

    private let bounds: [FrameKind: Bound]
    private var consensus = Queue()
    private var transactions = Queue()
    private var bulk = Queue()

    init(bounds: [FrameKind: Bound]) { self.bounds = bounds }

    var isEmpty: Bool { consensus.frames.isEmpty && transactions.frames.isEmpty && bulk.frames.isEmpty }

    /// Adds a frame at the end of its kind's queue.
    ///
    /// - Returns: How many older frames had to go for it.
    mutating func append(_ frame: Frame) -> UInt64 {
        guard let bound = bounds[frame.kind], let path = Self.path(of: frame.kind) else { return 0 }
        self[keyPath: path].frames.append(frame.payload)
        self[keyPath: path].bytes += frame.payload.count
        var dropped: UInt64 = 0
        // The newest stays even when it alone is above the bound: a frame's own bound is judged elsewhere.
        while self[keyPath: path].frames.count > 1,
            self[keyPath: path].frames.count > bound.frames || self[keyPath: path].bytes > bound.bytes
        {
            self[keyPath: path].bytes -= self[keyPath: path].frames.removeFirst().count
            dropped += 1
        }
        return dropped
    }

    /// Takes the oldest frame of the most urgent kind.
    mutating func next() -> Frame? {
        for kind in FrameKind.sendable {
            guard let path = Self.path(of: kind), let payload = self[keyPath: path].frames.popFirst() else { continue }
            self[keyPath: path].bytes -= payload.count
            return Frame(kind: kind, payload: payload)
        }
        return nil
    }

    /// Forgets everything, and says how many frames that were.
    mutating func removeAll() -> UInt64 {
        let count = consensus.frames.count + transactions.frames.count + bulk.frames.count
        (consensus, transactions, bulk) = (Queue(), Queue(), Queue())
        return UInt64(count)
    }

    private static func path(of kind: FrameKind) -> WritableKeyPath<Outbox, Queue>? {
        switch kind {
        case .consensus: \.consensus
        case .transactions: \.transactions
        case .bulk: \.bulk
        case .hello, .ping: nil
        }
    }
}
