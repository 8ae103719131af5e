extension Engine {
    /// Whether a vote of this validator's in this view is known.
    package func hasSpoken(_ validator: ValidatorIndex, in view: View) -> Bool {
        let tally = rounds[view].tally
        return [Statement.Kind.notarize, .nullify, .finalize].contains { tally.has($0, by: validator) }
    }
}
