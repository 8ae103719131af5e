extension WorkingState {
    func apply(_ operation: ProposeChange) throws(Refusal) -> [Subject] {
        guard operation.expires > block.time,
            operation.expires <= block.time.advanced(byMilliseconds: ProposeChange.longestVote)
        else { throw .invalidDeadline }
        let id = operation.id
        guard proposals[id] == nil else { throw .alreadyExists }
        var open = (docket[.only]?.changes ?? []).filter { proposals[$0]?.isOpen(at: block.time) ?? false }
        let own = open.count { proposals[$0]?.organization == operation.organization }
        guard own < DocketRecord.maximumPerOrganization else { throw .tooManyChanges }
        try check(operation.change)
        open.append(id)
        return try approve(
            id, ChangeRecord(operation, at: block.height), by: operation.organization, docket: open)
    }

    func apply(_ operation: ApproveChange) throws(Refusal) -> [Subject] {
        guard let record = proposals[operation.change] else { throw .unknownChange }
        guard record.decided == nil else { throw .changeDecided }
        guard record.isOpen(at: block.time) else { throw .changeExpired }
        guard !record.approvals.contains(operation.organization) else { throw .alreadyApproved }
        return try approve(
            operation.change, record, by: operation.organization, docket: docket[.only]?.changes ?? [])
    }

    func apply(_ operation: ReportEvidence) throws(Refusal) -> [Subject] {
        guard let validator = validators[operation.validator] else { throw .unknownValidator }
        guard evidence[operation.record] == nil else { throw .alreadyReported }
        evidence[operation.record] = EvidenceRecord(reported: block.height)
        return [.validator(operation.validator), .organization(validator.organization)]
    }

    /// Counts an approval, and makes the change when that is more than two thirds of those who are members now.
    private func approve(
        _ id: ChangeID, _ record: ChangeRecord, by organization: OrganizationID, docket open: [ChangeID]
    ) throws(Refusal) -> [Subject] {
        var record = record
        record.approvals = (record.approvals + [organization]).sorted()
        var subjects: [Subject] = [.organization(organization)]
        var open = open
        let members = consortium.organizations
        if record.approvals.count(where: members.contains) * 3 > members.count * 2 {
            let concerned = try make(record.change)
            subjects += concerned.filter { $0 != subjects[0] }
            record.decided = block.height
            open.removeAll { $0 == id }
        }
        proposals[id] = record
        docket[.only] = DocketRecord(changes: open)
        return subjects
    }
}
