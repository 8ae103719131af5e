import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Collects votes and passes no certificate on, not even inside its proposals.
final class CertificateWithholder: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        switch packet {
        case .consensus(.certificate, _), .consensus(.standing, _): break
        case .consensus(.propose(let propose), let block):
            let bare = Propose(vote: propose.vote, justification: .empty)
            voice.send(.consensus(.propose(bare), block), to: recipient)
        default: voice.send(packet, to: recipient)
        }
    }
}
