extension Engine {
    /// Whether this validator may say anything in a view: not before it has learned, after losing its journal, which
    /// views it may have spoken in.
    func mayVote(in view: View) -> Bool {
        switch standing {
        case .voting(let abstained): view > abstained
        case .rejoining: false
        }
    }

    /// Signs a statement, records it, counts it, and sends it once it is durable.
    ///
    /// - Parameter announced: Whether to send the bare vote; a leader's travels inside its proposal.
    @discardableResult
    mutating func cast(_ statement: Statement, announced: Bool = false) -> Vote {
        let vote = Vote(
            statement: statement, signer: index, signature: signer.sign(statement.digest(chain: configuration.chain)))
        output.records.append(.vote(vote))
        rounds[statement.view].own[statement.kind] = vote
        if announced { output.sends.append(.send(.vote(vote), to: .all)) }
        count(vote)
        return vote
    }

    /// Takes a vote: bounds first, then duplicates, then the signature.
    mutating func receive(_ vote: Vote) {
        let (statement, view) = (vote.statement, vote.statement.view)
        guard statement.epoch == configuration.epoch, configuration.validators.contains(vote.signer),
            view > finalizedView,
            view.rawValue <= self.view.rawValue + Self.voteHorizon || mutation.contains(.keepFarVotes),
            vote.signer != index
        else { return }
        let earlier = rounds[view].tally.vote(statement.kind, by: vote.signer)
        guard earlier?.statement != statement, rounds[view][statement.kind]?.statement != statement,
            mutation.contains(.trustVotes)
                || verifier.isValid(vote.signature, of: statement.digest(chain: configuration.chain), by: vote.signer)
        else { return }
        count(vote)
    }

    /// Counts a valid vote and acts on the quorum that it may complete.
    mutating func count(_ vote: Vote) {
        let (statement, view) = (vote.statement, vote.statement.view)
        switch rounds[view].tally.insert(vote) {
        case .alreadyThere: return
        case .conflicts(let earlier): report(earlier, vote)
        case .counted:
            reportNullifyAndFinalize(by: vote.signer, in: view)
        }
        if let proposal = statement.proposal, statement.kind == .notarize, vote.signer == leaders[view] {
            rounds[view].offer(proposal)
            if mutation.contains(.revote), rounds[view].slot == .contested { rounds[view].slot = .proposed(proposal) }
        }
        if rounds[view][statement.kind] == nil, rounds[view].tally.count(for: statement) >= quorum {
            let votes = rounds[view].tally.votes(for: statement)
            accept(Certificate(statement: statement, votes: votes))
        }
    }

    /// Counts the votes inside a certificate, so that they are not checked again when they come alone.
    mutating func absorb(_ certificate: Certificate) {
        for vote in certificate.votes {
            switch rounds[certificate.view].tally.insert(vote) {
            case .alreadyThere: break
            case .counted: reportNullifyAndFinalize(by: vote.signer, in: certificate.view)
            case .conflicts(let earlier): report(earlier, vote)
            }
        }
    }

    private mutating func report(_ first: Vote, _ second: Vote) {
        if let evidence = Evidence(first, second) { output.requests.append(.evidence(evidence)) }
    }

    private mutating func reportNullifyAndFinalize(by signer: ValidatorIndex, in view: View) {
        let tally = rounds[view].tally
        if let nullify = tally.vote(.nullify, by: signer), let finalize = tally.vote(.finalize, by: signer) {
            report(nullify, finalize)
        }
    }
}
