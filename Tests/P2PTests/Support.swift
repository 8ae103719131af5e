import Cryptography
import Logging
import NIOCore
import NIOPosix
import P2P
import Synchronization
import Testing

/// Everything one node's network told it, and a way to wait for what should come.
final class Witness: Sendable {
    private struct State {
        var connected: Set<Int> = []
        var frames: [(Frame, Int)] = []
        var disconnections = 0
        var waiting: [(condition: @Sendable (Witness.Seen) -> Bool, wake: CheckedContinuation<Void, Never>)] = []
    }

    /// What has been seen so far.
    struct Seen: Sendable {
        var connected: Set<Int>
        var frames: [(frame: Frame, from: Int)]
        var disconnections: Int
    }

    private let state = Mutex(State())

    var seen: Seen { state.withLock { Self.seen($0) } }

    /// - Returns: Whether the frame may be; not one that holds the byte ff alone.
    func take(_ event: PeerEvent) -> Bool {
        let woken = state.withLock { state in
            switch event {
            case .connected(let peer): state.connected.insert(peer)
            case .disconnected(let peer):
                state.connected.remove(peer)
                state.disconnections += 1
            case .received(let frames, let peer): state.frames += frames.map { ($0, peer) }
            }
            let seen = Self.seen(state)
            let woken = state.waiting.filter { $0.condition(seen) }
            state.waiting.removeAll { $0.condition(seen) }
            return woken
        }
        for waiter in woken { waiter.wake.resume() }
        if case .received(let frames, _) = event { return !frames.contains { $0.payload == [0xff] } }
        return true
    }

    /// Returns when the condition holds; the test's time limit is the deadline.
    func wait(until condition: @escaping @Sendable (Seen) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = state.withLock { state in
                if condition(Self.seen(state)) { return true }
                state.waiting.append((condition, continuation))
                return false
            }
            if holds { continuation.resume() }
        }
    }

    private static func seen(_ state: State) -> Seen {
        Seen(connected: state.connected, frames: state.frames, disconnections: state.disconnections)
    }
}

/// A node under test: its network and what it told.
struct TestNode: Sendable {
    let network: PeerNetwork
    let witness: Witness
    let port: Int
}

/// A set of validators on loopback, some of which run.
struct TestNetwork: Sendable {
    static let chain = Digest.sha256(Array("a chain".utf8))
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    let identities: [TLSIdentity]
    var ports: [Int]

    init(count: Int) throws {
        identities = try (0..<count).map { _ in try TLSIdentity.make() }
        ports = Array(repeating: 0, count: count)
    }

    static var limits: PeerLimits {
        var limits = PeerLimits()
        limits.reconnect = .milliseconds(2)...(.milliseconds(20))
        // A machine that runs everything else at once is slow, not silent.
        limits.handshakeTimeout = .seconds(120)
        limits.heartbeat = .seconds(60)
        return limits
    }

    func start(
        _ index: Int, chain: Digest = Self.chain, identity: TLSIdentity? = nil, limits: PeerLimits = Self.limits,
        port: Int = 0
    ) async throws -> TestNode {
        let peers = identities.indices.map {
            PeerConfiguration.Peer(index: $0, host: "127.0.0.1", port: ports[$0], keyHash: identities[$0].keyHash)
        }
        let witness = Witness()
        let network = try PeerNetwork(
            PeerConfiguration(
                chain: chain, index: index, identity: identity ?? identities[index], peers: peers,
                listenHost: "127.0.0.1", listenPort: port, limits: limits),
            group: Self.group, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            receive: { witness.take($0) })
        return TestNode(network: network, witness: witness, port: try await network.start())
    }

    /// Starts the nodes from the highest index down, so that whoever dials knows the port.
    mutating func startAll() async throws -> [TestNode] {
        var nodes: [TestNode] = []
        for index in identities.indices.reversed() {
            let node = try await start(index)
            ports[index] = node.port
            nodes.insert(node, at: 0)
        }
        return nodes
    }
}

/// Repeats `step` until it holds, giving way in between; the test's time limit is the deadline.
func eventually(_ step: () -> Bool) async {
    while !step() { await Task.yield() }
}
