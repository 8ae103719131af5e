import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Answers every question for blocks with something else.
final class BogusSync: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        switch packet {
        case .range(let blocks, let headers, let certificate):
            voice.send(spoil(blocks, headers, certificate, voice), to: recipient)
        case .block(let block): voice.send(.block(alter(block, voice)), to: recipient)
        case .consensus(.status(let status), _):
            // Everybody should ask here.
            let claim = Consensus.Status(
                epoch: status.epoch, view: status.view, finalized: status.finalized,
                height: Height(rawValue: voice.highest + 3))
            voice.send(.consensus(.status(claim), nil), to: recipient)
        default: voice.send(packet, to: recipient)
        }
    }

    private func alter(_ block: Block, _ voice: Voice) -> Block {
        var block = block
        if voice.chance(0.5), !block.transactions.isEmpty {
            // The same header and other transactions.
            block.transactions.removeLast()
        } else if voice.chance(0.5) {
            block.transactions.append(voice.consortium.forgery(validUntil: Height(rawValue: voice.highest + 10)))
        } else {
            block.header.stateRoot = .sha256([7])
        }
        return block
    }

    private func spoil(
        _ blocks: [Block], _ headers: [BlockHeader], _ certificate: Certificate, _ voice: Voice
    ) -> Packet {
        var (blocks, headers, certificate) = (blocks, headers, certificate)
        switch voice.number(below: 7) {
        case 0: if let last = blocks.popLast() { blocks.append(alter(last, voice)) }
        case 1: if !blocks.isEmpty { blocks[0] = alter(blocks[0], voice) }
        case 2: blocks.reverse()
        case 3: headers.removeAll()
        case 4: blocks = []
        case 5:
            let votes = voice.validators.indices.map { voice.sign(certificate.statement, as: $0) }
            certificate = Certificate(statement: certificate.statement, votes: votes)
        default:
            // A statement of another kind, by a quorum.
            if let proposal = certificate.proposal {
                let votes = voice.validators.indices.map { voice.sign(.notarize(proposal), as: $0) }
                certificate = Certificate(statement: .notarize(proposal), votes: votes)
            }
        }
        return .range(blocks, headers: headers, certificate)
    }
}
