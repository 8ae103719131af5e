extension WorkingState {
    func apply(_ operation: RegisterStaff) throws(Refusal) -> [Subject] {
        let organization = try member(operation.organization)
        guard organization.roles.contains(operation.role) else { throw .roleNotAppointable }
        guard operation.expires > block.time else { throw .expiryInPast }
        let id = operation.staff
        guard staff[id] == nil else { throw .alreadyExists }
        let key = KeyID(operation.deviceKey)
        guard keyHolders[key] == nil, operation.deviceKey != operation.receivingKey else { throw .keyInUse }
        staff[id] = StaffRecord(operation, at: block.height)
        keyHolders[key] = .staff(id)
        sealingKeys[.staff(id)] = SealingKeyRecord(operation.sealingKey)
        return [.organization(operation.organization), .staff(id)]
    }

    func apply(_ operation: EndStaff) throws(Refusal) -> [Subject] {
        guard var record = staff[operation.staff] else { throw .unknownStaff }
        guard record.ended == nil else { throw .staffEnded }
        record.ended = block.height
        staff[operation.staff] = record
        return [.organization(record.organization), .staff(operation.staff)]
    }
}
