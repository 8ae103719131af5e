import ChainStorage
import Codec
package import Consensus
import Cryptography
import Ledger
import Replication

/// Whole validators, stores and ledger included, under the same faults as ``Cluster`` and with dishonest validators among
/// them, fed with transactions.
///
/// After the faults a quorum is healed for good and everybody else stays as broken as it is. The core must make five more
/// blocks and every transaction submitted then final; then those who lagged come back and must end with the same stores.
package final class ReplicaCluster: FaultStage {
    enum Event {
        case arrival(Replication.Packet, from: Int, to: Int)
        case verdicts(UInt64, [Bool], at: Int, incarnation: UInt64)
        case wake(Int)
        case restart(Int)
        case submit
        case strike
        case act
    }

    /// The block by which it is decided that the chain goes on to the next version, if it does.
    package static let decisionHeight: UInt64 = 8

    package let options: Options
    package let keys: SymbolicKeys
    package let validators: ValidatorSet
    package let leaders: LeaderSchedule
    package var consortium: Consortium
    package var random: SeededGenerator
    package var network = SimulatedNetwork()
    package var checkers: Checkers
    package private(set) var machines: [ReplicaValidator] = []
    /// Who plays what.
    package private(set) var cast: [Int: AdversaryRole] = [:]
    private var clock = SimulatedClock<Event>()
    private let faults: Faults
    /// Those that never come back while faults last.
    private var stopped: Set<Int> = []
    private var condemned: Set<Int> = []
    private var verdicts: [Digest: Bool] = [:]
    private var eventHash: UInt64 = 0xcbf2_9ce4_8422_2325
    /// The latest that an honest clock has shown, in milliseconds.
    var latest: UInt64 = 0

    package init(seed: UInt64, options: Options) {
        self.options = options
        random = SeededGenerator(seed: seed)
        let count = random.pick([4, 4, 5, 7])
        keys = SymbolicKeys(count: count)
        validators = SymbolicKeys.validators(count)
        consortium = Consortium(validators: count)
        faults = Faults(using: &random, options: options)
        checkers = Checkers(genesis: consortium.genesis, validators: validators, keys: keys)
        let opening = BlockHeader.genesis(
            consortium.genesis, stateRoot: FinalizedBlock.genesis(consortium.genesis).block.header.stateRoot)
        leaders = LeaderSchedule(opening: opening.hash.digest, validators: validators)
        cast = drawCast(count)
        for index in 0..<count {
            let role = cast[index]
            if role != nil { condemn(index) }
            machines.append(ReplicaValidator(index: index, slot: index, cluster: self, adversary: role.map(play)))
        }
        for index in cast.keys.sorted() where cast[index] == .twins {
            machines.append(
                ReplicaValidator(
                    index: index, slot: machines.count, cluster: self, adversary: machines[index].adversary))
        }
        faults.configure(self)
        if options.upgrades { for machine in machines where random.chance(0.5) { machine.supported = .first } }
    }

    /// Up to f validators play somebody: those that the options name, or anybody in half of all seeds.
    private func drawCast(_ count: Int) -> [Int: AdversaryRole] {
        let roles: [AdversaryRole]
        if let role = options.role {
            roles = [role]
        } else if random.chance(0.5) {
            roles = (0..<1 + Int(random.next() % UInt64(validators.faults))).map { _ in
                random.pick(AdversaryRole.allCases)
            }
        } else {
            roles = []
        }
        let players = random.sample(Array(0..<count), count: min(roles.count, validators.faults))
        return Dictionary(uniqueKeysWithValues: zip(players, roles))
    }

    private func play(_ role: AdversaryRole) -> any Adversary {
        options.lie.map { InvalidBlockProposer($0) } ?? role.play()
    }

    /// What strikes and who plays, in words.
    package var weather: String {
        let players = cast.sorted { $0.key < $1.key }.map { "\($0.key) is the \($0.value.rawValue)" }
        return (["\(validators.count) validators"] + players + [faults.description]).joined(separator: ", ")
    }

    var genesis: Genesis { consortium.genesis }
    package var time: Int64 { clock.time }
    package var leader: Int {
        let view = honest.compactMap { $0.replica?.report.view.rawValue }.max() ?? 1
        return leaders[View(rawValue: max(1, view))].rawValue
    }
    /// The machines that follow the rules, as far as anybody can expect.
    package var honest: [ReplicaValidator] { machines.filter { !condemned.contains($0.index) } }
    package var targets: [any FaultTarget] { honest.filter { !stopped.contains($0.slot) } }
    package var spareFaults: Int { validators.faults - condemned.count - honest.count(where: \.isSick) }

    func isCondemned(_ index: Int) -> Bool { condemned.contains(index) }

    /// From here on this validator may contradict itself, and nobody holds that against the protocol.
    func condemn(_ index: Int) {
        condemned.insert(index)
        checkers.condemn(index)
    }

    /// A second process starts from a copy of a validator's disk.
    func clone(_ machine: ReplicaValidator, _ disk: ReplicaDisk) {
        let clone = ReplicaValidator(index: machine.index, slot: machines.count, cluster: self, disk: disk)
        machines.append(clone)
        clone.start()
    }

    /// A validator has found out that its key signs what its journal does not know.
    func halted(_ machine: ReplicaValidator, _ vote: Vote) {
        guard isCondemned(machine.index) else { return checkers.foundClone(of: machine.index, vote) }
        stopped.insert(machine.slot)
        machine.crash()
    }

    /// A program has come to a block that it does not have the rules of; its operator installs a newer one.
    func upgrade(_ machine: ReplicaValidator) {
        machine.supported = .latest
        crash(machine, mean: 10e6)
    }

    // MARK: The run

    /// Runs all phases.
    package func run() -> RunResult {
        for machine in machines { machine.start() }
        clock.plan(.strike, after: 1_000_000)
        clock.plan(.act, after: 1_000_000)
        clock.plan(.submit, after: 500_000)
        run(to: options.chaos * 1_000_000) { false }
        let reached = checkers.height
        guard checkers.violation == nil else { return outcome(reached, 0) }
        let core = heal()
        let healed = time
        let arrived = converge(core, from: reached)
        let recovery = Double(time - healed) / 1e6
        if arrived { arrive(core) }
        return outcome(reached, recovery)
    }

    /// The core makes five more blocks, with everything in them that its members took in.
    private func converge(_ core: [ReplicaValidator], from reached: UInt64) -> Bool {
        var awaited: [TransactionID] = []
        for machine in core {
            let transaction = consortium.transaction(validUntil: Height(rawValue: reached + 5000))
            awaited.append(transaction.id)
            machine.submit(transaction)
        }
        // The others may expire before they are included.
        awaited += core.flatMap(\.accepted).filter { $0.body.validUntil.rawValue > reached + 1000 }.map(\.id)
        let arrived = run(to: time + options.patience * 1_000_000) {
            core.allSatisfy { machine in
                machine.height >= reached + 5 && awaited.allSatisfy { machine.disk.store?.contains($0) ?? false }
            }
        }
        if !arrived { checkers.noteStall(describe(core, awaited)) }
        return arrived
    }

    /// Those that lagged come back; in the end all stores are the same, and idle validators say little.
    private func arrive(_ core: [ReplicaValidator]) {
        network.severed = []
        for machine in honest where !machine.isUp && !core.contains(where: { $0.slot == machine.slot }) {
            machine.start()
        }
        stopped = stopped.filter { slot in machines[slot].isUp == false && isCondemned(machines[slot].index) }
        let goal = checkers.height + 1
        let everybody = honest
        let arrived = run(to: time + options.patience * 1_000_000) {
            everybody.allSatisfy { $0.height >= goal && $0.height == everybody[0].height }
        }
        if !arrived { checkers.noteStall("those who came back lag: " + describe(everybody, [])) }
        checkers.judgeEnd(of: everybody.compactMap { machine in machine.disk.store.map { (machine.index, $0) } })
        judgeIdleness(everybody)
    }

    /// The messages of an idle network do not grow.
    private func judgeIdleness(_ everybody: [ReplicaValidator]) {
        guard checkers.violation == nil, cast.isEmpty, machines.count == validators.count else { return }
        var counts: [Int] = []
        for _ in 0..<3 {
            let before = network.count
            run(to: time + 10_000_000) { false }
            counts.append(network.count - before)
        }
        checkers.judgeTraffic(counts, validators: validators.count)
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

    private func outcome(_ reached: UInt64, _ recovery: Double) -> RunResult {
        RunResult(
            violation: checkers.violation, eventHash: eventHash, heightAfterChaos: reached, recovery: recovery,
            packets: network.count, simulated: Double(time) / 1e6, weather: weather)
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
            if let end = pauseEnd(of: to) { return clock.plan(event, after: end - time) }
            mix(UInt64(from) << 8 | UInt64(to), packet.label)
            for machine in machines where machine.index == to { machine.receive(packet, from: from) }
        case .verdicts(let job, let verdicts, let slot, let incarnation):
            if let end = pauseEnd(of: slot) { return clock.plan(event, after: end - time) }
            mix(3 << 16 | UInt64(slot), "verdicts")
            machines[slot].verified(job, verdicts, incarnation: incarnation)
        case .wake(let slot):
            if let end = pauseEnd(of: slot) { return clock.plan(event, after: end - time) }
            mix(1 << 16 | UInt64(slot), "wake")
            machines[slot].wake()
        case .restart(let slot):
            mix(2 << 16 | UInt64(slot), "restart")
            if !machines[slot].isUp, !stopped.contains(slot) { machines[slot].start() }
        case .submit: submitSome()
        case .strike:
            guard time < options.chaos * 1_000_000 else { return }
            faults.strike(self)
            for machine in honest {
                if let replica = machine.replica { checkers.judgeBounds(of: replica.occupancy, at: machine.index) }
            }
            clock.plan(.strike, after: 1_000_000)
        case .act:
            for machine in machines where machine.isUp { machine.adversary?.act(Voice(machine, self)) }
            clock.plan(.act, after: 1_000_000)
        }
    }

    /// When a stopped process goes on.
    private func pauseEnd(of slot: Int) -> Int64? {
        let end = machines[slot].afflictions.pausedUntil
        return end > time ? end : nil
    }

    private func submitSome() {
        guard time < options.chaos * 1_000_000 else { return }
        if options.upgrades, checkers.height < Self.decisionHeight {
            let height = Height(rawValue: Self.decisionHeight + ProtocolActivation.shortestNotice)
            let activation = ProtocolActivation(version: .latest, height: height)
            random.pick(machines).submit(consortium.change(.activateVersion(activation)))
        }
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
        for part in [UInt64(time), parts, heights] { eventHash = (eventHash ^ part) &* 0x100_0000_01b3 }
        if let trace = options.trace {
            trace("\(time / 1000) ms \(parts >> 8 & 255)>\(parts & 255) \(label())")
            for machine in machines { trace("    " + machine.traceLine) }
        }
    }

    // MARK: What machines do

    func send(
        _ packet: Replication.Packet, from: Int, to recipient: Consensus.Effect.Recipient, lag: Int64 = 0
    ) {
        switch recipient {
        case .one(let peer): send(packet, from: from, to: peer.rawValue, lag: lag)
        case .all: for peer in 0..<validators.count where peer != from { send(packet, from: from, to: peer, lag: lag) }
        }
    }

    private func send(_ packet: Replication.Packet, from: Int, to: Int, lag: Int64) {
        let parcel = SimulatedNetwork.Parcel(
            link: .init(from: from, to: to), kind: packet.kind, bytes: packet.roughSize)
        let deadline = network.punctuality > 0 ? machines[to].deadline : nil
        for delay in network.delays(of: parcel, at: time, deadline: deadline, using: &random) {
            clock.plan(.arrival(packet, from: from, to: to), after: lag + delay)
        }
    }

    /// What time a machine is told it is.
    func tell(_ machine: ReplicaValidator) -> Instant {
        let told = machine.localClock.tell(at: time)
        if !condemned.contains(machine.index) { latest = max(latest, told.milliseconds) }
        return told
    }

    func planWake(of slot: Int, at moment: Int64) { clock.plan(.wake(slot), after: moment - time) }

    /// Checks a job a little later, each transaction once in the whole cluster: the verdict is the same everywhere.
    func verify(_ job: VerificationJob, for slot: Int, incarnation: UInt64) {
        let results = job.transactions.map { transaction in
            let verdict = verdicts[transaction.digest] ?? transaction.verifySignatures()
            verdicts[transaction.digest] = verdict
            return verdict
        }
        clock.plan(
            .verdicts(job.id, results, at: slot, incarnation: incarnation), after: random.exponential(mean: 20_000))
    }

    package func crash(_ target: any FaultTarget, mean: Double) {
        guard let machine = target as? ReplicaValidator else { preconditionFailure("machines crash") }
        machine.crash()
        clock.plan(.restart(machine.slot), after: random.exponential(mean: mean))
    }

    /// Heals a quorum for good; everybody else stops, or stays cut off, for good.
    private func heal() -> [ReplicaValidator] {
        let well = honest.filter { !$0.isSick }
        let lost = random.sample(well, count: Int(random.next() % UInt64(max(0, spareFaults) + 1))).map(\.index)
        faults.calm(&network, using: &random)
        network.sever(lost, of: validators.count, using: &random)
        for machine in machines where !stopped.contains(machine.slot) {
            machine.afflictions.end()
            machine.localClock.repair(to: Int64(random.next() % 200_000))
            if options.upgrades, machine.supported < .latest {
                machine.supported = .latest
                if machine.isUp { machine.crash() }
            }
            if !machine.isUp { machine.start() }
        }
        for index in lost where random.chance(0.4) {
            stopped.insert(index)
            if machines[index].isUp { machines[index].crash() }
        }
        return honest.filter { !lost.contains($0.index) }
    }
}
