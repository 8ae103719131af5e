/// Whom an operation's signatures are looked for at.
struct Parties {
    var scope: ScopeID?
    var sourceScope: ScopeID?
    var organization: OrganizationID?
    var staff: StaffID?
    var second: StaffID?
    var validator: ValidatorID?
    var voucher: EnrollmentVoucher?
    var newOwner: KeyID?

    /// - Throws: Which of them does not exist.
    init(of operation: Operation, in state: WorkingState) throws(Refusal) {
        switch operation {
        case .openScope(let operation):
            scope = ScopeID(operation.scope)
            organization = operation.sponsor
            voucher = operation.voucher
        case .authorizeAuthor(let operation): scope = operation.scope
        case .withdrawAuthor(let operation): scope = operation.scope
        case .registerStaff(let operation): organization = operation.organization
        case .endStaff(let operation):
            guard let record = state.staff[operation.staff] else { throw .unknownStaff }
            organization = record.organization
        case .commitDocument(let operation):
            staff = operation.staff
            organization = operation.organization
        case .grantConsent(let operation): scope = operation.scope
        case .acknowledgeGrant(let operation): validator = operation.validator
        case .revokeConsent(let operation):
            guard let record = state.grants[operation.grant] else { throw .unknownGrant }
            scope = record.scope
        case .requestAccess(let operation):
            guard let record = state.staff[operation.staff] else { throw .unknownStaff }
            staff = operation.staff
            organization = record.organization
        case .recordService(let operation): validator = operation.validator
        case .rotateScope(let operation): scope = operation.scope
        case .closeScope(let operation): scope = operation.scope
        case .eraseDocument(let operation):
            guard let record = state.documents[operation.document] else { throw .unknownDocument }
            scope = record.scope
            organization = record.organization
            staff = operation.officer
        case .confirmErasure(let operation): validator = operation.validator
        case .restrictScope(let operation): scope = operation.scope
        case .shareDocument(let operation):
            guard let record = state.documents[operation.source] else { throw .unknownDocument }
            sourceScope = record.scope
            scope = operation.scope
        case .declareEmergency(let operation):
            guard let record = state.staff[operation.staff] else { throw .unknownStaff }
            staff = operation.staff
            second = operation.second
            organization = record.organization
        case .reviewEmergency(let operation):
            guard let record = state.emergencies[operation.emergency] else { throw .unknownEmergency }
            staff = operation.officer
            organization = record.organization
        case .freeze(let operation):
            staff = operation.officer
            organization = try state.owner(of: operation.target)
        case .unfreeze(let operation): organization = try state.owner(of: operation.target)
        case .publishNotice(let operation):
            staff = operation.officer
            organization = operation.organization
        case .setPolicy(let operation): organization = operation.organization
        case .proposeChange(let operation): organization = operation.organization
        case .approveChange(let operation): organization = operation.organization
        case .reportEvidence: break
        case .reshareGrant(let operation): validator = operation.dealer
        case .answerResharing(let operation): validator = operation.validator
        case .appointGuardians(let operation): scope = operation.scope
        case .proposeOwner(let operation):
            scope = operation.scope
            newOwner = KeyID(operation.owner)
        case .vetoOwner(let operation): scope = operation.scope
        case .confirmOwner(let operation):
            guard let proposal = state.ownerProposals[operation.scope] else { throw .noOwnerProposed }
            scope = operation.scope
            newOwner = proposal.owner
        case .recoverDocuments(let operation):
            guard let record = state.grants[operation.grant] else { throw .unknownGrant }
            scope = record.scope
        case .stateNames(let operation):
            staff = operation.officer
            organization = operation.organization
        case .postMessage(let operation):
            scope = operation.scope
            organization = operation.author?.organization
            staff = operation.author?.staff
        }
    }
}

