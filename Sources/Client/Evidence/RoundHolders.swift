internal import Cryptography
package import Ledger

/// Who holds a grant's fragments after validators have shared them out anew, as the grant's history tells it.
package struct RoundHolders {
    private var round: UInt64 = 0
    private var threshold = 0
    private var holders: [ValidatorID] = []

    /// Before any round.
    package init() {}

    /// A share was given on: in a new round nobody holds anything yet.
    package mutating func begin(_ dealing: ReshareGrant) {
        guard dealing.round > round else { return }
        round = dealing.round
        threshold = dealing.commitments.coefficients.count
        holders = []
    }

    /// A validator holds its new share.
    ///
    /// - Returns: Who holds the fragments that serve, once those of this round do; nothing before, when they are still the
    ///   earlier ones.
    package mutating func add(_ answer: AnswerResharing) -> [ValidatorID]? {
        guard answer.failed == nil, answer.round == round else { return nil }
        holders.append(answer.validator)
        return holders.count >= threshold ? holders : nil
    }
}
