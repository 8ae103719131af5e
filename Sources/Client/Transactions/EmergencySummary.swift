internal import Codec
internal import Ledger

extension TransactionSummary {
    /// The words for emergencies.
    static func emergencyStatement(_ operation: Operation, _ names: SummaryNames) -> Statement {
        switch operation {
        case .declareEmergency(let operation):
            let count = operation.documents.count
            let documents = "\(count) document\(count == 1 ? "" : "s")"
            return Statement(
                allows: operation.isDrill
                    ? "rehearse an emergency over \(documents); nothing opens, the patient and auditors will see it"
                    : "BREAK THE GLASS of \(documents); the patient and auditors will see it at once, and a privacy "
                        + "officer has to review it within 72 hours",
                to: "\(names.staff(operation.staff)), confirmed by \(names.staff(operation.second))",
                until: "block \(operation.expires)")
        case .reviewEmergency(let operation):
            return Statement(
                allows: "put on record that the emergency was \(operation.isJustified ? "" : "not ")justified",
                to: "emergency \(operation.emergency)", until: "for good")
        default: preconditionFailure("the other operations have their words elsewhere")
        }
    }
}
