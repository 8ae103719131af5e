public import API
public import Codec
public import Ledger

/// Why something that a program asked of the network did not happen.
public enum ClientFailure: Error, Hashable, Sendable {
    /// No node answered; what each attempt met.
    case unreachable([Attempt])
    /// A node said why not.
    case problem(Problem, node: String)
    /// A node's answer does not decode.
    case malformedReply(DecodingFailure, node: String)
    /// A node's answer does not prove what it says.
    case proof(ProofFailure, node: String)
    /// Every node that answered is behind what this home has seen already.
    case behind(seen: Height, offered: Height)
    /// Two final blocks at one height: the validators that signed both are guilty. The evidence is kept.
    case conflictingFinality(Height, evidence: String)
    /// The transaction is in a block and its first refused operation says why.
    case refused(TransactionID, Refusal)
    /// The transaction was accepted but is not final yet; it may still become so.
    case pending(TransactionID)
    /// What was asked for does not exist, or not for this key.
    case notFound(String)
    /// A file of the home cannot be used.
    case home(HomeFailure)

    /// One try with one node.
    public struct Attempt: Hashable, Sendable {
        /// The node's address.
        public let node: String
        /// What happened: one phrase.
        public let reason: String

        /// A try.
        public init(node: String, reason: String) {
            self.node = node
            self.reason = reason
        }
    }
}

extension ClientFailure {
    /// The exit code of a program that ends with this failure (design section 11).
    public var exitCode: Int32 {
        switch self {
        case .unreachable, .behind: 5
        case .malformedReply, .proof, .conflictingFinality: 3
        case .refused: 4
        case .problem(let problem, _): Self.exitCode(of: problem)
        case .pending, .notFound, .home: 1
        }
    }

    private static func exitCode(of problem: Problem) -> Int32 {
        switch problem.code {
        case .transactionRefused, .transactionExpired, .accessRefused, .fragmentRefused: 4
        case .notReady, .tooManyRequests, .internalFailure: 5
        default: 1
        }
    }
}

extension ClientFailure: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .unreachable(let attempts):
            "no node answered: " + attempts.map { "\($0.node) (\($0.reason))" }.joined(separator: ", ")
        case .problem(let problem, let node): "\(problem) [\(problem.code.rawValue), \(node)]"
        case .malformedReply(let failure, let node): "the answer of \(node) does not decode: \(failure)"
        case .proof(let failure, let node): "the answer of \(node) is not proved: \(failure)"
        case .behind(let seen, let offered):
            "every node that answered is behind: this home has seen block \(seen), they offer \(offered)"
        case .conflictingFinality(let height, let evidence):
            "two different blocks are final at height \(height): trust nothing, and keep the evidence in \(evidence)"
        case .refused(let transaction, let refusal):
            "\(refusal.explanation) \(refusal.remedy) [\(refusal.name), transaction \(transaction)]"
        case .pending(let transaction): "transaction \(transaction) was accepted but is not final yet"
        case .notFound(let what): "\(what) does not exist, or this key may not read it"
        case .home(let failure): "\(failure)"
        }
    }
}
