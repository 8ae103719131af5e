import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Two honest processes with one key, which do not know of each other: each hears some of the others and speaks to some.
final class Twins: Adversary {
    private var ears: [Int: [ValidatorIndex]] = [:]
    private var mouths: [Int: [ValidatorIndex]] = [:]
    private var changed: UInt64 = 0

    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        let reached = mouths[voice.slot] ?? voice.peers
        voice.send(packet, to: voice.recipients(recipient).filter(reached.contains))
    }

    func hear(_ packet: Packet, from sender: Int, _ voice: Voice) -> Bool {
        // Neither may see the other's votes inside certificates, or it would stop.
        (ears[voice.slot] ?? voice.peers).contains(ValidatorIndex(rawValue: sender))
    }

    func act(_ voice: Voice) {
        guard voice.chance(0.3) else { return }
        ears[voice.slot] = voice.peers.filter { _ in voice.chance(0.7) }
        mouths[voice.slot] = voice.peers.filter { _ in voice.chance(0.7) }
    }
}
