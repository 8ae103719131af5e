/// Who may do what and who may see what. There is no other place that decides it, and what is not listed is denied.
public enum Authorization {
    /// A signature that an operation needs.
    public enum Requirement: Hashable, Sendable {
        /// The patient's key of the scope concerned: the scope's own, or the one that guardians put in its place.
        case scopeKey
        /// The threshold of the sponsor's keys, or a voucher with them.
        case sponsor
        /// The threshold of the organisation's keys.
        case organization
        /// The device of the member of staff, whose role is one of these.
        case staffDevice(Set<Role>)
        /// The threshold of the organisation's keys or one of the keys that co-sign for it, unless the registration of the
        /// member of staff waives it.
        case cosignature
        /// The validator's consensus key.
        case validatorKey
        /// The patient's key of the scope concerned; where the operation names a member of staff, theirs instead, as
        /// ``staffDevice(_:)`` and ``cosignature`` say.
        case scopeKeyOrStaff(Set<Role>)
        /// The patient's key of the scope that a document is shared from.
        case sourceScopeKey
        /// The device of another member of staff of the same organisation, whose role is one of these.
        case secondDevice(Set<Role>)
        /// The device of the privacy officer whom the operation names, with the co-signature that their registration asks
        /// for; the threshold of the organisation's keys where it names none.
        case officerOrOrganization
        /// The threshold of the organisation's keys, or one of the keys that co-sign for it, whatever registrations say.
        case organizationOrGateway
        /// As many of the scope's guardians as the patient asked for.
        case guardians
        /// The key that is to own the scope.
        case newOwner
    }

    /// Role by operation: all of an operation's requirements must be met.
    public static func requirements(for code: Operation.Code) -> [Requirement] {
        switch code {
        case .openScope: [.scopeKey, .sponsor]
        case .authorizeAuthor: [.scopeKey]
        case .withdrawAuthor: [.scopeKey]
        case .registerStaff: [.organization]
        case .endStaff: [.organization]
        case .commitDocument: [.staffDevice([.clinician, .registrar, .service]), .cosignature]
        case .grantConsent: [.scopeKey]
        case .acknowledgeGrant: [.validatorKey]
        case .revokeConsent: [.scopeKey]
        case .requestAccess: [.staffDevice([.clinician, .privacyOfficer, .service]), .cosignature]
        case .recordService: [.validatorKey]
        case .rotateScope: [.scopeKey]
        case .closeScope: [.scopeKey]
        case .eraseDocument: [.scopeKeyOrStaff([.privacyOfficer])]
        case .confirmErasure: [.validatorKey]
        case .restrictScope: [.scopeKey]
        case .shareDocument: [.scopeKey, .sourceScopeKey]
        case .declareEmergency: [.staffDevice([.clinician]), .secondDevice([.clinician]), .organizationOrGateway]
        case .reviewEmergency: [.staffDevice([.privacyOfficer]), .cosignature]
        case .freeze: [.officerOrOrganization]
        case .unfreeze: [.organization]
        case .publishNotice: [.staffDevice([.privacyOfficer]), .cosignature]
        case .setPolicy: [.organization]
        case .proposeChange: [.organization]
        case .approveChange: [.organization]
        // The evidence speaks for itself.
        case .reportEvidence: []
        case .appointGuardians: [.scopeKey]
        case .proposeOwner: [.guardians, .newOwner]
        case .vetoOwner: [.scopeKey]
        case .confirmOwner: [.newOwner]
        case .recoverDocuments: [.scopeKey]
        case .stateNames: [.officerOrOrganization]
        case .postMessage: [.scopeKeyOrStaff([.clinician, .registrar, .service])]
        case .reshareGrant: [.validatorKey]
        case .answerResharing: [.validatorKey]
        }
    }

    /// What somebody is to a subject. One may be several things.
    public enum Relation: Hashable, Sendable, CaseIterable {
        /// Holds any key on the chain.
        case member
        /// Holds any scope's key: patients look up whom to trust.
        case patient
        /// Is the subject, or holds the key of the scope that it belongs to.
        case owner
        /// Is the organisation concerned (the employer of staff, the author of a document), or answers for data
        /// protection there.
        case employer
        /// Works for the organisation concerned.
        case colleague
        /// Is allowed to add documents to the scope.
        case author
        /// Holds a grant that can be used now, or the grant itself.
        case grantee
        /// Runs the ledger.
        case validator
        /// Watches it.
        case auditor
        /// Is an organisation or answers for data protection at one: whoever has to tell a patient of an incident looks up
        /// the key that the notice is sealed to.
        case protector
    }

    /// Who may see a subject's record.
    public static func readers(ofRecord kind: Subject.Kind) -> Set<Relation> {
        switch kind {
        case .organization: [.member]
        case .validator: [.member]
        case .staff: [.owner, .employer, .colleague, .patient, .validator, .auditor]
        case .scope: [.owner, .author, .grantee, .validator, .auditor, .protector]
        case .document: [.owner, .employer, .colleague, .grantee, .validator, .auditor]
        case .grant: [.owner, .grantee, .validator, .auditor]
        }
    }

    /// Who may see what happened to a subject, and the transactions that did it.
    ///
    /// A grantee sees a scope's history because it lists the documents; an author does not, because it lists who else
    /// treats the patient. What colleagues do is for the employer and its privacy officers.
    public static func readers(ofHistory kind: Subject.Kind) -> Set<Relation> {
        switch kind {
        case .organization: [.employer, .validator, .auditor]
        case .validator: [.member]
        case .staff: [.owner, .employer, .validator, .auditor]
        case .scope: [.owner, .grantee, .validator, .auditor]
        case .document: [.owner, .employer, .validator, .auditor]
        case .grant: [.owner, .grantee, .validator, .auditor]
        }
    }
}
