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

    /// Whether it took effect.
    public var isApplied: Bool { entry.outcome == .applied }
}

extension LedgerClient {
    /// Everything that ever happened to a subject, oldest first, all of it proved to be all of it.
    ///
    /// - Parameter key: Signs the requests; its holder may read the history.
    /// - Throws: ``ClientFailure/proof(_:node:)`` when a node leaves out or adds anything.
    public func events(of subject: Subject, signedBy key: SigningKey) async throws(ClientFailure) -> [LedgerEvent] {
        var pages: [HistoryReply] = []
        var operations: [TransactionID: TransactionProof] = [:]
        var next: UInt64 = 0
        var name = ""
        while true {
            let range = HistoryRange(from: next, limit: HistoryRange.maximumLimit)
            let answer = try await nodes.send(
                .readEvidence(subject, range), signedBy: key, timeout: .seconds(60), as: EvidenceReply.self)
            name = answer.node.url
            try accept(answer.value.history.finality, from: answer.node)
            for proof in answer.value.transactions {
                try accept(proof.finality, from: answer.node)
                do { try proof.verifyInclusion() } catch { throw .proof(error, node: name) }
                operations[proof.transaction.id] = proof
            }
            pages.append(answer.value.history)
            next += UInt64(answer.value.history.entries.count)
            if answer.value.history.entries.isEmpty || isLast(answer.value.history, next) { break }
        }
        do {
            guard let history = try CompleteHistory(subject: subject, pages: pages) else { return [] }
            return try history.entries.map { try Self.event($0, operations[$0.transaction]) }
        } catch { throw .proof(error as? ProofFailure ?? .wrongHistory, node: name) }
    }

    /// Whether the entries up to `next` are as many as the leaf says. What cannot be read is judged with all pages.
    private func isLast(_ page: HistoryReply, _ next: UInt64) -> Bool {
        guard let head = try? page.verify(light.trust) else { return true }
        return next >= head.count
    }

    /// The operation that an entry names, which must have come out as the entry says.
    static func event(_ entry: HistoryEntry, _ proof: TransactionProof?) throws(ProofFailure) -> LedgerEvent {
        guard let proof, entry.operation < proof.receipt.outcomes.count,
            proof.receipt.outcomes[entry.operation] == entry.outcome, proof.finality.header.height == entry.height
        else { throw .wrongTransactions }
        return LedgerEvent(entry: entry, operation: proof.transaction.operations[entry.operation])
    }
}
