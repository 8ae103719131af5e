import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Passes on the votes and certificates of others with signatures that nobody made.
final class VoteMalleator: Adversary {
    func hear(_ packet: Packet, from sender: Int, _ voice: Voice) -> Bool {
        guard case .consensus(let message, _) = packet else { return true }
        switch message {
        case .vote(let vote): voice.send(.consensus(.vote(malleate(vote, voice)), nil), to: voice.someone())
        case .certificate(let certificate):
            var votes = certificate.votes
            let place = Int(voice.number(below: UInt64(votes.count)))
            votes[place] = malleate(votes[place], voice)
            let spoilt = Certificate(statement: certificate.statement, votes: votes)
            voice.send(.consensus(.certificate(spoilt), nil), to: voice.someone())
        default: break
        }
        return true
    }

    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        guard case .consensus(.vote(let vote), _) = packet else { return voice.send(packet, to: recipient) }
        // Its own votes come spoilt first: an unchecked one in the tally would poison the certificate.
        voice.send(.consensus(.vote(malleate(vote, voice)), nil), to: recipient)
        voice.send(packet, to: recipient)
    }

    private func malleate(_ vote: Vote, _ voice: Voice) -> Vote {
        var bytes = vote.signature.bytes
        bytes[40] ^= 1 << UInt8(voice.number(below: 7))
        guard let signature = Signature(bytes) else { return vote }
        return Vote(statement: vote.statement, signer: vote.signer, signature: signature)
    }
}
