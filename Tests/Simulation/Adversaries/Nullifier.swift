import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Gives up every view, also those that it makes final.
final class Nullifier: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        voice.send(packet, to: recipient)
        guard case .consensus(let message, _) = packet else { return }
        switch message {
        case .vote(let vote): nullify(vote.statement, voice)
        case .propose(let propose): nullify(propose.vote.statement, voice)
        default: break
        }
    }

    func hear(_ packet: Packet, from sender: Int, _ voice: Voice) -> Bool {
        if case .consensus(.propose(let propose), _) = packet { nullify(propose.vote.statement, voice) }
        return true
    }

    private func nullify(_ statement: Statement, _ voice: Voice) {
        voice.send(voice.vote(.nullify(epoch: statement.epoch, view: statement.view)), to: .all)
    }
}
