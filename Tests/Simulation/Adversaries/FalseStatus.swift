import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Claims heights and views that it has not reached, or that it left long ago.
final class FalseStatus: Adversary {
    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        switch packet {
        case .consensus(.status(let status), _):
            for peer in voice.peers { voice.send(.consensus(.status(lie(status, voice)), nil), to: .one(peer)) }
        case .consensus(.standing(let standing), _):
            let far = View(rawValue: standing.view.rawValue + voice.number(below: 1000))
            let claim = Standing(
                nonce: standing.nonce, epoch: standing.epoch, view: voice.pick([far, View(rawValue: 1)]),
                entry: voice.chance(0.5) ? standing.entry : nil)
            voice.send(.consensus(.standing(claim), nil), to: recipient)
        case .range, .block: break
        default: voice.send(packet, to: recipient)
        }
    }

    private func lie(_ status: Consensus.Status, _ voice: Voice) -> Consensus.Status {
        let far = voice.pick([UInt64(1), 100, UInt64(Int64.max) - status.view.rawValue - status.height.rawValue])
        let isAhead = voice.chance(0.7)
        return Consensus.Status(
            epoch: status.epoch, view: isAhead ? View(rawValue: status.view.rawValue + far) : View(rawValue: 1),
            finalized: isAhead ? View(rawValue: status.view.rawValue) : .genesis,
            height: isAhead ? Height(rawValue: status.height.rawValue + far) : .genesis)
    }
}
