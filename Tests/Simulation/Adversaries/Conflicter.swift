import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Contradicts each of its own votes with one for a block that does not exist.
final class Conflicter: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        voice.send(packet, to: recipient)
        guard case .consensus(let message, _) = packet else { return }
        switch message {
        case .vote(let vote): contradict(vote.statement, voice)
        case .propose(let propose): contradict(propose.vote.statement, voice)
        default: break
        }
    }

    private func contradict(_ statement: Statement, _ voice: Voice) {
        guard let old = statement.proposal else { return }
        let phantom = BlockReference(
            hash: .sha256([UInt8(truncatingIfNeeded: voice.number(below: 256))]), parent: old.block.parent,
            height: old.block.height)
        guard
            let proposal = Proposal(epoch: old.epoch, view: old.view, parentView: old.parentView, block: phantom)
        else { return }
        voice.send(voice.vote(statement.kind == .notarize ? .notarize(proposal) : .finalize(proposal)), to: .all)
    }
}
