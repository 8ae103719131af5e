import Codec
import Consensus
package import Ledger
package import Replication

/// An honest validator whole: the replica and the store that ship, on a disk that crashes.
package final class ReplicaValidator: FaultTarget {
    package let index: Int
    private unowned let cluster: ReplicaCluster
    package private(set) var disk: ReplicaDisk
    package private(set) var replica: Replica<StoredChain>?
    package var fuse: Int?
    private var isRecovering = false
    private var incarnation: UInt64 = 0
    private var plannedWake: Int64?
    private var tokens: UInt64 = 0
    /// Transactions that this validator has accepted since it last started.
    package private(set) var accepted: [Transaction] = []
    private var pendingTokens: [SubmissionToken: Transaction] = [:]

    init(index: Int, cluster: ReplicaCluster) {
        self.index = index
        self.cluster = cluster
        disk = ReplicaDisk(genesis: cluster.genesis)
    }

    package var isUp: Bool { replica != nil }
    /// The stored height, 0 while it is down.
    package var height: UInt64 { disk.store?.position.header.height.rawValue ?? 0 }

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
        (plannedWake, fuse, accepted, pendingTokens) = (nil, nil, [], [:])
        let store = disk.open()
        let configuration = Replica<StoredChain>.Configuration(
            chain: cluster.genesis.chain, validators: cluster.validators, index: ValidatorIndex(rawValue: index),
            pace: Pace(delay: .seconds(1), work: .zero), incarnation: incarnation << 8 | UInt64(index))
        let lost = isRecovering && disk.isJournalEmpty
        replica = Replica(
            configuration, store: store, signer: cluster.keys.signer(index), verifier: cluster.keys,
            journal: lost ? [.lost(.first)] : disk.records())
        handle(.start)
    }

    package func crash() {
        replica = nil
        disk.close(using: &cluster.random)
    }

    package func loseDisk() {
        if isUp { crash() }
        disk = ReplicaDisk(genesis: cluster.genesis)
        isRecovering = true
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

    func wake() {
        plannedWake = nil
        if isUp { handle(.tick) }
    }

    func handle(_ event: Event) {
        guard let effects = replica?.handle([event], now: cluster.now) else { return }
        for effect in effects {
            if burnFuse(before: effect) { return }
            perform(effect)
        }
        planWake()
    }

    private func burnFuse(before effect: Replication.Effect) -> Bool {
        guard let left = fuse else { return false }
        fuse = left - 1
        guard left <= 0 else { return false }
        if case .persist(let records) = effect {
            disk.append(records.prefix(Int(cluster.random.next() % UInt64(records.count + 1))))
        }
        cluster.crash(self, mean: 8e6)
        return true
    }

    private func perform(_ effect: Replication.Effect) {
        switch effect {
        case .persist(let records): disk.append(records)
        case .send(let packet, let recipient): send(packet, to: recipient)
        case .commit(let final):
            disk.commit(final)
            for block in final {
                cluster.checkers.finalized(BlockReference(block.block.header, hash: block.hash), by: index)
                cluster.noteFinal(block.block)
            }
        case .replaceJournal(let records): disk.replaceJournal(records)
        case .verify(let job): cluster.verify(job, for: index, incarnation: incarnation)
        case .answer(let token, let answer):
            if case .accepted = answer, let transaction = pendingTokens[token] { accepted.append(transaction) }
        case .expired: break
        case .evidence(let evidence): cluster.checkers.check(evidence, reportedBy: index)
        case .halt(let vote): cluster.checkers.foundClone(of: index, vote)
        }
    }

    /// A verdict that was asked for before a crash is nobody's any more.
    func verified(_ job: UInt64, _ verdicts: [Bool], incarnation: UInt64) {
        if incarnation == self.incarnation { handle(.verified(job: job, verdicts: verdicts)) }
    }

    private func send(_ packet: Replication.Packet, to recipient: Consensus.Effect.Recipient) {
        if case .consensus(let message, _) = packet {
            cluster.checkers.check(message, sentBy: index, durable: disk.spoken)
        }
        switch recipient {
        case .all:
            for peer in cluster.validators.indices where peer.rawValue != index {
                cluster.send(packet, from: index, to: peer.rawValue)
            }
        case .one(let peer): cluster.send(packet, from: index, to: peer.rawValue)
        }
    }

    private func planWake() {
        guard let due = replica?.nextDeadline?.microseconds, plannedWake.map({ due < $0 }) ?? true else { return }
        plannedWake = due
        cluster.planWake(of: index, at: due)
    }
}
