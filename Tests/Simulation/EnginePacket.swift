import Codec
package import Consensus
package import Cryptography

/// A block without contents: all that consensus needs to be exercised.
package struct SimulatedBlock: Hashable {
    package let reference: BlockReference
    /// Whether executing it gives what its header says.
    package let isValid: Bool

    /// A block that `tag` tells apart from every other.
    package init(on parent: BlockReference, tag: UInt64, isValid: Bool = true) {
        var writer = CBORWriter(capacity: 48)
        writer.write(parent.hash)
        writer.write(tag)
        writer.write(isValid)
        reference = BlockReference(hash: .sha256(writer.bytes), parent: parent.hash, height: parent.height.next)
        self.isValid = isValid
    }
}

/// What crosses the simulated network.
package enum EnginePacket {
    case message(Message)
    /// A proposal and its block.
    case proposal(Message, SimulatedBlock)
    /// Asks for a block and its ancestors.
    case fetch(Digest)
    /// Blocks, the newest first.
    case blocks([SimulatedBlock])

    /// What the network takes it for.
    var kind: PacketKind {
        switch self {
        case .message(let message), .proposal(let message, _): message.packetKind
        case .fetch: .request
        case .blocks: .body
        }
    }

    /// About how many bytes it has.
    var roughSize: Int {
        switch self {
        case .message(let message), .proposal(let message, _): message.roughSize
        case .fetch: 40
        case .blocks(let blocks): 200 * blocks.count
        }
    }

    /// For the event hash and traces.
    var label: String {
        switch self {
        case .message(let message), .proposal(let message, _): message.label
        case .fetch: "fetch"
        case .blocks(let blocks): "\(blocks.count) blocks"
        }
    }
}

extension Message {
    /// For traces.
    var label: String {
        switch self {
        case .vote(let vote): "\(vote.statement.kind) \(vote.statement.view)"
        case .certificate(let certificate): "certificate \(certificate.statement.kind) \(certificate.view)"
        case .status(let status): "status \(status.view)/\(status.finalized)"
        case .rejoin: "rejoin"
        case .standing(let standing): "standing \(standing.view)"
        case .propose(let propose): "propose \(propose.vote.statement.view)"
        }
    }
}
