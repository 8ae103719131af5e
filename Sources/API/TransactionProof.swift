public import Codec
public import Cryptography
public import Ledger

/// A transaction in a final block, with what came of it: `[finality, transaction's bytes, inclusion, receipt, inclusion]`.
public struct TransactionProof: Hashable, Sendable {
    /// The block.
    public let finality: FinalityProof
    /// The transaction, as it was received.
    public let transaction: Transaction
    /// Where it stands in the block.
    public let inclusion: InclusionProof
    /// What came of each of its operations.
    public let receipt: Receipt
    /// Where the receipt stands.
    public let receiptInclusion: InclusionProof

    /// A proof; nothing is checked here.
    public init(
        finality: FinalityProof, transaction: Transaction, inclusion: InclusionProof, receipt: Receipt,
        receiptInclusion: InclusionProof
    ) {
        self.finality = finality
        self.transaction = transaction
        self.inclusion = inclusion
        self.receipt = receipt
        self.receiptInclusion = receiptInclusion
    }

    /// Checks that the block is final and holds the transaction and the receipt.
    public func verify(_ trust: TrustAnchor) throws(ProofFailure) {
        try finality.verify(trust)
        try verifyInclusion()
    }

    /// Checks all but that the block is final.
    package func verifyInclusion() throws(ProofFailure) {
        let header = finality.header
        guard inclusion.verify(transaction.bytes, root: header.transactionsRoot),
            receiptInclusion.verify(receipt.encoded, root: header.receiptsRoot),
            inclusion.index == receiptInclusion.index, inclusion.size == receiptInclusion.size
        else { throw .notInBlock }
        guard receipt.transaction == transaction.id, receipt.outcomes.count == transaction.operations.count else {
            throw .wrongReceipt
        }
    }
}

extension TransactionProof: CBORCodable {
    /// Reads the five items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        finality = try reader.read()
        transaction = try Transaction(decoding: try reader.readBytes(max: Transaction.maximumBytes))
        inclusion = try reader.read()
        receipt = try reader.read()
        receiptInclusion = try reader.read()
    }

    /// Appends the five items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(finality)
        writer.write(bytes: transaction.bytes)
        writer.write(inclusion)
        writer.write(receipt)
        writer.write(receiptInclusion)
    }
}

/// What a node answers to a submission: `[transaction, proof or null]`.
public struct SubmissionReply: Hashable, Sendable {
    /// The transaction.
    public let transaction: TransactionID
    /// What came of it, nothing while it is not final.
    public let proof: TransactionProof?

    /// An answer.
    public init(transaction: TransactionID, proof: TransactionProof?) {
        self.transaction = transaction
        self.proof = proof
    }
}

extension SubmissionReply: CBORCodable {
    /// Reads both items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        transaction = try reader.read()
        proof = try reader.readOptional()
    }

    /// Appends both items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(transaction)
        writer.write(optional: proof)
    }
}
