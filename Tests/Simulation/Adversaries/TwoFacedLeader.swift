import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Proposes two blocks in each of its views, one to each half, and backs whatever anybody proposes.
final class TwoFacedLeader: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        guard case .consensus(.propose(let propose), let block?) = packet else {
            return voice.send(packet, to: recipient)
        }
        var other = block
        other.header.time = Timestamp(rawValue: block.header.time.rawValue + 1)
        let first = voice.someone()
        voice.send(packet, to: first)
        guard let second = voice.propose(other, like: propose) else { return }
        voice.send(second, to: voice.peers.filter { !first.contains($0) || voice.chance(0.3) })
    }

    func hear(_ packet: Packet, from sender: Int, _ voice: Voice) -> Bool {
        guard case .consensus(let message, _) = packet else { return true }
        switch message {
        case .propose(let propose): back(propose.vote.statement, voice)
        case .vote(let vote) where vote.statement.kind != .nullify: back(vote.statement, voice)
        default: break
        }
        return true
    }

    private func back(_ statement: Statement, _ voice: Voice) {
        guard let proposal = statement.proposal else { return }
        voice.send(voice.vote(.notarize(proposal)), to: voice.someone())
        if voice.chance(0.5) { voice.send(voice.vote(.finalize(proposal)), to: voice.someone()) }
    }
}
