import Codec
import Consensus
import Cryptography

/// One notarization per view, no view both final and given up, and no final block over a view that nobody gave up.
struct CertificateLog {
    private var notarized: [View: Proposal] = [:]
    private var finalized: Set<View> = []
    private var nullified: Set<View> = []

    /// A finding when a certificate excludes an earlier one.
    mutating func check(_ certificate: Certificate) -> String? {
        let view = certificate.view
        switch certificate.statement {
        case .notarize(let proposal), .finalize(let proposal):
            if let earlier = notarized[view], earlier != proposal {
                return "two proposals of view \(view) have quorums"
            }
            notarized[view] = proposal
            if certificate.statement.kind == .finalize { finalized.insert(view) }
        case .nullify: nullified.insert(view)
        }
        return finalized.contains(view) && nullified.contains(view) ? "view \(view) is final and nullified" : nil
    }

    /// A finding when the chain below a final block skips a view that nobody has given up.
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
