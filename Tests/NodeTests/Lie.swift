import API
import Client
import Codec
import Consensus
import Cryptography
import Ledger
import Testing

/// A way in which a node can falsify what it says of a history, and what must be found out.
struct Lie: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let tell: @Sendable (EvidenceReply) -> EvidenceReply
    let isFound: @Sendable (ProofFailure) -> Bool

    private init(
        _ name: String, _ expected: [ProofFailure], entries: @escaping @Sendable (inout [HistoryEntry]) -> Void
    ) {
        self.init(name, expected) { reply in
            var changed = reply.history.entries
            entries(&changed)
            return reply.with(entries: changed)
        }
    }

    private init(
        _ name: String, _ expected: [ProofFailure], tell: @escaping @Sendable (EvidenceReply) -> EvidenceReply
    ) {
        testDescription = name
        self.tell = tell
        isFound = { expected.contains($0) }
    }

    private init(
        _ name: String, where isFound: @escaping @Sendable (ProofFailure) -> Bool,
        tell: @escaping @Sendable (EvidenceReply) -> EvidenceReply
    ) {
        testDescription = name
        self.tell = tell
        self.isFound = isFound
    }

    /// One of each sort: leaves something out, changes the order, ends early, gives another time.
    static let sorts = [omissions[1], omissions[3], falsifications[0], falsifications[4]]

    /// Lies about the entries, which everybody must find who reads them.
    static let entries = omissions + falsifications

    static let omissions = [
        Lie("omits the first entry", [.wrongHistory]) { $0.removeFirst() },
        Lie("omits one in the middle", [.wrongHistory]) { $0.remove(at: $0.count / 2) },
        Lie("omits the last", [.wrongHistory]) { $0.removeLast() },
        Lie(
            "ends after three entries", [.wrongHistory],
            tell: { $0.with(entries: Array($0.history.entries.prefix(3 - min(3, Int($0.history.from))))) }),
        Lie("shows nothing", [.wrongHistory]) { $0.removeAll() },
        Lie("omits a transaction", [.wrongTransactions]) { $0.with(transactions: Array($0.transactions.dropLast())) },
        Lie("skips to a later page", [.wrongHistory]) { $0.with(from: $0.history.from + 1) },
    ]

    static let falsifications = [
        Lie("swaps two entries", [.wrongHistory]) { $0.swapAt(0, $0.count - 1) },
        Lie("reverses the order", [.wrongHistory]) { $0.reverse() },
        Lie("repeats an entry in place of another", [.wrongHistory]) { $0[$0.count - 1] = $0[0] },
        Lie("adds an entry", [.wrongHistory]) { $0.append($0[0]) },
        Lie("back-dates an entry", [.wrongHistory]) { $0[$0.count - 1].time = $0[0].time },
        Lie("moves an entry to an earlier block", [.wrongHistory]) { $0[$0.count - 1].height = $0[0].height },
        Lie("calls a refused request applied", [.wrongHistory]) { entries in
            for index in entries.indices { entries[index].outcome = .applied }
        },
        Lie("calls an applied operation refused", [.wrongHistory]) { $0[0].outcome = .refused(.grantRevoked) },
        Lie("names another operation of the transaction", [.wrongHistory]) { $0[0].operation += 1 },
        Lie("adds a transaction that nothing names", [.wrongTransactions, .notInBlock]) { reply in
            reply.with(entries: reply.history.entries, transactions: reply.transactions, extra: true)
        },
    ]

    static let proofs = [
        Lie("is about another subject", [.wrongSubject]) { $0.with(subject: .staff(StaffID(.zero))) },
        Lie(
            "proves another leaf",
            where: { if case .state = $0 { true } else { false } },
            tell: { reply in
                let siblings = reply.history.proof.siblings.map { _ in Digest.zero }
                return reply.with(proof: StateProof(siblings: siblings, end: reply.history.proof.end))
            }),
        Lie(
            "proves that there is no such subject",
            where: { if case .state = $0 { true } else { false } },
            tell: { $0.with(proof: StateProof(siblings: $0.history.proof.siblings, end: .nothing)) }),
        Lie(
            "back-dates the proved block", [.notFinal],
            tell: { reply in
                var header = reply.history.finality.header
                header.time = Timestamp(rawValue: 1)
                return reply.with(finality: FinalityProof(header: header, certificate: reply.certificate))
            }),
        Lie(
            "shows another state under the block's certificate", [.notFinal],
            tell: { reply in
                var header = reply.history.finality.header
                header.stateRoot = .zero
                return reply.with(finality: FinalityProof(header: header, certificate: reply.certificate))
            }),
        Lie(
            "leaves the certificate out", [.notFinal],
            tell: { $0.with(finality: FinalityProof(header: $0.history.finality.header, certificate: nil)) }),
        Lie(
            "has one signature fewer than a quorum",
            where: { if case .certificate(.tooFewSigners) = $0 { true } else { false } },
            tell: { reply in
                guard let certificate = reply.certificate else { return reply }
                let fewer = Certificate(statement: certificate.statement, votes: Array(certificate.votes.prefix(2)))
                return reply.with(
                    finality: FinalityProof(
                        header: reply.history.finality.header, anchor: reply.history.finality.anchor,
                        certificate: fewer))
            }),
    ]
}

extension EvidenceReply {
    fileprivate var certificate: Certificate? { history.finality.certificate }

    fileprivate func with(
        finality: FinalityProof? = nil, subject: Subject? = nil, proof: StateProof? = nil, from: UInt64? = nil,
        entries: [HistoryEntry]? = nil, transactions: [TransactionProof]? = nil, extra: Bool = false
    ) -> EvidenceReply {
        let changed = HistoryReply(
            finality: finality ?? history.finality, subject: subject ?? history.subject,
            proof: proof ?? history.proof, from: from ?? history.from, entries: entries ?? history.entries)
        var transactions = transactions ?? self.transactions
        if extra { transactions.append(Lie.stranger(like: transactions[0])) }
        return EvidenceReply(history: changed, transactions: transactions)
    }
}

extension Lie {
    /// A transaction that is in no block, with the proofs of one that is.
    fileprivate static func stranger(like other: TransactionProof) -> TransactionProof {
        let body = other.transaction.body
        let made = Transaction(
            TransactionBody(
                chain: body.chain, nonce: SystemRandom.bytes(16), validUntil: body.validUntil,
                operations: body.operations), signedBy: [.random()])
        return TransactionProof(
            finality: other.finality, transaction: made, inclusion: other.inclusion,
            receipt: Receipt(transaction: made.id, outcomes: other.receipt.outcomes),
            receiptInclusion: other.receiptInclusion)
    }
}
