internal import Codec
internal import Ledger

extension TransactionSummary {
    /// The words for incidents.
    static func incidentStatement(_ operation: Operation, _ names: SummaryNames) -> Statement {
        switch operation {
        case .freeze(let operation):
            return Statement(
                allows: "stop everything that it may do, and open an incident",
                to: name(of: operation.target, names), until: "the organisation lifts it")
        case .unfreeze(let operation):
            return Statement(
                allows: "do again what it may do", to: name(of: operation.target, names), until: "for good")
        case .publishNotice(let operation):
            let late = operation.contents.delay.map { ", late because of \($0.name)" } ?? ""
            return Statement(
                allows: "be told of \(operation.cause)\(late); it stays on the chain",
                to: operation.scope.map { names.scope($0) } ?? "the authority", until: "for good")
        default: preconditionFailure("the other operations have their words elsewhere")
        }
    }

    private static func name(of target: FreezeTarget, _ names: SummaryNames) -> String {
        switch target {
        case .organization(let id): names.organization(id)
        case .staff(let id): names.staff(id)
        case .validator, .key: "\(target)"
        }
    }
}
