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
        case .setPolicy(let operation):
            let roles = operation.roles.map { role in
                "\(role.role.name): \(role.permitted.map { "\($0)" }.joined(separator: ", ")) for "
                    + role.purposes.map(\.code).joined(separator: ", ")
                    + ", \(role.documentsPerRequest) at once, \(role.documentsPerDay) a day"
            }
            return Statement(
                allows: "what staff may do at most: "
                    + (roles.isEmpty ? "what roles may" : roles.joined(separator: "; "))
                    + "; \(operation.cosigners.count) gateways co-sign",
                to: names.organization(operation.organization), until: "the next policy")
        case .stateNames(let operation):
            let count = operation.pairs.count
            return Statement(
                allows: "see of \(count) request\(count == 1 ? "" : "s") whether who asked has the family name of whom "
                    + "it was about",
                to: "whoever reads the history of \(names.organization(operation.organization))", until: "for good")
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
