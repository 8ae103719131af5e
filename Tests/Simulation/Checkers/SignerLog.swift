import Codec
import Consensus
import Cryptography

/// No honest validator ever says two things that exclude each other, across crashes and restarts: the strongest check
/// of all.
struct SignerLog {
    private struct Place: Hashable {
        let signer: ValidatorIndex
        let view: View
    }

    private struct Said {
        var notarize: Proposal?
        var finalize: Proposal?
        var nullified = false
    }

    private var log: [Place: Said] = [:]
    private var givenUp: Set<Place> = []

    /// A finding when the vote excludes an earlier one of its signer.
    mutating func check(_ vote: Vote) -> String? {
        let place = Place(signer: vote.signer, view: vote.statement.view)
        var said = log[place] ?? Said()
        defer { log[place] = said }
        switch vote.statement {
        case .notarize(let proposal):
            if let earlier = said.notarize, earlier != proposal {
                return "validator \(vote.signer) notarizes twice in \(place.view)"
            }
            said.notarize = proposal
        case .finalize(let proposal):
            if let earlier = said.finalize, earlier != proposal {
                return "validator \(vote.signer) finalizes twice in \(place.view)"
            }
            said.finalize = proposal
        case .nullify: said.nullified = true
        }
        return said.nullified && said.finalize != nil
            ? "validator \(vote.signer) nullifies and finalizes view \(place.view)" : nil
    }

    /// A finding when a validator backs a proposal in a view that it has given up (R5).
    mutating func decided(_ vote: Vote) -> String? {
        let place = Place(signer: vote.signer, view: vote.statement.view)
        switch vote.statement {
        case .nullify: givenUp.insert(place)
        case .notarize:
            if givenUp.contains(place) { return "validator \(vote.signer) backs view \(place.view) after giving it up" }
        case .finalize: break
        }
        return nil
    }
}
