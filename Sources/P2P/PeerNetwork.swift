internal import Cryptography
public import Logging
public import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Authenticated, bounded channels between the nodes of one chain.
///
/// One TCP connection per pair, dialled by one of the two and again, after a wait with jitter, whenever it ends. Whom a
/// node talks to changes with the validator set: see ``update(_:)``. TLS 1.3 with certificates on both sides; what counts is the hash of the key. Frames are opaque
/// here. Delivery is at most once and in order per kind and connection: what finds no connection, or a full queue, is
/// dropped and counted, for the protocols above repair every loss.
public final class PeerNetwork: Sendable {
    private struct State {
        var listener: (any Channel)?
        var channels: [ObjectIdentifier: any Channel] = [:]
        var pending = 0
        var started = false
        var stopped = false
        var refused: UInt64 = 0
        var peers: [Int: Peer] = [:]
        var peersByKey: [Digest: Peer] = [:]

        /// Keeps those that are as they were, with their connections.
        ///
        /// - Returns: Who is new, and who is gone.
        mutating func setPeers(_ wanted: [PeerConfiguration.Peer], limits: PeerLimits) -> (new: [Peer], gone: [Peer]) {
            let before = peers
            let all = wanted.map { configuration in
                before[configuration.index].flatMap { $0.configuration == configuration ? $0 : nil }
                    ?? Peer(configuration, limits: limits)
            }
            peers = Dictionary(uniqueKeysWithValues: all.map { ($0.index, $0) })
            peersByKey = Dictionary(
                all.map { ($0.configuration.keyHash, $0) }, uniquingKeysWith: { first, _ in first })
            let now = peers
            return (all.filter { before[$0.index] !== $0 }, before.values.filter { now[$0.index] !== $0 })
        }
    }

    private let configuration: PeerConfiguration
    private let group: any EventLoopGroup
    private let tls: PinnedTLS
    private let state = Mutex(State())
    let logger: Logger
    let receive: @Sendable (PeerEvent) -> Bool

    /// - Parameter receive: Told what happens, on network threads. Says whether the peer keeps to the rules; if not, its
    ///   connection is dropped and counted.
    /// - Throws: When the identity is not usable for TLS.
    public init(
        _ configuration: PeerConfiguration, group: any EventLoopGroup, logger: Logger,
        receive: @escaping @Sendable (PeerEvent) -> Bool
    ) throws {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        self.receive = receive
        tls = try PinnedTLS(configuration.identity)
        state.withLock { _ = $0.setPeers(configuration.peers, limits: configuration.limits) }
    }

    /// Talks to these nodes from now on: new ones are dialled or awaited, those that are gone are dropped.
    ///
    /// - Parameter peers: All of them, without this node; an index stays with its node.
    public func update(_ peers: [PeerConfiguration.Peer]) {
        let (change, isRunning) = state.withLock { state in
            (state.setPeers(peers, limits: limits), state.started && !state.stopped)
        }
        for peer in change.gone {
            logger.info("peer no longer admitted", metadata: ["peer": "\(peer.index)"])
            guard let link = peer.link else { continue }
            link.eventLoop.execute { link.value.close() }
        }
        guard isRunning else { return }
        for peer in change.new where isDialled(peer) { dial(peer, failures: 0) }
    }

    /// Whether a peer is still talked to.
    func isCurrent(_ peer: Peer) -> Bool { state.withLock { $0.peers[peer.index] === peer } }

    private func isDialled(_ peer: Peer) -> Bool { peer.configuration.isDialled ?? (peer.index > index) }

    private var peers: [Int: Peer] { state.withLock { $0.peers } }

    /// Listens, and begins to dial.
    ///
    /// - Returns: The port that it listens on.
    /// - Throws: When the address cannot be bound.
    @discardableResult
    public func start() async throws -> Int {
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
            .childChannelInitializer { [self] channel in accept(channel) }
            .bind(host: configuration.listenHost, port: configuration.listenPort).get()
        let peers = state.withLock { state in
            state.listener = listener
            state.started = true
            return state.peers
        }
        for peer in peers.values where isDialled(peer) { dial(peer, failures: 0) }
        return listener.localAddress?.port ?? configuration.listenPort
    }

