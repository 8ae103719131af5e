internal import NIOCore
internal import Synchronization

/// What this node keeps about one peer across connections: its queues, its counters, the connection in use.
final class Peer: Sendable {
    private struct State {
        var outbox: Outbox
        var counters = PeerCounters()
        var link: NIOLoopBound<Link>?
        /// A drain is on its way to the event loop, or waits there for the socket to take more.
        var draining = false
        var unconsumed = 0
    }

    /// Bytes that go into one write, and so about what urgent frames may have to wait for.
    static let writeSize = 256 << 10

    let configuration: PeerConfiguration.Peer
    private let window: Int
    private let state: Mutex<State>

    init(_ configuration: PeerConfiguration.Peer, limits: PeerLimits) {
        self.configuration = configuration
        window = limits.unconsumedBytes
        let bound = Outbox.Bound(frames: limits.queuedFrames, bytes: limits.queuedBytes)
        let bounds = Dictionary(uniqueKeysWithValues: FrameKind.sendable.map { ($0, bound) })
        state = Mutex(State(outbox: Outbox(bounds: bounds)))
    }

    var index: Int { configuration.index }

    var counters: PeerCounters { state.withLock { $0.counters } }

    func count(_ change: (inout PeerCounters) -> Void) { state.withLock { change(&$0.counters) } }

    // MARK: Connections

    /// Makes `link` the connection in use; the one before it, which the peer must have given up, is returned.
    func attach(_ link: NIOLoopBound<Link>) -> NIOLoopBound<Link>? {
        state.withLock { state in
            let previous = state.link
            state.link = link
            state.counters.connected = true
            state.counters.connections += 1
            state.counters.unsent += state.outbox.removeAll()
            state.draining = false
            return previous
        }
    }

    /// Forgets `link` if it is the one in use.
    func detach(_ link: Link) -> Bool {
        state.withLock { state in
            guard let current = state.link, current.eventLoop.inEventLoop, current.value === link else { return false }
            state.link = nil
            state.counters.connected = false
            state.counters.unsent += state.outbox.removeAll()
            state.draining = false
            return true
        }
    }

    // MARK: Sending

    func send(_ frame: Frame) {
        let link: NIOLoopBound<Link>? = state.withLock { state in
            guard let link = state.link else {
                state.counters.unsent += 1
                return nil
            }
            let dropped = state.outbox.append(frame)
            if dropped > 0 { state.counters.dropped[frame.kind, default: 0] += dropped }
            guard !state.draining else { return nil }
            state.draining = true
            return link
        }
        guard let link else { return }
        link.eventLoop.execute { link.value.drain() }
    }

    /// Takes what goes into the next write, or nothing when the queues are empty.
    func nextWrite(allocator: ByteBufferAllocator) -> ByteBuffer? {
        state.withLock { state in
            guard var frame = state.outbox.next() else {
                state.draining = false
                return nil
            }
            var buffer = allocator.buffer(capacity: frame.payload.count + 1024)
            while true {
                buffer.write(frame)
                state.counters.framesSent += 1
                state.counters.bytesSent += UInt64(frame.payload.count)
                guard buffer.readableBytes < Self.writeSize, let next = state.outbox.next() else { return buffer }
                frame = next
            }
        }
    }

    // MARK: Receiving

    /// Whether the layer above has caught up enough for more to be read.
    var mayRead: Bool { state.withLock { $0.unconsumed < window } }

    func received(frames: Int, bytes: Int) {
        state.withLock { state in
            state.counters.framesReceived += UInt64(frames)
            state.counters.bytesReceived += UInt64(bytes)
            state.unconsumed += bytes
        }
    }

    func consumed(_ bytes: Int) {
        let link: NIOLoopBound<Link>? = state.withLock { state in
            let wasFull = state.unconsumed >= window
            state.unconsumed = max(0, state.unconsumed - bytes)
            return wasFull && state.unconsumed < window ? state.link : nil
        }
        guard let link else { return }
        link.eventLoop.execute { link.value.resumeReading() }
    }

    /// The connection in use, to be closed.
    var link: NIOLoopBound<Link>? { state.withLock { $0.link } }
}
