public import Codec

/// What validators say to each other. The channel has authenticated the sender; votes and certificates carry their own
/// signatures besides.
public enum Message: Hashable, Sendable {
    /// The leader's proposal; its block travels beside it.
    case propose(Propose)
    /// A vote of the sender.
    case vote(Vote)
    /// A certificate, from anybody.
    case certificate(Certificate)
    /// Where the sender stands; sent every second.
    case status(Status)
    /// The sender has lost its journal and asks where the others stand.
    case rejoin(nonce: UInt64)
    /// The answer: the view the sender is in, and what let it in.
    case standing(Standing)
}

extension Message {
    /// The epoch that it is about; nothing for a question that is about any.
    public var epoch: Epoch? {
        switch self {
        case .propose(let propose): propose.vote.statement.epoch
        case .vote(let vote): vote.statement.epoch
        case .certificate(let certificate): certificate.epoch
        case .status(let status): status.epoch
        case .rejoin: nil
        case .standing(let standing): standing.epoch
        }
    }

    /// A height that is final where the sender is, if the sender is honest.
    public var impliedHeight: Height? {
        switch self {
        case .status(let status): status.height
        case .certificate(let certificate): certificate.finalBlock?.height
        case .propose, .vote, .rejoin, .standing: nil
        }
    }
}

/// A proposal: the leader's own notarize vote and why its view may build on what it builds on.
public struct Propose: Hashable, Sendable {
    /// The leader's vote for its proposal.
    public let vote: Vote
    /// Why the proposal's view may be entered and build on its parent.
    public let justification: Justification

    /// A leader's vote and its justification.
    public init(vote: Vote, justification: Justification) {
        self.vote = vote
        self.justification = justification
    }
}

/// Where a validator stands. It is a hint and never believed: what it leads to is a certificate.
public struct Status: Hashable, Sendable {
    /// The epoch it is in.
    public let epoch: Epoch
    /// The view it is in.
    public let view: View
    /// The highest view it knows to be final.
    public let finalized: View
    /// The height of the block that is final there.
    public let height: Height

    /// Where a validator stands.
    public init(epoch: Epoch, view: View, finalized: View, height: Height) {
        self.epoch = epoch
        self.view = view
        self.finalized = finalized
        self.height = height
    }
}

/// A validator's answer to one that has lost its journal.
public struct Standing: Hashable, Sendable {
    /// The question's nonce, so that an old answer is not taken for a new one.
    public let nonce: UInt64
    /// The epoch the sender is in.
    public let epoch: Epoch
    /// The view the sender is in.
    public let view: View
    /// A certificate of the view before; nothing in view 1.
    public let entry: Certificate?

    /// An answer.
    public init(nonce: UInt64, epoch: Epoch, view: View, entry: Certificate?) {
        self.nonce = nonce
        self.epoch = epoch
        self.view = view
        self.entry = entry
    }
}

extension Message: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        switch try reader.readInt(max: 255) {
        case 1: self = .propose(try reader.read())
        case 2: self = .vote(try reader.read())
        case 3: self = .certificate(try reader.read())
        case 4: self = .status(try reader.read())
        case 5: self = .rejoin(nonce: try reader.readUnsigned())
        case 6: self = .standing(try reader.read())
        default: throw .invalid(field: "message")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        switch self {
        case .propose(let propose): writer.write(kind: 1, propose)
        case .vote(let vote): writer.write(kind: 2, vote)
        case .certificate(let certificate): writer.write(kind: 3, certificate)
        case .status(let status): writer.write(kind: 4, status)
        case .rejoin(let nonce):
            writer.write(5)
            writer.write(nonce)
        case .standing(let standing): writer.write(kind: 6, standing)
        }
    }
}

extension CBORWriter {
    fileprivate mutating func write(kind: UInt64, _ value: some CBOREncodable) {
        write(kind)
        write(value)
    }
}

extension Propose: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        vote = try reader.read()
        justification = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(vote)
        writer.write(justification)
    }
}

extension Status: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        epoch = try reader.read()
        view = try reader.read()
        finalized = try reader.read()
        height = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(epoch)
        writer.write(view)
        writer.write(finalized)
        writer.write(height)
    }
}

extension Standing: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        nonce = try reader.readUnsigned()
        epoch = try reader.read()
        view = try reader.read()
        entry = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(nonce)
        writer.write(epoch)
        writer.write(view)
        writer.write(optional: entry)
    }
}
