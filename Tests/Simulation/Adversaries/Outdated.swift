import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Says nothing new: it repeats what was true long ago.
final class Outdated: Adversary {
    private var heard: [Packet] = []

    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        keep(packet)
        voice.send(packet, to: recipient, after: 20_000_000)
        if !heard.isEmpty { voice.send(voice.pick(heard), to: voice.someone()) }
    }

    func hear(_ packet: Packet, from sender: Int, _ voice: Voice) -> Bool {
        if voice.chance(0.1) { keep(packet) }
        return true
    }

    private func keep(_ packet: Packet) {
        heard.append(packet)
        if heard.count > 400 { heard.removeFirst(200) }
    }
}
