import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Sends more than anybody wants: votes for views far away, questions, transactions, blocks that nobody asked for.
final class Flooder: Adversary {
    private var round: UInt64 = 0

    func act(_ voice: Voice) {
        round += 1
        for step in 0..<20 {
            let far = View(rawValue: voice.view.rawValue + voice.number(below: 1 << 20))
            voice.send(voice.vote(.nullify(epoch: .first, view: far)), to: .all)
            let phantom = BlockReference(
                hash: .sha256([UInt8(step), UInt8(truncatingIfNeeded: round)]), parent: .zero,
                height: Height(rawValue: voice.highest + 1))
            if let proposal = Proposal(epoch: .first, view: far, parentView: .genesis, block: phantom) {
                voice.send(voice.vote(.notarize(proposal)), to: .all)
                voice.send(voice.vote(.finalize(proposal)), to: .all)
                voice.send(
                    .consensus(
                        .propose(Propose(vote: voice.sign(.notarize(proposal)), justification: .empty)), nil), to: .all)
            }
            voice.send(.blockRequest(BlockHash(phantom.hash)), to: .all)
        }
        voice.send(.rangeRequest(from: Height(rawValue: 1)), to: .all)
        voice.send(.consensus(.rejoin(nonce: round), nil), to: .all)
        if let store = voice.store {
            let stray = Block.empty(
                on: store.position, by: voice.index, time: store.position.header.time.rawValue + round)
            voice.send(.block(stray), to: .all)
        }
        let flood = (0..<4).map { _ in
            voice.consortium.forgery(validUntil: Height(rawValue: voice.highest + 10))
        }
        voice.send(.transactions(flood), to: .all)
    }
}
