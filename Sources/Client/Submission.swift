public import API
public import Cryptography
public import Ledger

extension LedgerClient {
    /// Submits a transaction and waits until it is final.
    ///
    /// - Parameter timeout: How long to wait; after that the transaction may still become final.
    /// - Returns: The checked proof. Operations may have been refused: see ``TransactionProof/requireApplied()``.
    /// - Throws: ``ClientFailure/pending(_:)`` when the time is over, ``ClientFailure/problem(_:node:)`` when no node takes it.
    public func submit(
        _ transaction: Transaction, timeout: Duration = .seconds(30)
    ) async throws(ClientFailure) -> TransactionProof {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        repeat {
            let answer = try await nodes.send(
                .submitTransaction(wait: .final), body: transaction.bytes, timeout: timeout + .seconds(5),
                as: SubmissionReply.self)
            if let proof = answer.value.proof {
                try await verify(proof, of: transaction.id, from: answer.node)
                return proof
            }
        } while clock.now < deadline
        throw .pending(transaction.id)
    }

    /// Reads a transaction with its receipt.
    public func transaction(
        _ id: TransactionID, signedBy key: SigningKey
    ) async throws(ClientFailure) -> TransactionProof {
        let answer = try await nodes.send(.readTransaction(id), signedBy: key, as: SubmissionReply.self)
        guard let proof = answer.value.proof else { throw .pending(id) }
        try await verify(proof, of: id, from: answer.node)
        return proof
    }

    private func verify(
        _ proof: TransactionProof, of id: TransactionID, from node: NodeAddress
    ) async throws(ClientFailure) {
        guard proof.transaction.id == id else { throw .proof(.wrongSubject, node: node.url) }
        try await accept(proof.finality, from: node)
        do { try proof.verifyInclusion() } catch { throw .proof(error, node: node.url) }
    }
}

extension TransactionProof {
    /// Refuses a transaction of which an operation was refused.
    public func requireApplied() throws(ClientFailure) {
        for outcome in receipt.outcomes {
            if case .refused(let refusal) = outcome { throw .refused(transaction.id, refusal) }
        }
    }
}
