extension Refusal {
    /// The words for refusals about fragments that are given on to other validators.
    var resharingText: (explanation: String, remedy: String) {
        switch self {
        case .notAFragmentHolder:
            (
                "The validator has no part in this: it holds no fragment to give on, is dealt none, or was left out.",
                "Nothing is left to do: the other holders give theirs on."
            )
        case .resharingOutOfStep:
            (
                "The grant's fragments are not at this point of this round, or the validators have changed since.",
                "Read the grant anew: the validator does so by itself."
            )
        case .resharingBusy:
            ("The block settles as many resharings as it may.", "Submit again for the next block.")
        case .dealingInvalid:
            (
                "The commitments do not give on the share that the validator holds, or not for n - f of the set.",
                "Deal the share that the grant publishes for the validator."
            )
        case .tooFewDealers:
            (
                "Without this dealer too few holders would remain to share the grant out anew.",
                "Ask the dealer for its part again; the patient's wallet can make the grant anew."
            )
        default: recoveryText
        }
    }
}
