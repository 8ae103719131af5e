import Codec

/// Whether this validator takes part, or has yet to learn which views it may have spoken in.
enum Participation: Sendable {
    /// Votes in the views above this one.
    case voting(after: View)
    /// The journal is lost: nothing is said until a quorum of others has told where it stands.
    case rejoining(nonce: UInt64, answers: [ValidatorIndex: View])
}

extension Engine {
    /// An engine that knows what its journal knows.
    ///
    /// Replaying restores facts and decides nothing; the rules apply from ``Input/start`` on. Records of other epochs
    /// are passed over.
    ///
    /// - Parameters:
    ///   - records: The journal, in order; empty on the very first start. When the journal is lost, a single
    ///     ``Journal/Record/lost(_:)``: the engine then asks the others where they stand and is silent in every view in
    ///     which it may have spoken. Had it voted in a view, a quorum would have voted in the one before, so some honest
    ///     answer is at least from there.
    ///   - floor: The finalization of the last block that the store has applied, if any: the store may be ahead of a
    ///     journal that was compacted.
    public init(
        _ configuration: Configuration, signer: any VoteSigner, verifier: (any VoteVerifier)? = nil,
        records: [Journal.Record], floor: Certificate?
    ) {
        self.init(
            configuration, signer: signer, verifier: verifier, records: records, floor: floor, mutation: [])
    }

    /// The same, with rules broken by a test.
    package init(
        _ configuration: Configuration, signer: any VoteSigner, verifier: (any VoteVerifier)?,
        records: [Journal.Record], floor: Certificate?, mutation: Mutation
    ) {
        self.init(configuration, signer: signer, verifier: verifier)
        self.mutation = mutation
        for record in records { replay(record) }
        if let floor, floor.epoch == configuration.epoch { replay(.certificate(floor)) }
    }

    /// Whether this validator may speak in its current view.
    package var mayTakePart: Bool { mayVote(in: view) }

    /// The last view in which this validator is silent because it lost its journal; the view before the first if it has not.
    public var silence: View { if case .voting(let abstained) = standing { abstained } else { .genesis } }

    /// What the journal has to hold to restore this engine: the records that an older journal can be replaced with.
    ///
    /// The bodies of unfinalized blocks that it names go with it.
    public var checkpoint: [Journal.Record] {
        var records: [Journal.Record] = []
        switch standing {
        case .voting(.genesis): break
        case .voting(let abstained): records.append(.abstains(configuration.epoch, through: abstained))
        case .rejoining: records.append(.lost(configuration.epoch))
        }
        if let finalization { records.append(.certificate(finalization)) }
        for view in rounds.views(above: finalizedView) {
            let round = rounds[view]
            records += [round.own.notarize, round.own.nullify, round.own.finalize].compactMap { $0.map { .vote($0) } }
            records += [round.notarization, round.nullification].compactMap { $0.map { .certificate($0) } }
            if round.certification != .pending {
                records.append(.certified(configuration.epoch, view, round.certification == .certified))
            }
        }
        return records
    }

    /// Restores one fact; the view is the highest that any fact shows to have been entered.
    private mutating func replay(_ record: Journal.Record) {
        switch record {
        case .vote(let vote) where vote.statement.epoch == configuration.epoch: replay(vote)
        case .certificate(let certificate) where certificate.epoch == configuration.epoch:
            guard certificate.view > finalizedView else { return }
            for vote in certificate.votes { _ = rounds[certificate.view].tally.insert(vote) }
            note(certificate)
            if certificate.statement.kind != .notarize { view = max(view, certificate.view.next) }
            if mutation.contains(.replayDecides) { certifyReplayed(certificate) }
        case .certified(configuration.epoch, let certified, let valid):
            guard certified > finalizedView else { return }
            rounds[certified].certification = valid ? .certified : .refused
            if valid { view = max(view, certified.next) }
        case .abstains(configuration.epoch, let abstained): standing = .voting(after: abstained)
        case .lost(configuration.epoch): standing = .rejoining(nonce: configuration.incarnation, answers: [:])
        case .vote, .certificate, .certified, .abstains, .lost, .block, .epochStart: break
        }
    }

