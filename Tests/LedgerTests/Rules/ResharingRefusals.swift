import Cryptography
import Ledger
import Testing

extension RefusalTests {
    /// What is refused about fragments that are given on.
    static func provokeResharing(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .notAFragmentHolder:
            try story.replaceValidator()
            // The fourth validator has acknowledged nothing.
            return (.reshareGrant(try story.dealing(by: Cast.validators[3])), [Cast.validatorKeys[3]])
        case .resharingOutOfStep:
            return (.reshareGrant(try story.dealing(by: Cast.validators[0])), [Cast.validatorKeys[0]])
        case .resharingBusy:
            return (.reshareGrant(try story.lastOfMany()), [Cast.validatorKeys[2]])
        case .dealingInvalid:
            try story.replaceValidator()
            let dealing = try story.dealing(by: Cast.validators[0]) { $0[0] = Story.point("another share") }
            return (.reshareGrant(dealing), [Cast.validatorKeys[0]])
        case .tooFewDealers:
            var answer = try story.answerable()
            answer.failed = Cast.validators[0]
            return (.answerResharing(answer), [Cast.validatorKeys[3]])
        default: return try provokeRecovery(refusal, in: story)
        }
    }
}