    /// Queues a frame for one peer; costs a lock and, at most once a turn, a wake-up.
    public func send(_ frame: Frame, to index: Int) { peers[index]?.send(frame) }

    /// Queues a frame for every peer.
    public func broadcast(_ frame: Frame) { for peer in peers.values { peer.send(frame) } }

    /// Says that the layer above is done with so many bytes of payload, so that more may be read.
    public func consumed(_ bytes: Int, from index: Int) { peers[index]?.consumed(bytes) }

    /// What has passed so far, by peer.
    public var counters: [Int: PeerCounters] { peers.mapValues { $0.counters } }

    /// Connections that ended before they proved to be a peer's.
    public var refusedConnections: UInt64 { state.withLock { $0.refused } }

    /// Stops listening and dialling and closes every connection.
    public func shutdown() async {
        let channels = state.withLock { state in
            state.stopped = true
            return [state.listener].compactMap { $0 } + state.channels.values
        }
        for channel in channels {
            channel.close(promise: nil)
            try? await channel.closeFuture.get()
        }
    }

    // MARK: For links

    var chain: Digest { configuration.chain }
    var index: Int { configuration.index }
    var keyHash: Digest { configuration.identity.keyHash }
    var limits: PeerLimits { configuration.limits }

    func peer(withKey hash: Digest) -> Peer? { state.withLock { $0.peersByKey[hash] } }

    func opened(_ peer: Peer) {
        logger.info("peer connected", metadata: ["peer": "\(peer.index)"])
        _ = receive(.connected(peer.index))
    }

    func count(_ fault: PeerFault, of peer: Peer) {
        peer.count {
            $0.faults += 1
            $0.lastFault = fault
        }
        logger.warning("peer dropped", metadata: ["peer": "\(peer.index)", "fault": "\(fault)"])
    }

    func countStranger(_ fault: PeerFault) {
        state.withLock { $0.refused += 1 }
        logger.debug("connection refused", metadata: ["fault": "\(fault)"])
    }

    // MARK: Connections

    /// Urgent frames wait at most for what the socket has already been given.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let admitted = state.withLock { state in
            guard !state.stopped, state.channels.count < limits.pendingConnections + state.peers.count else {
                return false
            }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
        guard admitted else {
            countStranger(.silent)
            return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        }
        forgetWhenClosed(channel)
        return channel.eventLoop.makeCompletedFuture {
            // Only those may dial whom we do not.
            let handler = tls.server { hash in self.peer(withKey: hash).map { !self.isDialled($0) } ?? false }
            try channel.pipeline.syncOperations.addHandlers([handler, Link(network: self, tls: handler)])
        }
    }

    private func dial(_ peer: Peer, failures: Int) {
        guard !state.withLock({ $0.stopped }), isCurrent(peer) else { return }
        let before = peer.counters.connections
        let key = peer.configuration.keyHash
        let attempt = ClientBootstrap(group: group)
            .connectTimeout(.init(limits.handshakeTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: Self.waterMark)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try tls.client { $0 == key }
                    try channel.pipeline.syncOperations.addHandlers([handler, Link(network: self, tls: handler)])
                }
            }
            .connect(host: peer.configuration.host, port: peer.configuration.port)
        attempt.whenFailure { [self] _ in redial(peer, failures: failures + 1) }
        attempt.whenSuccess { [self] channel in
            let stopped = state.withLock { state in
                state.channels[ObjectIdentifier(channel)] = channel
                return state.stopped
            }
            if stopped { channel.close(promise: nil) }
            forgetWhenClosed(channel)
            channel.closeFuture.whenComplete { [self] _ in
                redial(peer, failures: peer.counters.connections > before ? 0 : failures + 1)
            }
        }
    }

    private func redial(_ peer: Peer, failures: Int) {
        if failures > 0 { peer.count { $0.failedAttempts += 1 } }
        let longest = limits.reconnect.upperBound
        let doubled = limits.reconnect.lowerBound * (1 << min(failures, 10))
        let delay = min(doubled, longest) * Double.random(in: 0.5...1)
        group.any().scheduleTask(in: .init(delay)) { [self] in dial(peer, failures: failures) }
    }

    private func forgetWhenClosed(_ channel: any Channel) {
        let identifier = ObjectIdentifier(channel)
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { _ = $0.channels.removeValue(forKey: identifier) }
        }
    }
}
