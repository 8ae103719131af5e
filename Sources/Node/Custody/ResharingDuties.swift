internal import ChainStorage
internal import Codec
internal import Cryptography
internal import Ledger
internal import Logging

/// Keeps grants usable when the validators change, without the patient: gives this validator's fragments on to the new
/// set, puts together what it is dealt itself, and deletes what serves no more.
///
/// What is to be done follows from the final state alone; what was submitted is submitted again once the chain can no
/// longer include it, or has refused it.
actor ResharingDuties {
    /// Grants that one look takes on, so that a set that changed does not keep a validator from everything else.
    private static let grantsAtOnce = 64
    /// Looks between two searches through everything that is held, where nothing else asks for one.
    private static let searchInterval = 60
    /// Bytes of operations in one transaction.
    private static let maximumBytes = 128 << 10
    /// Failed looks after which a dealer that gives nothing is reported, and after which others come seldom.
    private static let patience = 60

    private enum Attempt: Hashable {
        case deal(GrantID, round: UInt64, set: Digest)
        case answer(GrantID, round: UInt64)
    }

    private struct Wait: Hashable {
        let grant: GrantID
        let round: UInt64
    }

    private let log: ResharingLog
    private let custody: FragmentCustody
    private let reads: ChainReads
    private let roster: Roster
    private let peers: PeerClient
    private let duties: ValidatorDuties
    private let logger: Logger
    private let isCurrent: @Sendable () -> Bool
    private var followed: Height
    private var written: Height
    /// The grants in the log.
    private var expected: Set<GrantID> = []
    /// The grants to look at.
    private var work: Set<GrantID> = []
    private var searchedSet: Digest?
    private var looks = 0
    /// The first look at the present set.
    private var firstLook = 0
    /// The last grant that was looked at: the next look goes on behind it.
    private var cursor: GrantID?
    /// Dealers that gave nothing in this look; the same look does not wait for them again.
    private var silent: Set<ValidatorID> = []
    /// Until when the last attempt may be included.
    private var attempts: [Attempt: Height] = [:]
    /// How often the parts of a round were not all to be had.
    private var failures: [Wait: Int] = [:]

    init(
        log: ResharingLog, custody: FragmentCustody, reads: ChainReads, roster: Roster, peers: PeerClient,
        duties: ValidatorDuties, logger: Logger, isCurrent: @escaping @Sendable () -> Bool
    ) throws(DatabaseFailure) {
        self.log = log
        self.custody = custody
        self.reads = reads
        self.roster = roster
        self.peers = peers
        self.duties = duties
        self.logger = logger
        self.isCurrent = isCurrent
        followed = try log.height()
        written = followed
        expected = Set(try log.grants())
        work = expected
    }

    // MARK: Following the chain

    /// Reads the final blocks that came while the node was down.
    func catchUp() {
        do {
            while followed < reads.store.height, let block = try reads.store.blocks.block(at: followed.next) {
                note(block.transactions, [], at: block.header.height)
            }
        } catch { logger.error("blocks cannot be read for resharings", metadata: ["error": "\(error)"]) }
    }

    /// Follows a final block.
    func follow(_ block: Block, _ receipts: [Receipt]) {
        guard block.header.height > followed else { return }
        note(block.transactions, receipts, at: block.header.height)
    }

    private func note(_ transactions: [Transaction], _ receipts: [Receipt], at height: Height) {
        for (transaction, receipt) in zip(transactions, receipts) {
            for (operation, outcome) in zip(transaction.operations, receipt.outcomes) { settle(operation, outcome) }
        }
        var begun: [GrantID] = []
        for operation in transactions.lazy.flatMap(\.operations) {
            switch operation {
            case .reshareGrant(let dealing): begun.append(dealing.grant)
            case .answerResharing(let answer): work.insert(answer.grant)
            case .acknowledgeGrant(let acknowledgement): work.insert(acknowledgement.grant)
            default: break
            }
        }
        followed = height
        guard !begun.isEmpty else { return }
        work.formUnion(begun)
        expected.formUnion(begun)
        log.note(begun, upTo: height)
        written = height
    }

    /// Forgets an attempt of this validator's that succeeded, or that was one too many for its block. What was refused for
    /// another reason is not tried again before long: most likely somebody else was first.
    private func settle(_ operation: Operation, _ outcome: Outcome) {
        guard outcome == .applied || outcome == .refused(.resharingBusy) else { return }
        switch operation {
        case .reshareGrant(let dealing) where dealing.dealer == custody.validator:
            attempts[.deal(dealing.grant, round: dealing.round, set: dealing.set)] = nil
        case .answerResharing(let answer) where answer.validator == custody.validator:
            attempts[.answer(answer.grant, round: answer.round)] = nil
        default: break
        }
    }

    // MARK: Doing what is due

    /// Does what is due; called about once a second.
    func attend() async {
        guard isCurrent() else { return }
        do {
            if written < followed {
                log.note([], upTo: followed)
                written = followed
            }
            try search()
            let tip = reads.tip.height
            attempts = attempts.filter { $0.value >= tip }
            var operations: [Operation] = []
            silent = []
            for grant in nextGrants() {
                cursor = grant
                let (more, isSettled) = await attend(to: grant)
                operations += more
                if isSettled {
                    work.remove(grant)
                    if expected.remove(grant) != nil { log.remove(grant) }
                }
            }
            await send(operations)
        } catch { logger.error("resharing failed", metadata: ["error": "\(error)"]) }
    }

    private func send(_ operations: [Operation]) async {
        var next: [Operation] = []
        var bytes = 0
        for operation in operations {
            let length = operation.encoded.count
            if bytes + length > Self.maximumBytes {
                await duties.send(next)
                (next, bytes) = ([], 0)
            }
            next.append(operation)
            bytes += length
        }
        if !next.isEmpty { await duties.send(next) }
    }

    private func nextGrants() -> [GrantID] {
        let all = work.sorted()
        let next = cursor.flatMap { cursor in all.firstIndex { $0 > cursor } } ?? 0
        return Array((all[next...] + all[..<next]).prefix(Self.grantsAtOnce))
    }

    /// Looks through everything that is held when the set has changed, and now and then.
    private func search() throws(DatabaseFailure) {
        let set = reads.store.validatorSet.hash
        defer { looks += 1 }
        guard set != searchedSet || looks % Self.searchInterval == 0 else { return }
        work.formUnion(try custody.held())
        work.formUnion(expected)
        if set != searchedSet { firstLook = looks }
        searchedSet = set
    }

    /// - Returns: What to submit, and whether nothing is left to do for the grant until a block says otherwise.
    private func attend(to grant: GrantID) async -> ([Operation], isSettled: Bool) {
        let (state, tip) = (reads.store, reads.tip)
        var operations: [Operation] = []
        var isSettled = true
        do throws(CustodyRefusal) {
            try custody.tidy(grant, over: state)
            if isDealer, let dealing = try custody.deal(grant, over: state, tip: tip) {
                isSettled = false
                let attempt = Attempt.deal(grant, round: dealing.round, set: dealing.set)
                if begin(attempt) { operations.append(.reshareGrant(dealing)) }
            }
        } catch { note(error, about: grant) }
        if let round = custody.expected(of: grant, over: state, tip: tip) {
            isSettled = false
            let attempt = Attempt.answer(grant, round: round.round)
            if duties.isDue(attempts[attempt]), let answer = await answer(to: round, of: grant), begin(attempt) {
                operations.append(.answerResharing(answer))
            }
        }
        return (operations, isSettled)
    }

    /// Whoever has left the set deals only where those who stay have not settled the round: it may soon not be there to hand
    /// out its parts.
    private var isDealer: Bool {
        reads.store.validatorSet.ids.contains(custody.validator) || looks - firstLook > Self.patience
    }

    private func begin(_ attempt: Attempt) -> Bool {
        guard duties.isDue(attempts[attempt]) else { return false }
        attempts[attempt] = duties.lastHeight
        return true
    }

    private func note(_ refusal: CustodyRefusal, about grant: GrantID) {
        switch refusal {
        case .unknownGrant, .notAHolder, .grantEnded, .notHeld: break
        default: logger.warning("fragment cannot be given on", metadata: ["grant": "\(grant)", "why": "\(refusal)"])
        }
    }

    // MARK: Receiving

    /// What this validator says of a round that deals to it; nothing while parts are missing.
    private func answer(to round: ResharingRecord, of grant: GrantID) async -> AnswerResharing? {
        let wait = Wait(grant: grant, round: round.round)
        let failed = failures[wait, default: 0]
        // Whoever has waited long asks once a minute.
        if failed > Self.patience, !failed.isMultiple(of: Self.patience) {
            failures[wait] = failed + 1
            return nil
        }
        do throws(CustodyRefusal) {
            if try custody.holds(grant, round: round.round) {
                return AnswerResharing(grant: grant, round: round.round, validator: custody.validator)
            }
            let (parts, silent) = await collect(round, of: grant)
            guard silent.isEmpty else {
                failures[wait] = failed + 1
                return failed >= Self.patience ? report(silent, in: round, of: grant) : nil
            }
            let answer = try custody.receive(parts, of: grant, over: reads.store, tip: reads.tip)
            failures = failures.filter { $0.key.grant != grant }
            return answer
        } catch {
            guard case .partInvalid(let dealer) = error else {
                note(error, about: grant)
                return nil
            }
            logger.warning("part does not fit", metadata: ["grant": "\(grant)", "dealer": "\(dealer)"])
            failures[wait] = failed + 1
            return report([dealer], in: round, of: grant)
        }
    }

    /// The word against the first of these dealers without which enough others remain.
    private func report(
        _ dealers: [ValidatorID], in round: ResharingRecord, of grant: GrantID
    ) -> AnswerResharing? {
        let state = reads.store
        guard round.round > state.generation(of: grant), let record: GrantRecord = state.record(grant),
            let fragments: GrantFragmentsRecord = state.record(grant)
        else { return nil }
        return dealers.first { round.canDo(without: $0, record, fragments) }.map {
            AnswerResharing(grant: grant, round: round.round, validator: custody.validator, failed: $0)
        }
    }

    /// What each dealer of a round dealt to this validator, and who gave nothing.
    private func collect(
        _ round: ResharingRecord, of grant: GrantID
    ) async -> (parts: [ValidatorID: [UInt8]], silent: [ValidatorID]) {
        let known = silent
        let collected = await withTaskGroup(of: (ValidatorID, [UInt8]?).self) { group in
            for dealing in round.dealings where !known.contains(dealing.dealer) {
                group.addTask { (dealing.dealer, await self.part(from: dealing.dealer, round.round, of: grant)) }
            }
            var parts: [ValidatorID: [UInt8]] = [:]
            for await (dealer, part) in group { parts[dealer] = part }
            return parts
        }
        let missing = round.dealings.map(\.dealer).filter { collected[$0] == nil }
        silent.formUnion(missing)
        return (collected, missing.sorted())
    }

    private nonisolated func part(from dealer: ValidatorID, _ round: UInt64, of grant: GrantID) async -> [UInt8]? {
        let state = reads.store
        if dealer == custody.validator {
            return try? custody.part(of: grant, round: round, for: dealer, over: state, tip: reads.tip)
        }
        guard let node = roster.node(dealer, over: state) else { return nil }
        do { return try await peers.part(of: grant, round: round, from: node) } catch {
            logger.debug("part not to be had", metadata: ["dealer": "\(dealer)", "error": "\(error)"])
            return nil
        }
    }
}
