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
        default: preconditionFailure("the other refusals have their words elsewhere")
        }
    }
}
