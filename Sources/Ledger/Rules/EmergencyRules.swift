extension WorkingState {
    /// Breaks the glass: what follows is an access like any other, and a review that is owed.
    func apply(_ operation: DeclareEmergency) throws(Refusal) -> [Subject] {
        guard let member = staff[operation.staff] else { throw .unknownStaff }
        let duties = reviewDuties[member.organization] ?? ReviewDutiesRecord()
        guard !duties.isOverdue(at: block.time) else { throw .reviewOverdue }
        let attempt = AccessAttempt(operation)
        guard emergencies[attempt.access] == nil else { throw .alreadyExists }
        let grant = try permit(attempt, member)
        let record = EmergencyRecord(operation, scope: grant.scope, organization: member.organization, in: block)
        guard !operation.isDrill else {
            emergencies[attempt.access] = record
            return subjects(of: attempt)
        }
        guard duties.duties.count < ReviewDutiesRecord.maximumDuties else { throw .tooManyOpenReviews }

        emergencies[attempt.access] = record
        let owed = ReviewDutiesRecord.Duty(emergency: attempt.access, due: record.reviewDue)
        reviewDuties[member.organization] = ReviewDutiesRecord(duties: duties.duties + [owed])
        let standing = EmergencyStandingRecord.ID(scope: grant.scope, staff: operation.staff)
        emergencyStandings[standing] = EmergencyStandingRecord(emergency: attempt.access, expires: operation.expires)
        open(attempt, under: grant)
        return subjects(of: attempt)
    }

    /// A late review counts too: it ends the organisation's block.
    func apply(_ operation: ReviewEmergency) throws(Refusal) -> [Subject] {
        guard var record = emergencies[operation.emergency] else { throw .unknownEmergency }
        guard record.review == nil else { throw .alreadyReviewed }
        record.review = EmergencyRecord.Review(
            officer: operation.officer, isJustified: operation.isJustified, reason: operation.reason,
            height: block.height, time: block.time)
        emergencies[operation.emergency] = record
        if let duties = reviewDuties[record.organization], !record.isDrill {
            let left = duties.duties.filter { $0.emergency != operation.emergency }
            reviewDuties[record.organization] = left.isEmpty ? nil : ReviewDutiesRecord(duties: left)
        }
        return [.staff(operation.officer)] + record.subjects
    }
}

extension EmergencyRecord {
    /// Everybody whom it concerns.
    var subjects: [Subject] {
        let parties: [Subject] = [.organization(organization), .staff(staff), .staff(second), .grant(grant)]
        return parties + [.scope(scope)] + documents.map { .document($0) }
    }
}
