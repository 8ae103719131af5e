/// Why an operation changed nothing.
///
/// The numbers are on the wire and in histories: they are never reused and never change their meaning. Each has a
/// machine's ``name``, and an ``explanation`` and a ``remedy`` for people.
public enum Refusal: UInt16, Error, CaseIterable, Hashable, Sendable {
    // Who signed.
    case scopeSignatureMissing = 1
    case staffSignatureMissing = 2
    case organizationSignatureMissing = 3
    case validatorSignatureMissing = 4
    case sponsorMissing = 5

    // What does not exist.
    case unknownOrganization = 10
    case unknownStaff = 11
    case unknownScope = 12
    case unknownDocument = 13
    case unknownGrant = 14
    case unknownValidator = 15

    // What exists already.
    case alreadyExists = 20
    case keyInUse = 21
    case capsuleUsed = 22
    case voucherUsed = 23
    case alreadyAcknowledged = 24

    // Enrolment and staff.
    case voucherExpired = 30
    case voucherInvalid = 31
    case wrongOrganization = 32
    case roleNotAppointable = 33
    case roleNotPermitted = 34
    case staffNotYetActive = 35
    case staffEnded = 36
    case staffExpired = 37
    case expiryInPast = 38

    // Scopes, authors and documents.
    case wrongEpoch = 40
    case authorNotAuthorized = 41
    case notAnAuthor = 42
    case sizeNotPadded = 43
    case replacesOtherScope = 44
    case alreadyReplaced = 45

    // Consent.
    case wrongThreshold = 50
    case wrongFragments = 51
    case invalidPeriod = 52
    case wrongReceivingKey = 53
    case flagNotSupported = 54
    case grantRevoked = 55

    // Access.
    case grantNotActive = 60
    case grantNotYetValid = 61
    case grantExpired = 62
    case notGrantee = 63
    case documentNotInScope = 64
    case purposeNotPermitted = 65
    case roleNotGranted = 66
    case dailyLimitReached = 67
    case invalidExpiry = 68

    // Service records.
    case nothingServed = 70

    // Scopes over time.
    case scopeClosed = 100
    case epochLimitReached = 101

    // Erasure.
    case documentErased = 102
    case notErased = 103
    case alreadyConfirmed = 104
    case wrongLegalBasis = 105

    // Restrictions.
    case organizationDenied = 106
    case notRestricted = 107
    case documentOutsideWindow = 108

    // Shares.
    case alreadyShared = 109
    case sameScope = 110
    // Emergencies.
    case secondStaffSignatureMissing = 130
    case secondStaffNotDifferent = 131
    case emergencyNotDeclared = 132
    case grantNotForEmergencies = 133
    case emergencyTermsInvalid = 134
    case reviewOverdue = 135
    case tooManyOpenReviews = 136
    case unknownEmergency = 137
    case alreadyReviewed = 138

    // Incidents.
    case keyNotFreezable = 139
    case alreadyFrozen = 140
    case notFrozen = 141
    case staffFrozen = 142
    case keyFrozen = 143
    case organizationFrozen = 144
    case validatorFrozen = 145
    case tooFewKeysLeft = 146
    case unknownIncident = 147
    case noticeAddresseeInvalid = 148
    case noticeDatesInvalid = 149
    case noticeLate = 150

    // What organisations set for their staff.
    case operationNotPermitted = 151
    case purposeNotInPolicy = 152
    case tooManyDocuments = 153
    case staffLimitReached = 154

    // Governance.
    case organizationExpelled = 160
    case unknownChange = 161
    case changeExpired = 162
    case changeDecided = 163
    case alreadyApproved = 164
    case tooManyChanges = 165
    case invalidDeadline = 166
    case nameInUse = 167
    case addressInUse = 168
    case unknownAuditor = 169
    case tooFewValidators = 170
    case tooManyValidators = 171
    case setChangeTooLarge = 172
    case parameterOutOfRange = 173
    case alreadyReported = 174
    case lastOrganization = 175
    case tooManyMembers = 176

    // Clear text.
    case paymentCardNumber = 190

    // Versions of the rules.
    case versionOutOfOrder = 180
    case activationOutOfRange = 181

    // Fragments that are given on.
    case notAFragmentHolder = 185
    case resharingOutOfStep = 186
    case resharingBusy = 187
    case dealingInvalid = 188
    case tooFewDealers = 189
    // Guardians and recovery.
    case noGuardians = 191
    case guardianSignaturesMissing = 192
    case newOwnerSignatureMissing = 193
    case ownerProposed = 194
    case noOwnerProposed = 195
    case vetoTooLate = 196
    case ownerNotDue = 197
    case ownerLimitReached = 198
    case grantNotForRecovery = 199
    case recoveryTermsInvalid = 200