extension Authorization.Requirement {
    /// Whether the signers meet the requirement.
    ///
    /// - Throws: What is missing.
    func check(_ parties: Parties, _ signers: Signers, in state: WorkingState) throws(Refusal) {
        switch self {
        case .scopeKey:
            try Self.check(signers, own: parties.scope, in: state)
        case .sponsor:
            let sponsor = try Self.organization(parties, in: state)
            if let voucher = parties.voucher {
                try voucher.check(state.usable(sponsor), in: state, for: parties.organization)
            } else {
                try Self.check(signers, reachThresholdOf: sponsor, in: state, else: .sponsorMissing)
            }
        case .organization:
            let organization = try Self.organization(parties, in: state)
            try Self.check(signers, reachThresholdOf: organization, in: state, else: .organizationSignatureMissing)
        case .staffDevice(let roles):
            let staff = try Self.staff(parties, in: state)
            guard signers.contains(staff.deviceKey) else { throw .staffSignatureMissing }
            if let id = parties.staff, state.isFrozen(.staff(id)) { throw .staffFrozen }
            try Self.check(staff, of: parties, as: roles, in: state)
        case .cosignature:
            guard try Self.staff(parties, in: state).needsCosignature else { return }
            try Self.organizationOrGateway.check(parties, signers, in: state)
        case .organizationOrGateway:
            if state.isCosigned(for: parties.organization, signers) { return }
            let organization = try Self.organization(parties, in: state)
            try Self.check(signers, reachThresholdOf: organization, in: state, else: .organizationSignatureMissing)
        case .validatorKey:
            guard let id = parties.validator, let validator = state.validators[id] else { throw .unknownValidator }
            guard signers.contains(validator.consensusKey) else { throw .validatorSignatureMissing }
        case .sourceScopeKey:
            try Self.check(signers, own: parties.sourceScope, in: state)
        case .scopeKeyOrStaff(let roles):
            guard parties.staff != nil else { return try Self.scopeKey.check(parties, signers, in: state) }
            try Self.staffDevice(roles).check(parties, signers, in: state)
            try Self.cosignature.check(parties, signers, in: state)
        case .secondDevice(let roles):
            guard let id = parties.second, let second = state.staff[id] else { throw .unknownStaff }
            guard id != parties.staff else { throw .secondStaffNotDifferent }
            guard signers.contains(second.deviceKey) else { throw .secondStaffSignatureMissing }
            if state.isFrozen(.staff(id)) { throw .staffFrozen }
            try Self.check(second, of: parties, as: roles, in: state)
        case .officerOrOrganization:
            guard parties.staff != nil else {
                return try Self.organization.check(parties, signers, in: state)
            }
            try Self.staffDevice([.privacyOfficer]).check(parties, signers, in: state)
            try Self.cosignature.check(parties, signers, in: state)
        case .guardians:
            guard let scope = parties.scope, let guardianship = state.guardianships[scope] else { throw .noGuardians }
            guard guardianship.guardians.count(where: signers.contains) >= guardianship.threshold else {
                throw .guardianSignaturesMissing
            }
        case .newOwner:
            guard let owner = parties.newOwner, signers.contains(owner) else { throw .newOwnerSignatureMissing }
        }
    }

    private static func check(_ signers: Signers, own scope: ScopeID?, in state: WorkingState) throws(Refusal) {
        guard let scope, signers.contains(state.owner(of: scope)) else { throw .scopeSignatureMissing }
    }

    /// Whether enough of an organisation's keys signed that are not frozen.
    private static func check(
        _ signers: Signers, reachThresholdOf organization: OrganizationRecord, in state: WorkingState,
        else refusal: Refusal
    ) throws(Refusal) {
        guard signers.reachThreshold(of: organization) else { throw refusal }
        guard signers.reachThreshold(of: state.usable(organization)) else { throw .keyFrozen }
    }

    /// Whether a member of staff may act now, for this organisation, in one of these roles.
    private static func check(
        _ staff: StaffRecord, of parties: Parties, as roles: Set<Role>, in state: WorkingState
    ) throws(Refusal) {
        if let refusal = staff.refusal(at: state.block.height, state.block.time) { throw refusal }
        if state.isFrozen(.key(staff.deviceKey)) { throw .keyFrozen }
        guard staff.organization == parties.organization else { throw .wrongOrganization }
        _ = try Self.organization(parties, in: state)
        guard roles.contains(staff.role) else { throw .roleNotPermitted }
    }

    private static func organization(_ parties: Parties, in state: WorkingState) throws(Refusal) -> OrganizationRecord {
        guard let id = parties.organization else { throw .unknownOrganization }
        return try state.member(id)
    }

    private static func staff(_ parties: Parties, in state: WorkingState) throws(Refusal) -> StaffRecord {
        guard let id = parties.staff, let record = state.staff[id] else { throw .unknownStaff }
        return record
    }
}

extension EnrollmentVoucher {
    /// Whether the voucher stands for the sponsor's signatures in this block.
    fileprivate func check(
        _ sponsor: OrganizationRecord, in state: WorkingState, for id: OrganizationID?
    ) throws(Refusal) {
        guard organization == id else { throw .voucherInvalid }
        guard state.block.time <= expires else { throw .voucherExpired }
        guard state.vouchers[VoucherRecord.ID(organization: organization, code: code)] == nil else {
            throw .voucherUsed
        }
        // The signatures that the rules check themselves: whose keys count is known only here.
        guard isEndorsed(by: sponsor, on: state.parameters.chain) else { throw .voucherInvalid }
    }
}
