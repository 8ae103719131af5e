import Codec
package import Consensus
import Cryptography
package import Ledger
import Replication

/// Whole replicas whose validators change while machines lose power and the network loses, repeats and delays.
///
/// Some machines are validators from the start, the others follow until they are added. One organisation changes the
/// set at random: adds, removes, replaces. In some runs one validator lies; in others machines lose their disks one after
/// the other, and go on from an old backup or from nothing. Nothing is ever forked or said twice; after healing, all honest
/// machines store the same chain, are in the same epoch, and every transaction that is submitted then is in it.
package final class EpochCluster {
    enum Event {
        case arrival(Replication.Packet, from: Int, to: Int)
        case verdicts(UInt64, [Bool], at: Int, start: UInt64)
        case wake(Int)
        case restart(Int)
        case strike
    }

    /// What happens besides in a run: one of these counts against f, so only one of them does.
    package enum Trouble: Sendable {
        case none
        /// This machine, a validator at first, lies.
        case liar(Int)
        /// Disks are lost.
        case lostDisks
    }

    /// What a run came to.
    package struct Outcome: Sendable {
        /// What went wrong, if anything.
        package let violation: String?
        /// A hash of every final block, for telling whether two runs were the same.
        package let eventHash: UInt64
        /// The epoch that everybody reached.
        package let epoch: UInt64
        /// The final height.
        package let height: UInt64
        /// Simulated seconds from healing to convergence.
        package let recovery: Double
        /// Disks that were lost.
        package let lostDisks: Int
        /// Whether anybody holds proof that the liar has contradicted itself.
        package let isLiarCaught: Bool
    }

    package var random: SeededGenerator
    package let keys: SymbolicKeys
    package let first: ValidatorSet
    package private(set) var machines: [EpochMachine] = []
    private var consortium: Consortium
    private var clock = SimulatedClock<Event>()
    private var canonical: [BlockHash] = []
    private var said: SaidLog = SaidLog()
    private var checked: [Digest: Bool] = [:]
    private var unused: [Int]
    private var members: [Int]
    private var cut: Set<Int> = []
    private var violation: String?
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private var isHealed = false
    private let loss: Double
    private let powerLoss: Double
    private let meanDelay: Double
    private let chaos: Int64
    private let trouble: Trouble
    private var fate: SeededGenerator
    private var liar: EpochLiar?
    private var lostDisks = 0
    private var lastLost: Int?
    /// Where the machine that lost its disk last was seen to vote again.
    private var recovered: (epoch: UInt64, height: UInt64)?
    private var isLiarCaught = false

    /// - Parameters:
    ///   - trouble: What happens besides; drawn from the seed when left out.
    ///   - machines: How many there are in all, at most 31.
    ///   - chaos: How long faults and changes happen, in simulated seconds.
    package init(seed: UInt64, trouble: Trouble? = nil, machines count: Int = 9, chaos: Int64 = 60) {
        var random = SeededGenerator(seed: seed)
        let initial = random.pick([4, 4, 5])
        keys = SymbolicKeys(count: count)
        first = SymbolicKeys.validators(initial)
        consortium = Consortium(validators: initial)
        members = Array(0..<initial)
        unused = Array(initial..<count)
        loss = random.pick([0, 0.05, 0.2])
        powerLoss = random.pick([0, 0.0005, 0.002])
        meanDelay = random.pick([50_000, 300_000])
        self.chaos = chaos
        self.random = random
        // A generator of its own: what else happens in a run does not depend on it.
        var fate = SeededGenerator(seed: seed ^ 0x9e37_79b9_7f4a_7c15)
        let drawn = fate.pick([Trouble.none, .liar(Int(fate.next() % UInt64(initial))), .lostDisks])
        self.trouble = trouble ?? drawn
        if case .liar(let index) = self.trouble {
            liar = EpochLiar(
                signer: keys.signer(index), chain: consortium.genesis.chain.digest,
                random: SeededGenerator(seed: fate.next()))
        }
        self.fate = fate
        for index in 0..<count { machines.append(EpochMachine(index: index, cluster: self)) }
    }

    /// Whether a machine says what it should.
    func isHonest(_ index: Int) -> Bool { if case .liar(index) = trouble { false } else { true } }

    private var honest: [EpochMachine] { machines.filter { isHonest($0.index) } }

    package var genesis: Genesis { consortium.genesis }
    var now: Instant { clock.now }
    var others: [PublicKey] { (first.count..<machines.count).map { SymbolicKeys.key($0) } }

    /// Runs both phases.
    package func run() -> Outcome {
        for machine in machines { machine.start() }
        clock.plan(.strike, after: 1_000_000)
        run(to: chaos * 1_000_000) { false }
        heal()
        let healed = clock.time
        let last = Height(rawValue: UInt64(canonical.count) + 5000)
        var awaited: [TransactionID] = []
        let honest = honest
        for machine in honest {
            let transaction = consortium.transaction(validUntil: last)
            awaited.append(transaction.id)
            machine.submit(transaction)
        }
        let converged = run(to: healed + 600_000_000) {
            honest.allSatisfy { machine in
                machine.height == honest[0].height && machine.epoch == honest[0].epoch
                    && awaited.allSatisfy { machine.store?.contains($0) ?? false }
            }
        }
        if !converged, violation == nil {
            let states = machines.map { machine in
                "\(machine.index): epoch \(machine.epoch), height \(machine.height), "
                    + (machine.isValidator ? machine.takesPart ? "votes" : "silent" : "follows")
            }
            violate("no convergence after healing, \(trouble): \(states.joined(separator: "; "))")
        }
        return Outcome(
            violation: violation, eventHash: hash, epoch: honest[0].epoch, height: UInt64(canonical.count),
            recovery: Double(clock.time - healed) / 1e6, lostDisks: lostDisks, isLiarCaught: isLiarCaught)
    }

    @discardableResult
    private func run(to end: Int64, until done: () -> Bool) -> Bool {
        while violation == nil, let event = clock.advance(to: end) {
            switch event {
            case .arrival(let packet, let from, let to):
                machines[to].handle(.received(packet, from: ValidatorIndex(rawValue: from)))
            case .verdicts(let job, let verdicts, let index, let start):
                // A verdict that was asked for before a crash is nobody's any more.
                if machines[index].starts == start { machines[index].handle(.verified(job: job, verdicts: verdicts)) }
            case .wake(let index): machines[index].wake()
            case .restart(let index): if !machines[index].isUp { machines[index].start() }
            case .strike: strike()
            }
            if done() { return true }
        }
        return false
    }

    /// One second's worth of life: a transaction now and then, a change of the set, a partition.
    private func strike() {
        guard !isHealed, clock.time < chaos * 1_000_000 else { return }
        if random.chance(0.5) {
            random.pick(machines).submit(consortium.transaction(validUntil: Height(rawValue: 5000)))
        }
        if random.chance(0.2) { changeMembers() }
        if random.chance(0.05) { cut = Set(machines.map(\.index).filter { _ in random.chance(0.3) }) }
        if random.chance(0.3) { cut = [] }
        if case .lostDisks = trouble { loseDiskIfSound() }
        if powerLoss > 0, random.chance(0.02) { for machine in machines where machine.isUp { crash(machine) } }
        clock.plan(.strike, after: 1_000_000)
    }

    /// A machine loses its disk, unless the one that lost its disk before is not what it was yet: the two together would be
    /// more than f.
    private func loseDiskIfSound() {
        if fate.chance(0.3) { fate.pick(machines).backUp() }
        guard fate.chance(0.1) else { return }
        if let lastLost {
            let machine = machines[lastLost]
            guard machine.isUp, machine.isValidator, machine.takesPart else { return }
            // Two more blocks of one epoch show that nothing of what was forgotten is of the next.
            guard let recovered, recovered.epoch == machine.epoch else {
                recovered = (machine.epoch, UInt64(canonical.count))
                return
            }
            guard machine.height > recovered.height + 1 else { return }
        }
        recovered = nil
        let machine = fate.pick(machines)
        lostDisks += 1
        lastLost = machine.index
        if machine.isUp { crash(machine) }
        machine.loseDisk(keepingBackup: fate.chance(0.7))
    }

    private func changeMembers() {
        let change: Change
        switch random.next() % 3 {
        case 0 where !unused.isEmpty && members.count < 7:
            let machine = unused.removeFirst()
            members.append(machine)
            change = .addValidator(consortium.candidate(machine))
        case 1 where members.count > 4:
            let machine = members.remove(at: Int(random.next() % UInt64(members.count)))
            change = .removeValidator(consortium.candidate(machine).id)
        case 2 where !unused.isEmpty:
            let machine = unused.removeFirst()
            let place = Int(random.next() % UInt64(members.count))
            change = .replaceValidator(consortium.candidate(members[place]).id, consortium.candidate(machine))
            members[place] = machine
        default: return
        }
        // Handed to several: whoever has it last when its origin loses power brings it again.
        let transaction = consortium.change(change)
        for machine in machines { machine.submit(transaction) }
    }

    private func heal() {
        isHealed = true
        cut = []
        for machine in machines where !machine.isUp { machine.start() }
    }

    // MARK: What machines do

    func send(_ packet: Replication.Packet, from: Int, to: Int) {
        if !isHonest(from), let told = liar?.distort(packet, to: to) {
            for packet in told { carry(packet, from: from, to: to) }
        } else {
            carry(packet, from: from, to: to)
        }
    }

    private func carry(_ packet: Replication.Packet, from: Int, to: Int) {
        guard cut.contains(from) == cut.contains(to) else { return }
        if !isHealed, random.chance(loss) { return }
        clock.plan(.arrival(packet, from: from, to: to), after: random.exponential(mean: meanDelay))
        if !isHealed, random.chance(loss / 2) {
            clock.plan(.arrival(packet, from: from, to: to), after: random.exponential(mean: meanDelay * 4))
        }
    }

    func planWake(of index: Int, at moment: Int64) { clock.plan(.wake(index), after: max(0, moment - clock.time)) }

    func losesPower(before effect: Replication.Effect) -> Bool { !isHealed && random.chance(powerLoss) }

    func crash(_ machine: EpochMachine) {
        machine.crash()
        clock.plan(.restart(machine.index), after: random.exponential(mean: 4e6))
    }

    func verify(_ job: VerificationJob, for machine: EpochMachine) {
        let verdicts = job.transactions.map { transaction in
            let verdict = checked[transaction.digest] ?? transaction.verifySignatures()
            checked[transaction.digest] = verdict
            return verdict
        }
        clock.plan(
            .verdicts(job.id, verdicts, at: machine.index, start: machine.starts),
            after: random.exponential(mean: 20_000))
    }

    // MARK: Judges

    /// Evidence names nobody but the liar.
    func judge(_ evidence: Evidence, heldBy index: Int, among validators: ValidatorSet) {
        if case .liar(let liar) = trouble, validators[evidence.offender] == SymbolicKeys.key(liar) {
            isLiarCaught = true
        } else {
            violate("machine \(index) has evidence against place \(evidence.offender)")
        }
    }

    func violate(_ text: String) { if violation == nil { violation = text } }

    /// One block a height, ever, at every machine.
    func finalized(_ block: Block, hash: BlockHash, by index: Int) {
        let place = Int(block.header.height.rawValue) - 1
        if place == canonical.count {
            canonical.append(hash)
            for byte in hash.bytes.prefix(8) { self.hash = (self.hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        guard place < canonical.count, canonical[place] == hash else {
            return violate("machine \(index): another block is final at height \(block.header.height)")
        }
    }

    /// No machine ever says two things that exclude each other, across epochs and starts.
    func hear(_ packet: Replication.Packet, saidBy index: Int) {
        guard isHonest(index), case .consensus(let message, _) = packet else { return }
        let vote: Vote
        switch message {
        case .vote(let said): vote = said
        case .propose(let propose): vote = propose.vote
        default: return
        }
        if let finding = said.check(vote.statement, by: index) { violate(finding) }
    }
}

/// What each machine has said in each view of each epoch.
private struct SaidLog {
    private struct Place: Hashable {
        let machine: Int
        let epoch: Epoch
        let view: View
    }

    private var notarized: [Place: Proposal] = [:]
    private var finalized: Set<Place> = []
    private var nullified: Set<Place> = []

    mutating func check(_ statement: Statement, by machine: Int) -> String? {
        let place = Place(machine: machine, epoch: statement.epoch, view: statement.view)
        switch statement {
        case .notarize(let proposal):
            let earlier = notarized.updateValue(proposal, forKey: place) ?? proposal
            if earlier != proposal { return "machine \(machine) notarizes twice in view \(place.view)" }
        case .finalize: finalized.insert(place)
        case .nullify: nullified.insert(place)
        }
        return finalized.contains(place) && nullified.contains(place)
            ? "machine \(machine) finalizes and nullifies view \(place.view) of epoch \(place.epoch.rawValue)" : nil
    }
}
