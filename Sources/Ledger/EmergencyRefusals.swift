extension Refusal {
    /// The words for refusals about emergencies.
    var emergencyText: (explanation: String, remedy: String) {
        switch self {
        case .secondStaffSignatureMissing:
            ("The device of the second member of staff has not signed.", "Let the colleague named sign the file too.")
        case .secondStaffNotDifferent:
            ("The same member of staff cannot declare an emergency twice.", "Ask a colleague to declare it with you.")
        case .emergencyNotDeclared:
            (
                "The grant is for emergencies only.",
                "Declare the emergency together with a colleague: emergency declare."
            )
        case .grantNotForEmergencies:
            ("The grant is not one for emergencies.", "Ask for access in the ordinary way: access request.")
        case .emergencyTermsInvalid:
            (
                "An emergency grant is for an organisation and for emergency treatment only.",
                "Grant it to an organisation with the purpose ETREAT and no other."
            )
        case .reviewOverdue:
            (
                "The organisation has an emergency that was not reviewed within 72 hours.",
                "Let a privacy officer review it: emergency review."
            )
        case .tooManyOpenReviews:
            (
                "The organisation owes as many reviews of emergencies as it may.",
                "Let a privacy officer review them: emergency review."
            )
        case .unknownEmergency: ("There is no such emergency.", "Check the identifier: emergency list.")
        case .alreadyReviewed: ("The emergency has been reviewed.", "Nothing is left to do.")
        default: incidentText
        }
    }

    private var incidentText: (explanation: String, remedy: String) {
        switch self {
        case .keyNotFreezable:
            ("The key is no organisation's and no member of staff's.", "A patient closes the scope instead.")
        case .alreadyFrozen: ("It is frozen already.", "Nothing is left to do.")
        case .notFrozen: ("It is not frozen.", "Nothing is left to do.")
        case .staffFrozen:
            ("The member of staff is frozen because of an incident.", "Ask the organisation's privacy officer.")
        case .keyFrozen:
            ("The key that signed is frozen because of an incident.", "Sign with another key of the organisation.")
        case .organizationFrozen:
            ("The organisation has frozen itself because of an incident.", "Ask its privacy officer.")
        case .validatorFrozen:
            ("The validator's doors are frozen because of an incident.", "Wait until its organisation lifts it.")
        case .tooFewKeysLeft:
            (
                "Without this key the organisation could sign nothing, nor end the freeze.",
                "Freeze the organisation, and have the key replaced."
            )
        case .unknownIncident: ("The organisation has no such incident.", "Check the identifier: incident list.")
        case .noticeAddresseeInvalid:
            ("The emergency does not concern this scope.", "Address the notice to the scope of the emergency.")
        case .noticeDatesInvalid:
            (
                "The dates of what happened and of its discovery do not fit what the ledger shows.",
                "Give a discovery not after the freeze or the review, and an occurrence not in the future."
            )
        case .noticeLate:
            (
                "The deadline of the notice has passed.",
                "Publish it with the reason of the delay: notice publish --delay."
            )
        default: policyText
        }
    }

    private var policyText: (explanation: String, remedy: String) {
        switch self {
        case .operationNotPermitted:
            ("The organisation does not let this role do this.", "Ask a colleague whose role it permits.")
        case .purposeNotInPolicy:
            ("The organisation does not let this role ask for this purpose.", "Ask for a purpose that it permits.")
        case .documentKindNotPermitted:
            (
                "The organisation does not let this role write or ask for this kind of document.",
                "Ask a colleague whose role it permits, and leave such documents out."
            )
        case .tooManyDocuments:
            ("The organisation does not let this role ask for so many documents at once.", "Ask for fewer.")
        case .staffLimitReached:
            (
                "The documents that the organisation allows a member of this role for a day are used up.",
                "Try again after midnight UTC, or ask for fewer."
            )
        default: resharingText
        }
    }
}
