import ChainStorage
import Codec
import Consensus
import Ledger
import Replication

/// A machine with a replica, two databases and a journal, which loses power at any effect: what was not synced is gone.
package final class EpochMachine {
    package let index: Int
    private unowned let cluster: EpochCluster
    private var chain = InMemoryDatabase()
    private var state = InMemoryDatabase()
    private var journal: [[UInt8]] = []
    private(set) var store: StoredChain?
    private(set) var replica: Replica<StoredChain>?
    private(set) var starts: UInt64 = 0
    private var backup: (chain: InMemoryDatabase, state: InMemoryDatabase)?
    private var isJournalLost = false
    private var plannedWake: Int64?
    private var tokens: UInt64 = 0

    init(index: Int, cluster: EpochCluster) {
        self.index = index
        self.cluster = cluster
    }

    var isUp: Bool { replica != nil }
    var height: UInt64 { store?.position.header.height.rawValue ?? 0 }
    var epoch: UInt64 { replica?.report.epoch.rawValue ?? 0 }
    /// Whether it may vote, or is no validator.
    var takesPart: Bool { replica.map { $0.report.place == nil || $0.report.engine.takesPart } ?? false }
    var isValidator: Bool { replica?.report.place != nil }

    func start() {
        precondition(replica == nil, "a machine that runs is not started")
        starts += 1
        plannedWake = nil
        let opened: StoredChain
        let records: [Journal.Record]
        do {
            opened = StoredChain(ledger: try LedgerStore(chain: chain, state: state, genesis: cluster.genesis))
            if isJournalLost { journal = [Journal.Record.lost(opened.epoch).encoded] }
            isJournalLost = false
            records = try journal.map { try Journal.Record(decoding: $0) }
        } catch { preconditionFailure("what was durable reads back: \(error)") }
        store = opened
        replica = Replica(
            .init(
                chain: cluster.genesis.chain, validators: cluster.first, others: cluster.others,
                index: ValidatorIndex(rawValue: index), pace: Pace(delay: .seconds(1), work: .zero),
                incarnation: starts << 8 | UInt64(index)),
            store: opened, signer: cluster.keys.signer(index), verifier: cluster.keys, journal: records)
        handle(.start)
    }

    func crash() {
        replica = nil
        store = nil
        chain = chain.afterCrash(losing: Int(cluster.random.next() % UInt64(chain.unsyncedCount + 1)))
        state = state.afterCrash(losing: Int(cluster.random.next() % UInt64(state.unsyncedCount + 1)))
    }

    /// Copies its databases.
    func backUp() { backup = (chain.afterCrash(losing: 0), state.afterCrash(losing: 0)) }

    /// Forgets all that a machine that is down has on its disk.
    ///
    /// - Parameter keepingBackup: Whether it goes on from its backup, if there is one; from nothing otherwise.
    func loseDisk(keepingBackup: Bool) {
        precondition(replica == nil, "a machine that runs has its disk")
        let found = keepingBackup ? backup : nil
        chain = found?.chain.afterCrash(losing: 0) ?? InMemoryDatabase()
        state = found?.state.afterCrash(losing: 0) ?? InMemoryDatabase()
        (journal, isJournalLost) = ([], true)
    }

    func submit(_ transaction: Transaction) {
        tokens += 1
        if isUp { handle(.submitted(transaction, token: SubmissionToken(rawValue: tokens))) }
    }

    func wake() {
        plannedWake = nil
        if isUp { handle(.tick) }
    }

    func handle(_ event: Event) {
        guard let effects = replica?.handle([event], now: cluster.now) else { return }
        for effect in effects {
            if cluster.losesPower(before: effect) {
                if case .persist(let records) = effect {
                    append(records.prefix(Int(cluster.random.next() % UInt64(records.count + 1))))
                }
                return cluster.crash(self)
            }
            perform(effect)
        }
        guard let due = replica?.nextDeadline?.microseconds, plannedWake.map({ due < $0 }) ?? true else { return }
        plannedWake = due
        cluster.planWake(of: index, at: due)
    }

    private func append(_ records: some Sequence<Journal.Record>) { journal += records.map(\.encoded) }

    private func perform(_ effect: Replication.Effect) {
        switch effect {
        case .persist(let records): append(records)
        case .send(let packet, .all):
            cluster.hear(packet, saidBy: index)
            for peer in cluster.machines where peer.index != index { cluster.send(packet, from: index, to: peer.index) }
        case .send(let packet, .one(let peer)):
            cluster.hear(packet, saidBy: index)
            cluster.send(packet, from: index, to: peer.rawValue)
        case .commit(let final):
            store?.ledger.commit(
                final.map {
                    FinalizedBlock(
                        block: $0.block, certificate: $0.certificate, execution: $0.execution, update: $0.update)
                })
            for block in final { cluster.finalized(block.block, hash: block.hash, by: index) }
        case .replaceJournal(let records): journal = records.map(\.encoded)
        case .verify(let job): cluster.verify(job, for: self)
        case .answer, .expired, .join: break
        case .evidence(let evidence):
            guard let validators = replica?.report.validators else { return }
            cluster.judge(evidence, heldBy: index, among: validators)
        case .outdated:
            cluster.violate("machine \(index) does not have the rules of a chain that began with its program")
        case .halt where !cluster.isHonest(index): break
        case .halt: cluster.violate("machine \(index) hears its own key say what it does not know")
        }
    }
}
