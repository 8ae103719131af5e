import Codec
import Consensus
import Cryptography

/// One block per height, ever, at every honest validator.
struct Agreement {
    private var canonical: [Digest] = []

    /// The highest final height so far.
    var height: UInt64 { UInt64(canonical.count) }

    /// A finding unless the block is the one that everybody else has at its height.
    mutating func finalized(_ block: BlockReference, by index: Int) -> String? {
        let place = Int(block.height.rawValue) - 1
        if place == canonical.count { canonical.append(block.hash) }
        return place < canonical.count && canonical[place] == block.hash
            ? nil : "validator \(index): another block is final at height \(block.height)"
    }
}

/// No honest validator ever says two things that exclude each other, across crashes and restarts.
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
}

/// One notarization per view, and no view both final and given up.
struct CertificateLog {
    private var notarized: [View: Proposal] = [:]
    private var finalized: Set<View> = []
    private var nullified: Set<View> = []

    /// A finding when a certificate excludes an earlier one.
    mutating func check(_ certificate: Certificate) -> String? {
        let view = certificate.view
        switch certificate.statement {
        case .notarize(let proposal):
            if let earlier = notarized[view], earlier != proposal { return "two notarizations in view \(view)" }
            notarized[view] = proposal
        case .nullify: nullified.insert(view)
        case .finalize: finalized.insert(view)
        }
        return finalized.contains(view) && nullified.contains(view) ? "view \(view) is final and nullified" : nil
    }

    /// A finding when the chain below this block skips a view that nobody has given up.
    func checkAncestry() -> String? {
        for view in finalized.sorted() {
            guard let proposal = notarized[view] else { continue }
            var between = proposal.parentView.next
            while between < view {
                if !nullified.contains(between) { return "view \(view) skips \(between), which nobody gave up" }
                between = between.next
            }
        }
        return nil
    }
}
