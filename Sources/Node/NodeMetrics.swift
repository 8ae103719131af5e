/// What a node counts about itself; the page adds what others count.
final class NodeMetrics: Sendable {
    let requestTime = Histogram()
    let finalityTime = Histogram()
    let refusedRequests = Counter()
    let failedRequests = Counter()
    let acceptedTransactions = Counter()
    let servedFragments = Counter()
    let finalBlocks = Counter()
    let finalTransactions = Counter()
    let journalSyncs = Counter()
    let signatureChecks = Counter()

    /// Adds everything to a page.
    func write(to page: inout MetricsPage) {
        page.histogram("careledger_http_request_seconds", "Time to answer a request.", requestTime)
        page.histogram(
            "careledger_finality_seconds", "From a transaction's acceptance to its final block.", finalityTime)
        page.counter("careledger_http_refused_total", "Requests answered with a problem.", refusedRequests.count)
        page.counter("careledger_http_failed_total", "Requests that the node failed to answer.", failedRequests.count)
        page.counter(
            "careledger_transactions_accepted_total", "Transactions taken in from clients.",
            acceptedTransactions.count)
        page.counter("careledger_transactions_final_total", "Transactions in final blocks.", finalTransactions.count)
        page.counter("careledger_blocks_final_total", "Final blocks since the start.", finalBlocks.count)
        page.counter("careledger_fragments_served_total", "Capsule fragments handed out.", servedFragments.count)
        page.counter("careledger_journal_syncs_total", "Times the journal was synced.", journalSyncs.count)
        page.counter("careledger_signature_checks_total", "Signatures checked.", signatureChecks.count)
    }
}