    // Messages.
    case unknownThread = 201
    case unknownMessage = 202
    case threadInOtherScope = 203
    case messageOutOfOrder = 204
    case previousMessageWrong = 205
    case alreadyRead = 206
    case messageNotOpened = 207
    case threadFull = 208
    case messageNotReplaceable = 209
    // Statements of names.
    case unknownAccess = 210
    case namesAlreadyStated = 211
    // Kinds of documents in policies.
    case documentKindNotPermitted = 212
}

extension Refusal {
    /// The refusal in programs and problems: lower case with hyphens.
    public var name: String {
        var name = ""
        for character in "\(self)" {
            if character.isUppercase { name.append("-") }
            name.append(contentsOf: character.lowercased())
        }
        return name
    }

    /// What is wrong, for people.
    public var explanation: String { text.explanation }

    /// What helps, for people.
    public var remedy: String { text.remedy }

    private var text: (explanation: String, remedy: String) {
        switch self {
        case .scopeSignatureMissing:
            ("The patient's key for this scope has not signed.", "Sign with the wallet that opened the scope.")
        case .staffSignatureMissing:
            ("The device of the member of staff has not signed.", "Sign with the wallet of the member of staff named.")
        case .organizationSignatureMissing:
            (
                "Too few of the organisation's keys have signed.",
                "Pass the transaction file to the organisation: transaction sign, then submit."
            )
        case .validatorSignatureMissing:
            ("The validator's key has not signed.", "Only the validator itself can report this.")
        case .sponsorMissing:
            (
                "A new scope needs a hospital that vouches for it.",
                "Use an enrolment voucher from the registration desk, or let the hospital co-sign the file."
            )
        case .unknownOrganization: ("There is no such organisation.", "Check the identifier: list the organisations.")
        case .unknownStaff: ("There is no such member of staff.", "Check the identifier: staff list.")
        case .unknownScope: ("There is no such scope.", "Open the scope first, or check the identifier.")
        case .unknownDocument: ("There is no such document.", "Check the identifier: document list.")
        case .unknownGrant: ("There is no such grant.", "Check the identifier: grant list.")
        case .unknownValidator: ("There is no such validator in the set.", "Fetch the validators anew and build again.")
        case .alreadyExists: ("This very operation has been applied before.", "Nothing is left to do.")
        case .keyInUse: ("The key already belongs to somebody.", "Make a fresh key: every role has its own.")
        case .capsuleUsed: ("The document's capsule was used before.", "Seal the document again.")
        case .voucherUsed: ("The enrolment voucher has been used.", "Ask the registration desk for a new one.")
        case .alreadyAcknowledged: ("The validator has acknowledged this grant.", "Nothing is left to do.")
        case .voucherExpired: ("The enrolment voucher has expired.", "Ask the registration desk for a new one.")
        case .voucherInvalid:
            (
                "The enrolment voucher is not signed by the hospital it names.",
                "Ask the registration desk for a new one."
            )
        case .wrongOrganization:
            ("The member of staff belongs to another organisation.", "Check which organisation employs them.")
        case .roleNotAppointable:
            ("The organisation may not appoint this role.", "Choose a role that the genesis file lists for it.")
        case .roleNotPermitted:
            ("This role may not do this.", "Ask a colleague whose role permits it.")
        case .staffNotYetActive:
            ("The registration takes effect in the next block.", "Submit again in a moment.")
        case .staffEnded:
            (
                "The member of staff has left the organisation.",
                "Register them anew with a fresh key, if they came back."
            )
        case .staffExpired:
            ("The registration of the member of staff has expired.", "Register them anew with a fresh key.")
        case .expiryInPast: ("The expiry is not in the future.", "Choose a later moment.")
        case .wrongEpoch: ("The scope is in another epoch.", "Fetch the scope anew and build again.")
        case .authorNotAuthorized:
            (
                "The patient has not allowed this organisation to add documents to the scope.",
                "Ask the patient: author authorize."
            )
        case .notAnAuthor: ("The organisation is no author of the scope.", "Nothing is left to withdraw.")
        case .sizeNotPadded: ("The size is not a padded one.", "Seal the document with a current program.")
        case .replacesOtherScope:
            ("The document to replace is in another scope.", "Replace it within its own scope.")
        case .alreadyReplaced:
            ("The document has been replaced before.", "Replace the newest version: document list.")
        case .wrongThreshold:
            ("The number of fragments that open a document is not n - f.", "Fetch the validators anew and build again.")
        case .wrongFragments:
            ("There is not one fragment for each validator of the set.", "Fetch the validators anew and build again.")
        case .invalidPeriod: ("The grant ends before it begins, or has ended.", "Choose a later end.")
        case .wrongReceivingKey:
            ("The receiving key is not the grantee's.", "Fetch the grantee's card anew and build again.")
        case .flagNotSupported:
            ("A grant cannot be for emergencies and for recovery.", "Grant with one of the flags only.")
        case .grantRevoked: ("The patient has revoked the grant.", "Ask the patient for a new one.")
        case .grantNotActive:
            (
                "Too few validators have acknowledged their fragment of the grant.",
                "Ask the patient's wallet to send the fragments again: grant show."
            )
        case .grantNotYetValid: ("The grant begins later.", "Wait for the beginning: grant show.")
        case .grantExpired: ("The grant has expired.", "Ask the patient for a new one.")
        case .notGrantee: ("The grant is for somebody else.", "Ask the patient for a grant of your own.")
        case .documentNotInScope:
            ("A document is not in the scope that was granted.", "Ask for the granted documents only.")
        case .purposeNotPermitted:
            ("The patient has not allowed this purpose.", "Ask for a purpose that the grant lists: grant show.")
        case .roleNotGranted:
            ("The patient has not allowed this role.", "Ask a colleague whose role the grant lists: grant show.")
        case .dailyLimitReached:
            ("The grant's documents for this day are used up.", "Try again after midnight UTC, or ask for fewer.")
        case .invalidExpiry:
            ("The request expires too soon or too late.", "Let it expire at most 100 blocks above the tip.")
        case .nothingServed: ("A record of service names no access.", "Report only when something was served.")
        case .paymentCardNumber:
            (
                "A text that everybody can read holds a payment card number.",
                "Leave the number out, or choose another pseudonym: nothing on the chain can be taken back."
            )
        case .scopeClosed: ("The patient has closed the scope for good.", "Ask the patient to open another scope.")
        case .epochLimitReached:
            ("The scope's keys were replaced 256 times.", "Close the scope and open another one: scope close.")
        case .documentErased: ("The document has been erased.", "Nothing brings it back: ask for the others.")
        case .notErased: ("The document is not erased, or the grant has not ended.", "Confirm what the chain erased.")
        case .alreadyConfirmed: ("The validator has confirmed this erasure.", "Nothing is left to do.")
        case .wrongLegalBasis:
            (
                "The legal basis is not one for whoever erases.",
                "Name the basis as a privacy officer; a patient's own wish is signed by the patient."
            )
        case .organizationDenied:
            ("The patient denies this organisation the scope.", "Only the patient can lift it: scope deny --lift.")
        case .notRestricted: ("There is no such restriction.", "Nothing is left to lift.")
        case .documentOutsideWindow:
            (
                "A document was put on record at a time that the grant leaves out.",
                "Ask for documents within the grant's times only: grant show."
            )
        case .alreadyShared:
            ("The document is itself a share of another one.", "Share the document that the author committed.")
        case .sameScope: ("The document is in this scope already.", "Share it into another scope.")
        case .organizationExpelled:
            ("The organisation does not belong to the consortium any more.", "Ask another organisation.")
        case .unknownChange: ("There is no such proposal.", "Check the identifier: change list.")
        case .changeExpired: ("The proposal was not approved in time.", "Propose it again: change propose.")
        case .changeDecided: ("The change has been made.", "Nothing is left to approve.")
        case .alreadyApproved: ("The organisation has approved this change.", "Nothing is left to do.")
        case .tooManyChanges:
            ("Eight proposals of the organisation are open.", "Wait until one is decided or expires: change list.")
        case .invalidDeadline: ("The vote ends too soon or too late.", "Let it end within the next 90 days.")
        case .nameInUse: ("Another organisation has this name.", "Choose another name.")
        case .addressInUse: ("Another validator has this peer address.", "Choose another address.")
        case .unknownAuditor: ("There is no such auditor.", "Check the identifier.")
        case .tooFewValidators:
            ("A set of four validators does not shrink.", "Add a validator first: change propose.")
        case .tooManyValidators: ("The set has 128 validators.", "Remove one first: change propose.")
        case .setChangeTooLarge:
            (
                "More validators would change in one block than may be faulty.",
                "Approve again in the next block; remove an organisation's validators one by one before expelling it."
            )
        case .parameterOutOfRange: ("The value is out of the parameter's range.", "Choose another value.")
        case .alreadyReported: ("The contradiction in this view has been reported.", "Nothing is left to do.")
        case .lastOrganization: ("A consortium has at least one organisation.", "Admit another one first.")
        case .tooManyMembers:
            ("There are 1024 organisations or auditors already.", "Expel or dismiss one first: change propose.")
        case .versionOutOfOrder:
            (
                "The chain does not go on to this version from the one that it follows.",
                "Choose the next version; to take back what is decided and lies ahead, the present one."
            )
        case .unknownAccess:
            ("No member of the organisation's staff has made such a request.", "Check the identifier: access list.")
        case .namesAlreadyStated:
            ("The names of a request have been stated.", "Leave it out: a statement is made once.")
        case .activationOutOfRange:
            (
                "The version's first block is too near or too far.",
                "Choose a height at least 100 and at most 10 000 000 blocks above the one in which the last approval stands."
            )
        default: emergencyText
        }
    }
}
