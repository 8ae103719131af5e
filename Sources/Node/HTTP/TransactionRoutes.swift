internal import API
internal import ChainStorage
internal import Codec
internal import Cryptography
internal import HTTPTypes
internal import Hummingbird
internal import Ledger

// Transactions carry their own signatures: anybody may bring one.
extension Responder {
    /// How long a client waits at most for its transaction to become final.
    private static let patience = Duration.seconds(30)

    func submit(_ wait: API.Request.Wait, _ exchange: Exchange) async throws -> Response {
        let transaction: Transaction
        do throws(DecodingFailure) { transaction = try Transaction(decoding: exchange.body) } catch {
            throw Problem(error, in: "transaction")
        }
        do throws(TransactionRefusal) {
            try Transition.admit(transaction, tip: node.reads.store.height, over: node.reads.store)
        } catch .replayed {
            // Sending again what is on the chain already is no mistake: the first answer may have been lost.
            return exchange.form.answer(try reply(transaction.id))
        } catch { throw Self.problem(error) }
        if wait == .accepted {
            try await accept(transaction)
            return exchange.form.answer(
                SubmissionReply(transaction: transaction.id, proof: nil), status: .accepted)
        }
        let start = ContinuousClock.now
        try await accept(transaction)
        let outcome = await node.feed.wait(
            for: transaction.id, validUntil: transaction.body.validUntil, timeout: Self.patience,
            isFinal: { node.reads.store.contains(transaction.id) })
        switch outcome {
        case .final:
            node.metrics.finalityTime.record(start.duration(to: .now))
            return exchange.form.answer(try reply(transaction.id))
        case .pending:
            return exchange.form.answer(
                SubmissionReply(transaction: transaction.id, proof: nil), status: .accepted)
        case .expired: throw Problem(.transactionExpired)
        }
    }

    func transaction(_ id: TransactionID, _ exchange: Exchange) throws -> Response {
        guard let requester = exchange.requester, let proof = try node.reads.transaction(id),
            Authorization.mayRead(
                proof.transaction, by: requester, over: node.reads.store, at: node.reads.tip)
        else { throw Problem(.notFound) }
        return exchange.form.answer(SubmissionReply(transaction: id, proof: proof))
    }

    private func reply(_ id: TransactionID) throws -> SubmissionReply {
        SubmissionReply(transaction: id, proof: try node.reads.transaction(id))
    }

    private static func problem(_ refusal: TransactionRefusal) -> Problem {
        switch refusal {
        case .expired: Problem(.transactionExpired)
        case .replayed:
            Problem(.transactionRefused, "The transaction is on the chain already.", reason: "replayed")
        case .wrongChain:
            Problem(.transactionRefused, "The transaction is for another chain.", reason: "wrong-chain")
        case .validUntilTooFar:
            Problem(
                .transactionRefused, "The last height is too far above the last block.", reason: "valid-until-too-far")
        }
    }

    private func accept(_ transaction: Transaction) async throws {
        switch await node.submit(transaction) {
        case .accepted, .refused(.replayed): node.metrics.acceptedTransactions.add()
        case .invalidSignature:
            throw Problem(.transactionRefused, "A signature does not hold.", reason: "invalid-signature")
        case .refused(let refusal): throw Self.problem(refusal)
        case .full(let interval):
            throw Problem(
                .tooManyRequests, "Too many transactions wait for a block.",
                retryAfter: max(1, Int((interval / .seconds(1)).rounded(.up))))
        case .stopping: throw Problem(.notReady, "The node is stopping.")
        }
    }
}
