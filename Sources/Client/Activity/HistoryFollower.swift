internal import API
internal import Codec
internal import Cryptography
internal import Ledger

/// Reads what is added to a subject's history, each entry once and none left out: the entries so far and those that are
/// new give the head that a final state commits to.
struct HistoryFollower: Sendable {
    let subject: Subject
    private var head = HistoryHead.empty

    init(_ subject: Subject) { self.subject = subject }

    /// What was added since the last time, oldest first.
    ///
    /// - Parameter key: Signs the requests; its holder may read the history.
    mutating func advance(_ ledger: LedgerClient, signedBy key: SigningKey) async throws(ClientFailure) -> [LedgerEvent]
    {
        var events: [LedgerEvent] = []
        while true {
            let range = HistoryRange(from: head.count, limit: HistoryRange.maximumLimit)
            let answer = try await ledger.nodes.send(
                .readEvidence(subject, range), signedBy: key, timeout: .seconds(60), as: EvidenceReply.self)
            let page = answer.value.history
            try await ledger.accept(page.finality, from: answer.node)
            do {
                guard page.subject == subject, page.from == head.count else { throw ProofFailure.wrongHistory }
                guard let proved = try page.verify(ledger.light.trust) else { throw ProofFailure.missingLeaf }
                // A node that is behind has nothing new to say.
                guard proved.count > head.count else { return events }
                var next = head
                for entry in page.entries { next.append(entry) }
                let isWhole = next.count >= proved.count
                guard !isWhole || next == proved, !page.entries.isEmpty else { throw ProofFailure.wrongHistory }
                for proof in answer.value.transactions {
                    try await ledger.accept(proof.finality, from: answer.node)
                    try proof.verifyInclusion()
                }
                let proofs = Dictionary(
                    answer.value.transactions.map { ($0.transaction.id, $0) }, uniquingKeysWith: { first, _ in first })
                for entry in page.entries { events.append(try LedgerClient.event(entry, proofs[entry.transaction])) }
                head = next
                if isWhole { return events }
            } catch let failure as ClientFailure { throw failure } catch {
                throw .proof(error as? ProofFailure ?? .wrongHistory, node: answer.node.url)
            }
        }
    }
}
