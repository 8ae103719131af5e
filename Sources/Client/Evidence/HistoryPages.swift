internal import API
internal import Codec
internal import Cryptography
internal import Ledger

extension LedgerClient {
    /// All pages of a subject's history as one node gives them, none older than what this client has seen.
    ///
    /// Each page's own proof is checked here; whether the entries are the whole history is for ``API/CompleteHistory``.
    ///
    /// - Returns: Nothing when the node proves that there is no such subject.
    func pages(
        of subject: Subject, from node: NodeAddress, signedBy key: SigningKey
    ) async throws(ClientFailure) -> [EvidenceReply]? {
        var pages: [EvidenceReply] = []
        var next: UInt64 = 0
        while true {
            let range = HistoryRange(from: next, limit: HistoryRange.maximumLimit)
            let page = try await nodes.send(
                .readEvidence(subject, range), signedBy: key, to: node, timeout: .seconds(60), as: EvidenceReply.self
            ).value
            guard page.history.subject == subject else { throw .proof(.wrongSubject, node: node.url) }
            try await accept(page.history.finality, from: node, fresh: true)
            let head: HistoryHead?
            do { head = try page.history.provedHead() } catch { throw .proof(error, node: node.url) }
            guard let head else { return nil }
            pages.append(page)
            next += UInt64(page.history.entries.count)
            if next >= head.count { return pages }
            // A page without entries before the end: the history has one that the node does not show.
            if page.history.entries.isEmpty { throw .proof(.wrongHistory, node: node.url) }
        }
    }
}
