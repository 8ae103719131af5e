import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Proposes to everybody and gives its blocks to a quorum less one only; answers no question for a block.
final class BodyWithholder: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        switch packet {
        case .consensus(.propose(let propose), .some):
            // This validator holds the block as well.
            let favoured = Array(voice.peers.shuffled(voice).prefix(voice.validators.quorum - 2))
            for peer in voice.peers {
                voice.send(favoured.contains(peer) ? packet : .consensus(.propose(propose), nil), to: .one(peer))
            }
        case .block, .range: break
        default: voice.send(packet, to: recipient)
        }
    }
}

extension [ValidatorIndex] {
    /// The same in a random order.
    fileprivate func shuffled(_ voice: Voice) -> [ValidatorIndex] {
        var (rest, shuffled) = (self, [ValidatorIndex]())
        while !rest.isEmpty { shuffled.append(rest.remove(at: Int(voice.number(below: UInt64(rest.count))))) }
        return shuffled
    }
}
