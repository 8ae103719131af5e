import Codec
import Consensus
import Cryptography

/// Evidence never names an honest validator, and a fork names more than f that are not.
struct Guilt {
    private var said: [View: [ValidatorIndex: [Statement: Vote]]] = [:]
    /// Whom the votes that honest validators have seen convict.
    private(set) var guilty: Set<ValidatorIndex> = []

    /// Takes the votes of a certificate, or one that came alone, into account.
    mutating func witness(_ vote: Vote) {
        let known = said[vote.statement.view]?[vote.signer] ?? [:]
        guard known[vote.statement] == nil else { return }
        if known.values.contains(where: { Evidence($0, vote) != nil }) { guilty.insert(vote.signer) }
        said[vote.statement.view, default: [:]][vote.signer, default: [:]][vote.statement] = vote
    }

    /// A finding when a fork can be blamed on f or fewer.
    func judgeFork(tolerated: Int) -> String? {
        guilty.count > tolerated
            ? nil : "a fork names \(guilty.count) guilty validators, \(tolerated + 1) at least made it"
    }

    /// A finding when somebody honest is convicted.
    func judge(dishonest: Set<Int>) -> String? {
        guilty.first { !dishonest.contains($0.rawValue) }.map { "honest validator \($0) is convicted by its votes" }
    }
}
