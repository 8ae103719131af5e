/// What a frame is for; decides which queue it waits in.
public enum FrameKind: UInt8, CaseIterable, Sendable {
    /// The first frame of a connection, both ways.
    case hello = 0
    /// Says only that the sender is alive.
    case ping = 1
    /// Proposals, votes, certificates: ahead of everything else.
    case consensus = 2
    /// Transactions on their way to every validator.
    case transactions = 3
    /// Blocks for a peer that catches up, and whatever else can wait.
    case bulk = 4

    /// What a caller may send; the others belong to this module.
    public static let sendable: [FrameKind] = [.consensus, .transactions, .bulk]
}

/// An opaque message between two validators.
public struct Frame: Hashable, Sendable {
    /// The most bytes that a payload may have: 8 MiB.
    public static let maximumPayload = 8 << 20

    /// Which queue it waits in.
    public var kind: FrameKind
    /// What the layer above makes of it.
    public var payload: [UInt8]

    /// - Parameter payload: At most ``maximumPayload`` bytes.
    public init(kind: FrameKind, payload: [UInt8]) {
        precondition(payload.count <= Self.maximumPayload, "a payload has at most 8 MiB")
        self.kind = kind
        self.payload = payload
    }
}

/// What a peer did that ended its connection.
public enum PeerFault: Error, Hashable, Sendable {
    /// A length above the bound that held at that point.
    case frameTooLong(bytes: Int, limit: Int)
    /// A frame that is not the array of a known kind and a byte string, in canonical CBOR.
    case malformedFrame
    /// A frame whose payload the layer above does not understand.
    case malformedPayload
    /// A frame of a kind that must not stand there, such as a second greeting.
    case unexpectedKind(FrameKind)
    /// A greeting that is not the expected one.
    case greeting(HandshakeRefusal)
    /// Nothing arrived for the time in which something had to.
    case silent
}
