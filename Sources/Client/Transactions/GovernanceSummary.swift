internal import Cryptography
public import Ledger

// What the organisations decide together, in the words of whoever signs for one of them.
extension TransactionSummary {
    static func governanceStatement(_ operation: Operation, _ names: SummaryNames) -> Statement {
        switch operation {
        case .proposeChange(let operation):
            let proposer = names.organization(operation.organization)
            return Statement(
                allows: "propose to \(operation.change.words(names)), approved by \(proposer) with this signature",
                to: "all organisations", until: "\(operation.expires)")
        case .approveChange(let operation):
            return Statement(
                allows: "approve change \(operation.change) for \(names.organization(operation.organization))",
                to: "all organisations", until: "for good")
        case .reportEvidence(let operation):
            return Statement(
                allows: "report that a validator contradicted itself", to: "validator \(operation.validator)",
                until: "for good")
        default: preconditionFailure("the other operations have their words elsewhere")
        }
    }
}

extension Change {
    /// The change as the end of "propose to …".
    public func words(_ names: SummaryNames = SummaryNames()) -> String {
        switch self {
        case .admitOrganization(let entry): "admit \(entry.name)"
        case .expelOrganization(let id): "expel \(names.organization(id)) with its staff and validators"
        case .addValidator(let candidate):
            "add validator \(candidate.id) of \(names.organization(candidate.entry.organization)) at "
                + candidate.entry.peerAddress
        case .removeValidator(let id): "remove validator \(id)"
        case .replaceValidator(let id, let candidate):
            "replace validator \(id) by \(candidate.id) at \(candidate.entry.peerAddress)"
        case .appointAuditor(let entry): "let auditor \(entry.name) read everything until \(entry.expires)"
        case .dismissAuditor(let id): "no longer let auditor \(id) read anything"
        case .setParameter(let parameter, let value): "set \(parameter.name) to \(value)"
        case .activateVersion(let activation):
            "follow version \(activation.version) of the rules from block \(activation.height) on"
        }
    }
}
