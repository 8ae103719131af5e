extension WorkingState {
    /// A statement is made once: whoever could make another would whitewash what the first one showed.
    func apply(_ operation: StateNames) throws(Refusal) -> [Subject] {
        guard organizations[operation.organization] != nil else { throw .unknownOrganization }
        for pair in operation.pairs {
            guard let record = accesses[pair.access], let member = staff[record.staff],
                member.organization == operation.organization
            else { throw .unknownAccess }
            guard nameStatements[pair.access] == nil else { throw .namesAlreadyStated }
        }
        for pair in operation.pairs {
            nameStatements[pair.access] = NameStatementRecord(isSame: pair.isSame, stated: block.height)
        }
        return [.organization(operation.organization)] + (operation.officer.map { [.staff($0)] } ?? [])
    }
}
