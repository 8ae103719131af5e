public import Codec
public import Ledger

/// A final block in full, for who replays the chain: `[finality, [transaction's bytes…], [receipt…]]`.
public struct BlockReply: Hashable, Sendable {
    /// The header, and what makes it final.
    public let finality: FinalityProof
    /// The transactions in order.
    public let transactions: [Transaction]
    /// What came of each.
    public let receipts: [Receipt]

    /// An answer.
    public init(finality: FinalityProof, transactions: [Transaction], receipts: [Receipt]) {
        self.finality = finality
        self.transactions = transactions
        self.receipts = receipts
    }

    /// Checks that the block is final and holds exactly these transactions and receipts.
    public func verify(_ trust: TrustAnchor) throws(ProofFailure) {
        try finality.verify(trust)
        guard Block.transactionsRoot(of: transactions) == finality.header.transactionsRoot,
            Block.receiptsRoot(of: receipts) == finality.header.receiptsRoot, receipts.count == transactions.count
        else { throw .notInBlock }
        guard zip(transactions, receipts).allSatisfy({ $0.id == $1.transaction }) else { throw .wrongReceipt }
    }
}

extension BlockReply: CBORCodable {
    /// Reads the three items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        finality = try reader.read()
        let count = try reader.readArrayCount(max: Block.maximumTransactions)
        var transactions: [Transaction] = []
        for _ in 0..<count {
            transactions.append(try Transaction(decoding: try reader.readBytes(max: Transaction.maximumBytes)))
        }
        self.transactions = transactions
        receipts = try reader.readArray(max: Block.maximumTransactions)
    }

    /// Appends the three items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(finality)
        writer.beginArray(transactions.count)
        for transaction in transactions { writer.write(bytes: transaction.bytes) }
        writer.write(array: receipts)
    }
}
