import Codec
import Consensus
package import Ledger
package import Replication

/// A validator whole: the replica and the store that ship, on a disk that crashes. An adversary may have its voice.
package final class ReplicaValidator: FaultTarget {
    /// Whose key it signs with.
    package let index: Int
    /// Its place among the machines of the cluster; a clone has one of its own.
    package let slot: Int
    private unowned let cluster: ReplicaCluster
    package private(set) var disk: ReplicaDisk
    package private(set) var replica: Replica<StoredChain>?
    package var afflictions = Afflictions()
    package var localClock = LocalClock()
    /// The newest rules that its program has.
    var supported = ProtocolVersion.latest
    /// Who speaks in its stead.
    package let adversary: (any Adversary)?
    private var isRecovering = false
    private var isRotten = false
    private var backup: ReplicaDisk?
    private var incarnation: UInt64 = 0
    private var plannedWake: Int64?
    private var tokens: UInt64 = 0
    private var lag: Int64 = 0
    /// Transactions that this validator has accepted since it last started.
    package private(set) var accepted: [Transaction] = []
    private var pendingTokens: [SubmissionToken: Transaction] = [:]

    init(
        index: Int, slot: Int, cluster: ReplicaCluster, disk: ReplicaDisk? = nil, adversary: (any Adversary)? = nil
    ) {
        self.index = index
        self.slot = slot
        self.cluster = cluster
        self.disk = disk ?? ReplicaDisk(genesis: cluster.genesis)
        self.adversary = adversary
    }

    package var isUp: Bool { replica != nil }
    /// The stored height, 0 while it is down.
    package var height: UInt64 { disk.store?.position.header.height.rawValue ?? 0 }
    /// When it next gives something up, in simulated time.
    var deadline: Int64? { plannedWake }

    package var isSick: Bool {
        if isRecovering, let replica, replica.report.engine.takesPart, height + 3 >= cluster.checkers.height {
            isRecovering = false
        }
        return isRecovering
    }

    // MARK: Life and death

    package func start() {
        precondition(replica == nil, "a validator that runs is not started")
        incarnation += 1
        (plannedWake, accepted, pendingTokens) = (nil, [], [:])
        afflictions.begin(using: &cluster.random)
        localClock.restart(at: cluster.time)
        let store = disk.open()
        if isJudged { cluster.checkers.opened(at: store.position.header.height, by: index) }
        let configuration = Replica<StoredChain>.Configuration(
            chain: cluster.genesis.chain, validators: cluster.validators, index: ValidatorIndex(rawValue: index),
            pace: Pace(delay: .seconds(1), work: .zero), incarnation: incarnation << 8 | UInt64(slot),
            supportedVersion: supported)
        var seen = store
        seen.lies = cluster.options.lies
        var replica = Replica(
            configuration, store: seen, signer: cluster.keys.signer(index), verifier: cluster.keys,
            journal: openJournal())
        replica.mutation = cluster.options.mutation
        replica.skippedChecks = cluster.options.skippedChecks
        self.replica = replica
        handle(.start)
    }

    /// What the journal says; an unreadable one is moved away, as the manual says.
    private func openJournal() -> [Journal.Record] {
        let records = disk.records()
        if records == nil {
            if !isRotten { cluster.checkers.foundUnreadable(journalOf: index) }
            disk.loseJournal()
        }
        isRotten = false
        return isRecovering && disk.isJournalEmpty ? [.lost(.first)] : records ?? []
    }

    package func crash() {
        replica = nil
        disk.close(using: &cluster.random)
    }

    package func loseDisk() {
        if isUp { crash() }
        disk = ReplicaDisk(genesis: cluster.genesis)
        isRecovering = true
        cluster.checkers.replaced(index, at: .genesis)
    }

    package func keepBackup() { if isUp { backup = disk.copy() } }

    package func restoreBackup(knowingly: Bool) -> Bool {
        guard let backup else { return false }
        if isUp { crash() }
        disk = backup.copy()
        if knowingly {
            disk.loseJournal()
            isRecovering = true
        } else {
            cluster.condemn(index)
        }
        cluster.checkers.replaced(index, at: nil)
        return true
    }

    package func rotJournal() -> Bool {
        guard disk.rot(using: &cluster.random) else { return false }
        if isUp { crash() }
        (isRotten, isRecovering) = (true, true)
        return true
    }

    package func startClone() -> Bool {
        guard isUp, adversary == nil else { return false }
        cluster.condemn(index)
        cluster.clone(self, disk.copy())
        return true
    }

    package func setPending(_ pending: Bool) {}

    // MARK: Events

    func submit(_ transaction: Transaction) {
        guard isUp else { return }
        tokens += 1
        let token = SubmissionToken(rawValue: tokens)
        pendingTokens[token] = transaction
        handle(.submitted(transaction, token: token))
    }

    func receive(_ packet: Replication.Packet, from sender: Int) {
        guard isUp else { return }
        if let adversary, !adversary.hear(packet, from: sender, Voice(self, cluster)) { return }
        handle(.received(packet, from: ValidatorIndex(rawValue: sender)))
    }

    func wake() {
        // A wake for which an earlier one has been planned since is nobody's any more.
        guard let planned = plannedWake, planned <= cluster.time else { return }
        plannedWake = nil
        if isUp { handle(.tick) }
    }

    func handle(_ event: Event) {
        guard let effects = replica?.handle([event], now: cluster.tell(self)) else { return }
        lag = 0
        for effect in effects {
            if losesPower(before: effect) { return }
            perform(effect)
            if replica == nil { return }
        }
        planWake()
    }

    private func losesPower(before effect: Replication.Effect) -> Bool {
        let isWrite =
            switch effect {
            case .persist, .commit, .replaceJournal: true
            default: false
            }
        guard afflictions.endsLife(isWrite: isWrite, at: cluster.time) else { return false }
        if case .persist(let records) = effect { disk.tear(records, using: &cluster.random) }
        cluster.crash(self, mean: 8e6)
        return true
    }

    /// Whether the checkers hold what it does against the protocol.
    private var isJudged: Bool { adversary == nil && !cluster.isCondemned(index) }

    private func perform(_ effect: Replication.Effect) {
        switch effect {
        case .persist(let records):
            disk.append(records)
            if isJudged {
                cluster.checkers.decided(records)
                for case .vote(let vote) in records where disk.lacksBody(of: vote.statement) {
                    cluster.checkers.foundUnexecuted(vote)
                }
            }
            lag += afflictions.syncTime(using: &cluster.random)
        case .send(let packet, let recipient): send(packet, to: recipient)
        case .commit(let final):
            if isJudged { cluster.checkers.committed(final, by: index, latest: cluster.latest) }
            // The store would stop at what a checker has found.
            if cluster.checkers.violation != nil { return }
            // Nobody judges a dishonest one, but its own store stops it as well.
            if !isJudged, !disk.takes(final) { return cluster.crash(self, mean: 8e6) }
            disk.commit(final)
            lag += afflictions.syncTime(using: &cluster.random)
        case .replaceJournal(let records): disk.replaceJournal(records)
        case .verify(let job): cluster.verify(job, for: slot, incarnation: incarnation)
        case .answer(let token, let answer):
            guard let transaction = pendingTokens[token] else { return }
            if case .accepted = answer { accepted.append(transaction) }
        case .expired(let transactions): if isJudged { cluster.checkers.gaveUp(transactions) }
        case .evidence(let evidence): if isJudged { cluster.checkers.check(evidence, reportedBy: index) }
        case .join: break
        case .outdated: cluster.upgrade(self)
        case .halt(let vote): if adversary == nil { cluster.halted(self, vote) }
        }
    }

    /// A verdict that was asked for before a crash is nobody's any more.
    func verified(_ job: UInt64, _ verdicts: [Bool], incarnation: UInt64) {
        if incarnation == self.incarnation { handle(.verified(job: job, verdicts: verdicts)) }
    }

    private func send(_ packet: Replication.Packet, to recipient: Consensus.Effect.Recipient) {
        if let adversary { return adversary.say(packet, to: recipient, Voice(self, cluster)) }
        if isJudged, case .consensus(let message, _) = packet {
            cluster.checkers.check(message, sentBy: index, durable: disk.spoken, certified: disk.certified)
        }
        cluster.send(packet, from: index, to: recipient, lag: lag)
    }

    private func planWake() {
        guard let instant = replica?.nextDeadline?.microseconds else { return }
        let due = localClock.moment(of: instant, after: cluster.time)
        guard plannedWake.map({ due < $0 }) ?? true else { return }
        plannedWake = due
        cluster.planWake(of: slot, at: due)
    }
}
