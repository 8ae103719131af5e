import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Proposes at the last moment, and to some earlier than to others.
final class LateProposer: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        guard case .consensus(.propose, _) = packet else { return voice.send(packet, to: recipient) }
        let favoured = voice.someone()
        voice.send(packet, to: favoured, after: voice.pick([0, 1_000_000]))
        let late = voice.peers.filter { !favoured.contains($0) }
        voice.send(packet, to: late, after: 1_500_000 + Int64(voice.number(below: 1_500_000)))
    }
}
