/// What has passed between this node and one peer since the start.
public struct PeerCounters: Hashable, Sendable {
    /// Whether frames can flow now.
    public var connected = false
    /// Connections that reached the end of the handshake.
    public var connections: UInt64 = 0
    /// Attempts to connect that failed before that.
    public var failedAttempts: UInt64 = 0
    /// Connections ended because the peer broke the rules.
    public var faults: UInt64 = 0
    /// The last such breach, for people.
    public var lastFault: PeerFault?
    /// Frames handed to the network below.
    public var framesSent: UInt64 = 0
    /// Bytes of their payloads.
    public var bytesSent: UInt64 = 0
    /// Frames received.
    public var framesReceived: UInt64 = 0
    /// Bytes of their payloads.
    public var bytesReceived: UInt64 = 0
    /// Frames dropped because their queue was full, by kind.
    public var dropped: [FrameKind: UInt64] = [:]
    /// Frames that found no connection.
    public var unsent: UInt64 = 0

    /// Nothing has happened yet.
    public init() {}
}
