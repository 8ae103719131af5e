/// The valid votes of one view: at most one of each kind from each validator, the first that came.
///
/// It is also the cache of checked signatures: a vote that stands here, statement, signer and signature alike, is not
/// checked again when it comes back inside a certificate.
struct Tally: Sendable {
    private var notarizes: [Vote?] = []
    private var nullifies: [Vote?] = []
    private var finalizes: [Vote?] = []

    /// What became of a vote.
    enum Insertion {
        case counted
        case alreadyThere
        /// The signer has said something else of this kind before; that one stays.
        case conflicts(with: Vote)
    }

    /// The vote of this kind by this validator.
    func vote(_ kind: Statement.Kind, by signer: ValidatorIndex) -> Vote? {
        let votes = self.votes(kind)
        return votes.indices.contains(signer.rawValue) ? votes[signer.rawValue] : nil
    }

    /// Whether there is a vote of this kind by this validator.
    func has(_ kind: Statement.Kind, by signer: ValidatorIndex) -> Bool { vote(kind, by: signer) != nil }

    /// Whether exactly this vote has been found valid before.
    func contains(_ vote: Vote) -> Bool { self.vote(vote.statement.kind, by: vote.signer) == vote }

    /// The votes for a statement, in the order of their signers.
    func votes(for statement: Statement) -> [Vote] {
        votes(statement.kind).compactMap { $0?.statement == statement ? $0 : nil }
    }

    /// How many back a statement.
    func count(for statement: Statement) -> Int {
        votes(statement.kind).reduce(0) { $1?.statement == statement ? $0 + 1 : $0 }
    }

    /// Counts a vote that has been checked.
    mutating func insert(_ vote: Vote) -> Insertion {
        switch vote.statement.kind {
        case .notarize: Self.insert(vote, into: &notarizes)
        case .nullify: Self.insert(vote, into: &nullifies)
        case .finalize: Self.insert(vote, into: &finalizes)
        }
    }

    private func votes(_ kind: Statement.Kind) -> [Vote?] {
        switch kind {
        case .notarize: notarizes
        case .nullify: nullifies
        case .finalize: finalizes
        }
    }

    private static func insert(_ vote: Vote, into votes: inout [Vote?]) -> Insertion {
        let place = vote.signer.rawValue
        while votes.count <= place { votes.append(nil) }
        guard let earlier = votes[place] else {
            votes[place] = vote
            return .counted
        }
        return earlier.statement == vote.statement ? .alreadyThere : .conflicts(with: earlier)
    }
}
