package import Ledger

/// What a history says of a patient's restrictions, followed entry by entry: which organisations are denied, and when each
/// document was put on record.
///
/// A scope's history holds both. A document's own holds its time; of denials it says nothing.
package struct RestrictionJudge: Sendable {
    private var denied: Set<OrganizationID> = []
    private var committed: [DocumentID: Timestamp] = [:]

    package init() {}

    /// Takes an applied operation in.
    ///
    /// - Parameter time: The block's.
    package mutating func follow(_ operation: Operation, at time: Timestamp) {
        switch operation {
        case .commitDocument(let commit): committed[commit.document] = time
        case .postMessage(.letter(let letter)): committed[letter.document] = time
        case .shareDocument(let share): committed[share.document] = time
        case .restrictScope(let restriction):
            guard case .never(let organization) = restriction.restriction else { return }
            if restriction.isInForce { denied.insert(organization) } else { denied.remove(organization) }
        default: break
        }
    }

    /// What must not be of an access that was applied now.
    ///
    /// - Parameters:
    ///   - documents: What it opens.
    ///   - organization: Whose staff asked; nothing where nobody's did, or it is not known.
    ///   - window: The restriction of the grant's documents that is in force.
    package func findings(
        opening documents: [DocumentID], by organization: OrganizationID?, within window: ScopeRestriction?
    ) -> [String] {
        var findings: [String] = []
        if let organization, denied.contains(organization) {
            findings.append("the patient had denied the organisation the scope")
        }
        guard case .documents(_, let from, let until) = window else { return findings }
        let isOutside = documents.compactMap { committed[$0] }.contains { time in
            from.map { time < $0 } ?? false || until.map { time > $0 } ?? false
        }
        if isOutside { findings.append("a document had been put on record at a time that the grant leaves out") }
        return findings
    }

    /// The restriction of a grant's documents after some operations of its history; nothing where there is none.
    package static func window(after operations: some Sequence<Operation>) -> ScopeRestriction? {
        var window: ScopeRestriction?
        for operation in operations {
            guard case .restrictScope(let restriction) = operation, case .documents = restriction.restriction else {
                continue
            }
            window = restriction.isInForce ? restriction.restriction : nil
        }
        return window
    }
}
