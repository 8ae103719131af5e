import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Speaks in the name of others: votes, proposals and whole certificates that its own key signed.
final class Impersonator: Adversary {
    func hear(_ packet: Packet, from sender: Int, _ voice: Voice) -> Bool {
        guard case .consensus(let message, let block) = packet else { return true }
        switch message {
        case .propose(let propose):
            // The leader's proposal again, as if it were this validator's or another's.
            voice.send(packet, to: voice.someone())
            let forged = Propose(vote: forge(propose.vote.statement, voice), justification: propose.justification)
            voice.send(.consensus(.propose(forged), block), to: voice.someone())
            certify(propose.vote.statement, voice)
        case .vote(let vote):
            voice.send(.consensus(.vote(forge(vote.statement, voice)), nil), to: voice.someone())
            if voice.chance(0.2) { certify(vote.statement, voice) }
        default: break
        }
        return true
    }

    func act(_ voice: Voice) {
        let claim = Statement.nullify(epoch: .first, view: voice.view)
        for peer in voice.peers { voice.send(.consensus(.vote(voice.sign(claim, as: peer)), nil), to: .all) }
        certify(claim, voice)
        if let proposal = Proposal(
            epoch: .first, view: voice.view.next, parentView: voice.view,
            block: BlockReference(hash: .sha256([1]), parent: .sha256([2]), height: Height(rawValue: voice.highest + 1))
        ) {
            let vote = voice.sign(.notarize(proposal), as: voice.leader(of: voice.view.next))
            voice.send(.consensus(.propose(Propose(vote: vote, justification: .empty)), nil), to: .all)
        }
    }

    private func forge(_ statement: Statement, _ voice: Voice) -> Vote {
        voice.sign(statement, as: voice.pick(voice.peers))
    }

    private func certify(_ statement: Statement, _ voice: Voice) {
        let votes = voice.validators.indices.map { voice.sign(statement, as: $0) }
        voice.send(.consensus(.certificate(Certificate(statement: statement, votes: votes)), nil), to: voice.someone())
        // Its own vote as often as a quorum is large would have to be.
        let few = Certificate(statement: statement, votes: [voice.sign(statement)])
        voice.send(.consensus(.certificate(few), nil), to: voice.someone())
    }
}