    /// An own vote counts again: validators that all crashed after voting would otherwise be a vote short for ever.
    private mutating func replay(_ vote: Vote) {
        let (statement, view) = (vote.statement, vote.statement.view)
        guard vote.signer == index, view > finalizedView, !mutation.contains(.loseVotes) else { return }
        rounds[view].own[statement.kind] = vote
        if statement.kind != .nullify || !mutation.contains(.ownNullifyUntallied) {
            _ = rounds[view].tally.insert(vote)
        }
        if statement.kind == .notarize, let proposal = statement.proposal, leaders[view] == index {
            rounds[view].offer(proposal)
        }
        self.view = max(self.view, statement.kind == .finalize ? view.next : view)
    }

    /// The mistake that ``Mutation/replayDecides`` stands for: to finalize before the rest of the journal is read.
    private mutating func certifyReplayed(_ certificate: Certificate) {
        guard let proposal = certificate.proposal, certificate.statement.kind == .notarize,
            rounds[certificate.view].own.nullify == nil
        else { return }
        rounds[certificate.view].certification = .certified
        cast(.finalize(proposal), announced: true)
    }

    /// Begins to speak: the clocks start, and what was said before is said again (R8).
    mutating func start() {
        precondition(!timers.started, "an engine starts once")
        arm()
        timers.started = true
        timers.status = now
        for peer in peers.indices { peers[peer].lastHeard = now }
        if case .rejoining = standing {
            timers.rejoin = now
            output.records.append(.lost(configuration.epoch))
        } else {
            if rounds[view].own.nullify != nil { timers.retry = now + configuration.pace.retryInterval }
            sendBundle(to: .all)
            repeatProposal()
        }
    }

    /// A proposal that was durable is proposed again, exactly as it was.
    private mutating func repeatProposal() {
        guard leaders[view] == index, let vote = rounds[view].own.notarize, rounds[view].own.nullify == nil,
            let parent = parent(for: view)
        else { return }
        let justification = mutation.contains(.noJustification) ? .empty : parent.justification
        output.sends.append(.send(.propose(Propose(vote: vote, justification: justification)), to: .all))
    }

    // MARK: Loss of the journal

    /// Asks, every two retry intervals, until a quorum has answered.
    mutating func askWhereOthersStand() {
        guard case .rejoining(let nonce, _) = standing, let ask = timers.rejoin, now >= ask else { return }
        timers.rejoin = now + configuration.pace.retryInterval
        output.sends.append(.send(.rejoin(nonce: nonce), to: .all))
    }

    /// Answers a validator that has lost its journal; one that has lost its own has no answer to give.
    mutating func answer(_ nonce: UInt64, from sender: ValidatorIndex) {
        guard case .voting = standing else { return }
        let answer = Standing(
            nonce: nonce, epoch: configuration.epoch, view: view, entry: rounds[view.previous].exit)
        output.sends.append(.send(.standing(answer), to: .one(sender)))
    }

    /// Counts an answer whose view is proven. With a quorum of them, this validator is silent up to the view after the
    /// highest, and then takes part.
    mutating func receive(_ answer: Standing, from sender: ValidatorIndex) {
        guard case .rejoining(let nonce, var answers) = standing, answer.nonce == nonce,
            answer.epoch == configuration.epoch, proves(answer)
        else { return }
        if let entry = answer.entry { receive(entry) }
        answers[sender] = max(answers[sender] ?? .genesis, answer.view)
        standing = .rejoining(nonce: nonce, answers: answers)
        guard answers.count >= quorum, let highest = answers.values.max() else { return }
        let sound = mutation.contains(.abstainTooLittle) ? highest : highest.next
        let abstained = mutation.contains(.noAbstention) ? View.genesis : sound
        standing = .voting(after: abstained)
        timers.rejoin = nil
        output.records.append(.abstains(configuration.epoch, through: abstained))
    }

    /// Whether the answer's certificate is of the view before the claimed one.
    private func proves(_ answer: Standing) -> Bool {
        if mutation.contains(.believeStandings) { return true }
        guard let entry = answer.entry else { return answer.view.rawValue <= 1 }
        guard entry.epoch == configuration.epoch, entry.view.next == answer.view else { return false }
        do {
            try entry.verify(
                chain: configuration.chain, validators: configuration.validators, with: verifier,
                isKnown: { _ in false })
            return true
        } catch {
            return false
        }
    }

    /// A certificate with a vote of ours that the journal does not know means that a second process signs with this
    /// key.
    mutating func haltIfForeign(_ certificate: Certificate) {
        guard mayVote(in: certificate.view), timers.started,
            let vote = certificate.votes.first(where: { $0.signer == index }),
            rounds[certificate.view].own[certificate.statement.kind]?.statement != certificate.statement
        else { return }
        output.requests.append(.halt(unknownVote: vote))
    }
}
