import Codec
import Cryptography
import Ledger
import Replication

/// What clients were told holds: a final transaction stays, one that was given up never comes, and each operation ends as
/// whoever made it knew.
struct Promises {
    private var acknowledged: Set<TransactionID> = []
    private var givenUp: Set<TransactionID> = []
    private var expected: [TransactionID: [Outcome]] = [:]

    /// A transaction will end this way wherever it is included.
    mutating func expect(_ outcomes: [Outcome], of transaction: TransactionID) { expected[transaction] = outcomes }

    /// A finding when a block includes what somebody was told would never come.
    mutating func included(_ transactions: [Transaction], _ receipts: [Receipt]) -> String? {
        for (transaction, receipt) in zip(transactions, receipts) {
            acknowledged.insert(transaction.id)
            if givenUp.contains(transaction.id) { return "a transaction that was given up is included" }
            if receipt.transaction != transaction.id { return "a receipt is of another transaction" }
            if let outcomes = expected[transaction.id], receipt.outcomes != outcomes {
                return "operations end as \(receipt.outcomes) and should as \(outcomes)"
            }
        }
        return nil
    }

    /// A finding when what is given up is included already.
    mutating func gaveUp(_ transactions: [TransactionID]) -> String? {
        givenUp.formUnion(transactions)
        return transactions.contains(where: acknowledged.contains) ? "a final transaction is given up" : nil
    }

    /// A finding when a store lacks what a client was told is final.
    func judgeEnd(of store: StoredChain, at index: Int) -> String? {
        let lost = acknowledged.count { !store.contains($0) }
        return lost == 0 ? nil : "validator \(index) lacks \(lost) final transactions"
    }
}
