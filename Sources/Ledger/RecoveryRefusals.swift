extension Refusal {
    /// The words for refusals about guardians and recovery.
    var recoveryText: (explanation: String, remedy: String) {
        switch self {
        case .noGuardians: ("The scope has no guardians.", "Only a patient who still has the key can appoint some.")
        case .guardianSignaturesMissing:
            ("Too few of the scope's guardians have signed.", "Pass the file to another guardian: guardian approve.")
        case .newOwnerSignatureMissing:
            ("The key that is to own the scope has not signed.", "Sign with the wallet that is to own it.")
        case .ownerProposed:
            ("A new owner of the scope has been proposed.", "Object to it first: guardian veto. Or wait for its end.")
        case .noOwnerProposed: ("No new owner of the scope is proposed.", "Let the guardians propose one.")
        case .vetoTooLate:
            ("The time to object has passed.", "Close the scope, if the proposal was not yours: scope close.")
        case .ownerNotDue:
            ("The patient may still object.", "Wait until the delay has passed: guardian status.")
        case .ownerLimitReached:
            ("The scope has had 64 new owners.", "Close the scope and open another one: scope close.")
        case .grantNotForRecovery: ("The grant is not one for recovery.", "Name the scope's recovery grant.")
        case .recoveryTermsInvalid:
            (
                "A recovery grant is for the scope's own owner and for the patient's request only.",
                "Let the wallet make it: guardian appoint."
            )
        default: messageText
        }
    }
}
