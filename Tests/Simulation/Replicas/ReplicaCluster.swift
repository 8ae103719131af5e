import Codec
package import Consensus
import Cryptography
import Ledger
import Replication

/// Whole validators, stores and ledger included, under the same faults as ``Cluster``, fed with transactions.
///
/// After healing, the core must store the same chain, and every transaction submitted then must be in it, once.
package final class ReplicaCluster: FaultStage {
    enum Event {
        case arrival(Replication.Packet, from: Int, to: Int)
        case verdicts(UInt64, [Bool], at: Int, incarnation: UInt64)
        case wake(Int)
        case restart(Int)
        case submit
        case strike
    }

    package let options: Options
    package let keys: SymbolicKeys
    package let validators: ValidatorSet
    package private(set) var consortium: Consortium
    package var random: SeededGenerator
    package var network = SimulatedNetwork()
    package var checkers = Checkers(byzantine: [])
    package private(set) var machines: [ReplicaValidator] = []
    private var clock = SimulatedClock<Event>()
    private let faults: Faults
    private var stopped: Set<Int> = []
    private var verdicts: [Digest: Bool] = [:]
    private var included: [TransactionID: Height] = [:]
    private var eventHash: UInt64 = 0xcbf2_9ce4_8422_2325

    package init(seed: UInt64, options: Options) {
        self.options = options
        random = SeededGenerator(seed: seed)
        let count = random.pick([4, 4, 5, 7])
        keys = SymbolicKeys(count: count)
        validators = SymbolicKeys.validators(count)
        consortium = Consortium(validators: count)
        faults = Faults(using: &random)
        faults.configure(&network)
        for index in 0..<count { machines.append(ReplicaValidator(index: index, cluster: self)) }
    }

    var genesis: Genesis { consortium.genesis }
    var now: Instant { clock.now }
    package var targets: [any FaultTarget] { machines }
    package var spareFaults: Int { validators.faults - machines.count(where: \.isSick) }

    /// Runs both phases.
    package func run() -> Outcome {
        for machine in machines { machine.start() }
        clock.plan(.strike, after: 1_000_000)
        clock.plan(.submit, after: 500_000)
        run(to: options.chaos * 1_000_000) { false }
        let reached = checkers.height
        guard checkers.violation == nil else { return outcome(reached, 0) }
        let core = heal()
        let healed = clock.time
        var awaited: [TransactionID] = []
        for machine in core {
            let transaction = consortium.transaction(validUntil: Height(rawValue: reached + 5000))
            awaited.append(transaction.id)
            machine.submit(transaction)
        }
        // The others may expire before they are included.
        awaited += core.flatMap(\.accepted).filter { $0.body.validUntil.rawValue > reached + 1000 }.map(\.id)
        let arrived = run(to: healed + options.patience * 1_000_000) {
            core.allSatisfy { machine in
                machine.height >= reached && machine.height == core[0].height
                    && awaited.allSatisfy { machine.disk.store?.contains($0) ?? false }
            }
        }
        if !arrived { checkers.noteStall(describe(core, awaited)) }
        return outcome(reached, Double(clock.time - healed) / 1e6)
    }

    private func describe(_ core: [ReplicaValidator], _ awaited: [TransactionID]) -> String {
        core.map { machine in
            let report = machine.replica?.report
            let missing = awaited.count { !(machine.disk.store?.contains($0) ?? false) }
            return "\(machine.index): view \(report?.view.rawValue ?? 0), height \(machine.height), final "
                + "\(report?.finalizedHeight.rawValue ?? 0), \(report?.waitingTransactions ?? 0) waiting, \(missing) transactions "
                + "not stored, \(report?.missingBlocks ?? 0) blocks missing"
        }.joined(separator: "; ")
    }

    private func outcome(_ reached: UInt64, _ recovery: Double) -> Outcome {
        Outcome(
            violation: checkers.violation, eventHash: eventHash, heightAfterChaos: reached, recovery: recovery,
            packets: network.count, simulated: Double(clock.time) / 1e6)
    }

    @discardableResult
    private func run(to end: Int64, until done: () -> Bool) -> Bool {
        while checkers.violation == nil, let event = clock.advance(to: end) {
            handle(event)
            if done() { return true }
        }
        return false
    }

    private func handle(_ event: Event) {
        switch event {
        case .arrival(let packet, let from, let to):
            mix(UInt64(from) << 8 | UInt64(to), packet.label)
            if machines[to].isUp { machines[to].handle(.received(packet, from: ValidatorIndex(rawValue: from))) }
        case .verdicts(let job, let verdicts, let index, let incarnation):
            mix(3 << 16 | UInt64(index), "verdicts")
            machines[index].verified(job, verdicts, incarnation: incarnation)
        case .wake(let index):
            mix(1 << 16 | UInt64(index), "wake")
            machines[index].wake()
        case .restart(let index):
            mix(2 << 16 | UInt64(index), "restart")
            if !machines[index].isUp, !stopped.contains(index) { machines[index].start() }
        case .submit: submitSome()
        case .strike:
            guard clock.time < options.chaos * 1_000_000 else { return }
            faults.strike(self)
            clock.plan(.strike, after: 1_000_000)
        }
    }

    private func submitSome() {
        guard clock.time < options.chaos * 1_000_000 else { return }
        let lasts = random.pick([UInt64(3), 50, 5000])
        for _ in 0..<random.pick([1, 1, 2, 5]) {
            let last = Height(rawValue: checkers.height + lasts)
            let transaction =
                random.chance(0.05) ? consortium.forgery(validUntil: last) : consortium.transaction(validUntil: last)
            random.pick(machines).submit(transaction)
        }
        clock.plan(.submit, after: random.exponential(mean: 1.5e6))
    }

    private func mix(_ parts: UInt64, _ label: @autoclosure () -> String) {
        var heights: UInt64 = 0
        for machine in machines { heights = heights &* 31 &+ machine.height }
        for part in [UInt64(clock.time), parts, heights] { eventHash = (eventHash ^ part) &* 0x100_0000_01b3 }
        if let trace = options.trace {
            let state = machines.map {
                "\($0.index):\($0.replica.map { "\($0.report.view)" } ?? "-")/\($0.height)"
            }
            trace(
                "\(clock.time / 1000) ms \(parts >> 8 & 255)>\(parts & 255) \(label())  [\(state.joined(separator: " "))]"
            )
        }
    }

    // MARK: What machines do

    func send(_ packet: Replication.Packet, from: Int, to: Int) {
        for delay in network.delays(from: from, to: to, using: &random) {
            clock.plan(.arrival(packet, from: from, to: to), after: delay)
        }
    }

    func planWake(of index: Int, at moment: Int64) { clock.plan(.wake(index), after: moment - clock.time) }

    /// Checks a job a little later, each transaction once in the whole cluster: the verdict is the same everywhere.
    func verify(_ job: VerificationJob, for index: Int, incarnation: UInt64) {
        let results = job.transactions.map { transaction in
            let verdict = verdicts[transaction.digest] ?? transaction.verifySignatures()
            verdicts[transaction.digest] = verdict
            return verdict
        }
        clock.plan(
            .verdicts(job.id, results, at: index, incarnation: incarnation), after: random.exponential(mean: 20_000))
    }

    /// No transaction is ever in two blocks.
    func noteFinal(_ block: Block) {
        for transaction in block.transactions {
            let height = included[transaction.id] ?? block.header.height
            included[transaction.id] = height
            if height != block.header.height { checkers.foundRepetition(at: block.header.height, and: height) }
            if verdicts[transaction.digest] != true { checkers.foundForgery(at: block.header.height) }
            if transaction.body.validUntil < block.header.height { checkers.foundExpired(at: block.header.height) }
        }
    }

    package func crash(_ target: any FaultTarget, mean: Double) {
        target.crash()
        clock.plan(.restart(target.index), after: random.exponential(mean: mean))
    }

    private func heal() -> [ReplicaValidator] {
        let well = machines.filter { !$0.isSick }
        let dead = random.sample(well, count: Int(random.next() % UInt64(max(0, spareFaults) + 1))).map(\.index)
        network.heal()
        faults.calm(&network, using: &random)
        stopped = Set(dead)
        for machine in machines {
            machine.fuse = nil
            if dead.contains(machine.index) {
                if machine.isUp { machine.crash() }
            } else if !machine.isUp {
                machine.start()
            }
        }
        return machines.filter { !dead.contains($0.index) }
    }
}
