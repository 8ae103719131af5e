public import API
internal import Codec
public import Ledger
public import Consensus
internal import Cryptography

/// Something that happened, with the transaction that asked for it.
public struct ProvedEvent: Hashable, Sendable {
    /// When, and what came of it.
    public let entry: HistoryEntry
    /// The transaction, whose signatures hold.
    public let transaction: Transaction

    /// What was asked for.
    public var operation: Operation { transaction.operations[entry.operation] }
    /// Whether it took effect.
    public var isApplied: Bool { entry.outcome == .applied }

    /// Where it stands on the chain, the same in every history that it is part of.
    var place: Place { Place(height: entry.height, transaction: transaction.id, operation: entry.operation) }

    struct Place: Hashable {
        let height: Height
        let transaction: TransactionID
        let operation: Int
    }
}

/// A history that is known to be genuine and complete up to a final block.
public struct ProvedHistory: Hashable, Sendable {
    /// Whose history.
    public let subject: Subject
    /// The block whose state commits to the length and head of it.
    public let header: BlockHeader
    /// Everything that happened, oldest first.
    public let events: [ProvedEvent]

    /// Judges pages against the genesis file: that each block is final, that each transaction stands in its block with
    /// what came of it, that every signature holds, and that no entry is missing or added.
    ///
    /// - Parameter final: The certificates that are known to hold, by block; those that are found to are added.
    /// - Throws: ``ProofFailure``: what does not hold.
    public init(
        _ pages: [EvidenceReply], trust: TrustAnchor, final: inout [BlockHash: Certificate?]
    ) throws(ProofFailure) {
        guard let first = pages.first else { throw .missingLeaf }
        var transactions: [TransactionID: TransactionProof] = [:]
        for page in pages {
            try Self.check(page.history.finality, trust, &final)
            for proof in page.transactions where transactions[proof.transaction.id] == nil {
                try Self.check(proof.finality, trust, &final)
                try proof.verifyInclusion()
                guard proof.transaction.verifySignatures() else { throw .invalidSignature }
                transactions[proof.transaction.id] = proof
            }
        }
        guard let history = try CompleteHistory(subject: first.history.subject, pages: pages.map(\.history)) else {
            throw .missingLeaf
        }
        subject = history.subject
        header = history.header
        var events: [ProvedEvent] = []
        for entry in history.entries {
            guard let proof = transactions[entry.transaction], entry.operation < proof.receipt.outcomes.count,
                proof.receipt.outcomes[entry.operation] == entry.outcome,
                proof.finality.header.height == entry.height, proof.finality.header.time == entry.time
            else { throw .wrongTransactions }
            events.append(ProvedEvent(entry: entry, transaction: proof.transaction))
        }
        guard Set(history.entries.map(\.transaction)).count == transactions.count else { throw .wrongTransactions }
        self.events = events
    }

    /// Checks that a block is final. A certificate is checked once, however many proofs bring it; another one for the same
    /// block is checked too, so that nothing in the evidence is left unread.
    static func check(
        _ proof: FinalityProof, _ trust: TrustAnchor, _ final: inout [BlockHash: Certificate?]
    ) throws(ProofFailure) {
        let hash = proof.certifiedHeader.hash
        if let known = final[hash], known == proof.certificate { return try proof.verifyAncestry(trust) }
        try proof.verify(trust)
        final[hash] = .some(proof.certificate)
    }
}
