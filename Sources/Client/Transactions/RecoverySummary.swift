internal import Cryptography
internal import Ledger

// Guardians and new owners, in the words of whoever signs.
extension TransactionSummary {
    static func recoveryStatement(_ operation: Operation, _ names: SummaryNames) -> Statement {
        switch operation {
        case .appointGuardians(let operation) where operation.guardians.isEmpty:
            return Statement(
                allows: "no longer give \(names.scope(operation.scope)) a new owner", to: "all its guardians",
                until: "you appoint others")
        case .appointGuardians(let operation):
            return Statement(
                allows: "give \(names.scope(operation.scope)) a new owner, \(operation.threshold) of them together, "
                    + "unless you object within \(words(operation.delay))",
                to: "\(operation.guardians.count) guardians", until: "you appoint others")
        case .proposeOwner(let operation):
            return Statement(
                allows: "own \(names.scope(operation.scope)) in place of the patient's present key, "
                    + "unless the patient objects in time",
                to: "key \(KeyID(operation.owner).description.prefix(16))…", until: "the guardians propose another")
        case .vetoOwner(let operation):
            return Statement(
                allows: "not own \(names.scope(operation.scope))", to: "the key that the guardians proposed",
                until: "they propose one again")
        case .confirmOwner(let operation):
            return Statement(
                allows: "sign for \(names.scope(operation.scope)) from the next block on, and the key before no longer",
                to: "the key that the guardians proposed", until: "they propose another")
        case .recoverDocuments(let operation):
            let count = operation.documents.count
            return Statement(
                allows:
                    "open \(count) document\(count == 1 ? "" : "s") with the guardians' shares; auditors will see it",
                to: "the owner of the scope", until: "block \(operation.expires)")
        default: preconditionFailure("the other operations have their words elsewhere")
        }
    }

    /// A time as people say it: whole days, hours, minutes or seconds.
    private static func words(_ milliseconds: UInt64) -> String {
        let units: [(UInt64, String)] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute")]
        for (length, name) in units where milliseconds % length == 0 {
            let count = milliseconds / length
            return "\(count) \(name)\(count == 1 ? "" : "s")"
        }
        return "\(milliseconds / 1000) seconds"
    }
}
