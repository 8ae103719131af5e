internal import API
internal import Codec
public import Cryptography
public import Ledger

/// Something that happened to a subject, proved: an entry of its history with the operation that the entry names.
public struct LedgerEvent: Hashable, Sendable {
    /// When, in which transaction, and what came of it.
    public let entry: HistoryEntry
    /// What was asked for.
    public let operation: Operation

    package init(entry: HistoryEntry, operation: Operation) {
        self.entry = entry
        self.operation = operation
    }

    /// Whether it took effect.
    public var isApplied: Bool { entry.outcome == .applied }
}

extension LedgerClient {
    /// Everything that ever happened to a subject, oldest first, all of it proved to be all of it.
    ///
    /// - Parameter key: Signs the requests; its holder may read the history.
    /// - Throws: ``ClientFailure/proof(_:node:)`` when a node leaves out or adds anything.
    public func events(of subject: Subject, signedBy key: SigningKey) async throws(ClientFailure) -> [LedgerEvent] {
        try await firstBelieved { (node) async throws(ClientFailure) in
            guard let pages = try await self.pages(of: subject, from: node, signedBy: key) else { return [] }
            var operations: [TransactionID: TransactionProof] = [:]
            for proof in pages.flatMap(\.transactions) {
                try await self.accept(proof.finality, from: node)
                do throws(ProofFailure) { try proof.verifyInclusion() } catch { throw .proof(error, node: node.url) }
                operations[proof.transaction.id] = proof
            }
            do {
                guard let history = try CompleteHistory(subject: subject, pages: pages.map(\.history)) else {
                    return []
                }
                return try history.entries.map { try Self.event($0, operations[$0.transaction]) }
            } catch { throw .proof(error as? ProofFailure ?? .wrongHistory, node: node.url) }
        }
    }

    /// The operation that an entry names, which must have come out as the entry says.
    static func event(_ entry: HistoryEntry, _ proof: TransactionProof?) throws(ProofFailure) -> LedgerEvent {
        guard let proof, entry.operation < proof.receipt.outcomes.count,
            proof.receipt.outcomes[entry.operation] == entry.outcome, proof.finality.header.height == entry.height
        else { throw .wrongTransactions }
        return LedgerEvent(entry: entry, operation: proof.transaction.operations[entry.operation])
    }
}
