public import Cryptography
public import Ledger

/// Why something that a wallet set out to do cannot be done, beside what nodes and homes do to it (``ClientFailure``).
public enum WalletFailure: Error, Hashable, Sendable {
    /// The chain knows nobody or nothing of that name, or does not tell this key.
    case unknown(String)
    /// The scope card is somebody else's, or was altered.
    case cardDoesNotOpen
    /// The reader's key cannot carry a secret.
    case unusableKey(String)
    /// Too few validators helped; what each of the others said.
    case tooFewFragments(have: Int, need: Int, [ValidatorAnswer])
    /// The fragments are genuine and open nothing together.
    case doesNotOpen(OpeningFailure)
    /// A wallet of another kind does this.
    case wrongIdentity(needed: String)
    /// The fragments of a grant are gone from this home; only a new grant helps.
    case fragmentsLost(GrantID)
    /// A message is empty or too long.
    case messageLength(maximum: Int)

    /// What a validator said instead of helping.
    public struct ValidatorAnswer: Hashable, Sendable {
        /// Who.
        public let validator: ValidatorID
        /// One phrase.
        public let reason: String

        /// An answer.
        public init(validator: ValidatorID, reason: String) {
            self.validator = validator
            self.reason = reason
        }
    }
}

extension WalletFailure {
    /// The exit code of a program that ends with this failure (design section 11).
    public var exitCode: Int32 {
        switch self {
        case .unknown, .unusableKey, .fragmentsLost: 1
        case .messageLength: 64
        case .cardDoesNotOpen, .doesNotOpen: 3
        case .tooFewFragments: 5
        case .wrongIdentity: 64
        }
    }
}

extension WalletFailure: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .unknown(let what): "\(what) does not exist, or this key may not read it"
        case .cardDoesNotOpen: "the scope card is not for this wallet, or was altered"
        case .unusableKey(let whose): "the sealing key of \(whose) cannot be used"
        case .tooFewFragments(let have, let need, let answers):
            "\(have) of \(need) validators helped"
                + answers.map { "; \($0.validator.description.prefix(8))…: \($0.reason)" }.joined()
        case .doesNotOpen(let failure): "the validators' fragments do not open the document: \(failure)"
        case .wrongIdentity(let needed): "this needs the home of \(needed)"
        case .messageLength(let maximum):
            "a message has 1 to \(maximum) bytes: put what is longer on record as a document"
        case .fragmentsLost(let grant): "the fragments of grant \(grant) are not in this home: grant again"
        }
    }
}
