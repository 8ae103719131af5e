public import Cryptography

/// What a node must know to meet its peers.
public struct PeerConfiguration: Sendable {
    /// Another node as the chain describes it.
    public struct Peer: Hashable, Sendable {
        /// What this node calls it; stays while the node runs.
        public var index: Int
        /// A name or an address.
        public var host: String
        /// Its TCP port.
        public var port: Int
        /// SHA-256 of its certificate's SubjectPublicKeyInfo.
        public var keyHash: Digest
        /// Whether this node dials; nothing lets the one with the lower index do so. Both ends must see it alike.
        public var isDialled: Bool?

        /// A node that this one connects with.
        public init(index: Int, host: String, port: Int, keyHash: Digest, isDialled: Bool? = nil) {
            self.index = index
            self.host = host
            self.port = port
            self.keyHash = keyHash
            self.isDialled = isDialled
        }
    }

    /// The genesis hash.
    public var chain: Digest
    /// What this node calls itself.
    public var index: Int
    /// This node's key and certificate.
    public var identity: TLSIdentity
    /// The other nodes.
    public var peers: [Peer]
    /// The address to listen on.
    public var listenHost: String
    /// The port to listen on; 0 takes a free one.
    public var listenPort: Int
    /// Queue bounds and times.
    public var limits = PeerLimits()

    /// A node of a validator set.
    public init(
        chain: Digest, index: Int, identity: TLSIdentity, peers: [Peer], listenHost: String, listenPort: Int,
        limits: PeerLimits = PeerLimits()
    ) {
        self.chain = chain
        self.index = index
        self.identity = identity
        self.peers = peers.filter { $0.index != index }
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.limits = limits
    }
}

/// Bounds and times of the peer network.
public struct PeerLimits: Hashable, Sendable {
    /// Bytes that may wait for one peer in one queue, whatever the kind.
    public var queuedBytes = 64 << 20
    /// Frames that may wait for one peer in one queue.
    public var queuedFrames = 65_536
    /// Bytes received from one peer that the layer above has not dealt with; beyond them the peer is not read.
    public var unconsumedBytes = 32 << 20
    /// How long a connection may take until both greetings are exchanged.
    public var handshakeTimeout = Duration.seconds(5)
    /// A peer that sent nothing for three of these is gone; a node that had nothing to say says so once in each.
    public var heartbeat = Duration.seconds(5)
    /// The shortest and the longest wait before connecting again; doubled on each failure, with jitter.
    public var reconnect = Duration.milliseconds(100)...Duration.seconds(5)
    /// Connections that may be between their first byte and their greeting.
    public var pendingConnections = 64

    /// The limits for a real network.
    public init() {}
}

/// What the peer network tells the layer above; called on network threads, which must not be held up.
public enum PeerEvent: Sendable {
    /// Frames flow from and to this peer.
    case connected(Int)
    /// They do not any more.
    case disconnected(Int)
    /// What arrived in one turn, in order. The receiver calls ``PeerNetwork/consumed(_:from:)`` with the sum of the
    /// payloads' lengths when it is done with them.
    case received([Frame], from: Int)
}
