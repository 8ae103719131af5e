public import API
internal import Codec
public import Cryptography
public import Ledger

extension LedgerClient {
    /// How many heights above the tip a transaction may become final that is submitted at once.
    public static let promptValidity: UInt64 = 1000
    /// The same of a transaction that travels as a file from signer to signer; just below the chain's limit, so that a
    /// tip that is a little old does not matter.
    public static let travellingValidity: UInt64 = 9_900

    /// Signs operations for the next blocks.
    ///
    /// - Parameter heights: How many heights above the tip it may become final.
    public func prepare(
        _ operations: [Operation], signedBy keys: [SigningKey], validFor heights: UInt64 = promptValidity
    ) async throws(ClientFailure) -> Transaction {
        let tip = try await tip()
        let window = min(heights, genesis.parameters.transactionWindow)
        let body = TransactionBody(
            chain: chain, nonce: SystemRandom.bytes(TransactionBody.nonceLength),
            validUntil: Height(rawValue: tip.height.rawValue + window), operations: operations)
        announce(body)
        return Transaction(body, signedBy: keys)
    }

    /// Signs operations, submits them and waits until they are final.
    ///
    /// - Throws: ``ClientFailure/refused(_:_:)`` when one of them was refused.
    @discardableResult
    public func apply(
        _ operations: Operation..., signedBy keys: [SigningKey]
    ) async throws(ClientFailure) -> TransactionProof {
        try await apply(try await prepare(operations, signedBy: keys))
    }

    /// Submits a transaction and waits until it is final.
    ///
    /// - Throws: ``ClientFailure/refused(_:_:)`` when one of its operations was refused.
    @discardableResult
    public func apply(_ transaction: Transaction) async throws(ClientFailure) -> TransactionProof {
        let proof = try await submit(transaction)
        try proof.requireApplied()
        return proof
    }
}
