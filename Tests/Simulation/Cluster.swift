import Codec
package import Consensus
import Cryptography

/// Validators, a network between them and everything that can go wrong, all of it a function of one seed.
///
/// A run has two phases. In the first, faults strike at random, and nothing unsafe may happen. In the second, a quorum
/// of honest validators is healed for good, everyone else stays broken, and the healed ones must make progress: random
/// healing would hide partitions that only work one way (consensus.md, "Deterministic simulation testing").
package final class Cluster: FaultStage {
    enum Event {
        case arrival(EnginePacket, from: Int, to: Int)
        case wake(Int)
        case restart(Int)
        case strike
    }

    private static let chain = Digest.sha256(Array("simulation".utf8))

    package let options: Options
    package let keys: SymbolicKeys
    package let validators: ValidatorSet
    package var random: SeededGenerator
    private var clock = SimulatedClock<Event>()
    package var network = SimulatedNetwork()
    package var checkers: Checkers
    package private(set) var honest: [SimulatedValidator] = []
    private var participants: [any Participant] = []
    private let faults: Faults
    /// Those that never come back.
    private var stopped: Set<Int> = []
    private var eventHash: UInt64 = 0xcbf2_9ce4_8422_2325

    private let count: Int
    private let tolerated: Int
    /// Dishonest from the beginning, or made so by a fault that nobody noticed.
    private var byzantine: Set<Int>
    private let leaders: LeaderSchedule
    /// What strikes, in words.
    package var weather: String { faults.description }

    package init(seed: UInt64, options: Options) {
        self.options = options
        random = SeededGenerator(seed: seed)
        count = random.pick([4, 4, 5, 6, 7])
        tolerated = (count - 1) / 3
        let dishonest =
            options.isOverrun
            ? tolerated + 1 + Int(random.next() % UInt64(tolerated)) : Int(random.next() % UInt64(tolerated + 1))
        byzantine = Set(random.sample(Array(0..<count), count: dishonest))
        keys = SymbolicKeys(count: count)
        validators = SymbolicKeys.validators(count)
        checkers = Checkers(validators: validators, chain: Self.chain, keys: keys, byzantine: byzantine)
        faults = Faults(using: &random, options: options)
        let opening = BlockReference(hash: .sha256([UInt8(truncatingIfNeeded: seed)]), parent: .zero, height: .genesis)
        leaders = LeaderSchedule(opening: opening.hash, validators: validators)
        for index in 0..<count {
            let configuration = Engine.Configuration(
                chain: Self.chain, epoch: .first, opening: opening,
                validators: validators, index: ValidatorIndex(rawValue: index),
                pace: Pace(delay: .seconds(1), work: .zero))
            if byzantine.contains(index) {
                participants.append(Equivocator(index: index, cluster: self, configuration: configuration))
            } else {
                let validator = SimulatedValidator(index: index, cluster: self, configuration: configuration)
                participants.append(validator)
                honest.append(validator)
            }
        }
        faults.configure(self)
    }

    package var time: Int64 { clock.time }
    package var leader: Int { leaders[View(rawValue: max(1, honest.map(\.view).max() ?? 1))].rawValue }

    /// Runs both phases.
    package func run() -> RunResult {
        for validator in honest { validator.start() }
        clock.plan(.strike, after: 1_000_000)
        run(to: options.chaos * 1_000_000) { false }
        let reached = checkers.height
        if options.isOverrun {
            checkers.judgeOverrun(tolerated: tolerated)
            return outcome(reached, recovery: 0)
        }
        guard checkers.violation == nil else { return outcome(reached, recovery: 0) }
        let core = heal()
        let healed = clock.time
        let arrived = run(to: healed + options.patience * 1_000_000) {
            core.allSatisfy { $0.tip.height.rawValue >= reached + 5 }
        }
        if !arrived {
            checkers.noteStall(core.map { "\($0.index): view \($0.view), height \($0.height)" }.joined(separator: "; "))
        }
        checkers.checkAncestry()
        return outcome(reached, recovery: Double(clock.time - healed) / 1e6)
    }

    private func outcome(_ reached: UInt64, recovery: Double) -> RunResult {
        RunResult(
            violation: checkers.violation, eventHash: eventHash, heightAfterChaos: reached, recovery: recovery,
            packets: network.count, simulated: Double(clock.time) / 1e6, weather: weather)
    }

    /// Runs until a moment, a violation, or until `done`.
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
            participants[to].receive(packet, from: from)
        case .wake(let index):
            if let end = pauseEnd(of: index) { return clock.plan(event, after: end - time) }
            mix(1 << 16 | UInt64(index), "wake")
            participants[index].wake()
        case .restart(let index):
            mix(2 << 16 | UInt64(index), "restart")
            guard !stopped.contains(index), let validator = validator(index), !validator.isUp else { return }
            validator.start()
        case .strike:
            guard clock.time < options.chaos * 1_000_000 else { return }
            faults.strike(self)
            clock.plan(.strike, after: 1_000_000)
        }
    }

    private func mix(_ parts: UInt64, _ label: @autoclosure () -> String) {
        var views: UInt64 = 0
        for validator in honest { views = views &* 31 &+ validator.view &+ validator.height }
        for part in [UInt64(clock.time), parts, views] { eventHash = (eventHash ^ part) &* 0x100_0000_01b3 }
        if let trace = options.trace {
            let state = honest.map { "\($0.index):\($0.isUp ? "\($0.view)" : "-")/\($0.height)" }
            trace(
                "\(clock.time / 1000) ms \(parts >> 8 & 255)>\(parts & 255) \(label())  [\(state.joined(separator: " "))]"
            )
        }
    }

    // MARK: What participants do

    func send(_ packet: EnginePacket, from: Int, to: Int, lag: Int64 = 0) {
        let parcel = SimulatedNetwork.Parcel(
            link: .init(from: from, to: to), kind: packet.kind, bytes: packet.roughSize)
        let deadline = network.punctuality > 0 ? validator(to)?.deadline : nil
        for delay in network.delays(of: parcel, at: time, deadline: deadline, using: &random) {
            clock.plan(.arrival(packet, from: from, to: to), after: lag + delay)
        }
    }

    func broadcast(_ packet: EnginePacket, from: Int, lag: Int64 = 0) {
        for peer in 0..<count where peer != from { send(packet, from: from, to: peer, lag: lag) }
    }

    private func validator(_ index: Int) -> SimulatedValidator? { honest.first { $0.index == index } }

    /// When a stopped process goes on.
    private func pauseEnd(of index: Int) -> Int64? {
        validator(index).flatMap { $0.afflictions.pausedUntil > time ? $0.afflictions.pausedUntil : nil }
    }

    func isCondemned(_ index: Int) -> Bool { byzantine.contains(index) }

    /// From here on this validator may contradict itself, and nobody holds that against the protocol.
    func condemn(_ index: Int) {
        byzantine.insert(index)
        checkers.condemn(index)
    }

    /// A validator has found out that its key signs what its journal does not know.
    func halted(_ validator: SimulatedValidator, _ vote: Vote) {
        guard byzantine.contains(validator.index) else { return checkers.foundClone(of: validator.index, vote) }
        stopped.insert(validator.index)
        validator.crash()
    }

    func planWake(of index: Int, at moment: Int64) { clock.plan(.wake(index), after: moment - clock.time) }

    package func crash(_ target: any FaultTarget, mean: Double) {
        target.crash()
        clock.plan(.restart(target.index), after: random.exponential(mean: mean))
    }

    package var targets: [any FaultTarget] {
        honest.filter { !byzantine.contains($0.index) && !stopped.contains($0.index) }
    }
    package var spareFaults: Int {
        tolerated - byzantine.count - honest.count { $0.isSick && !byzantine.contains($0.index) }
    }

    /// Heals a quorum for good; the others stop or stay cut off for good.
    private func heal() -> [SimulatedValidator] {
        let trusted = honest.filter { !byzantine.contains($0.index) }
        let well = trusted.filter { !$0.isSick }
        let lost = random.sample(well, count: Int(random.next() % UInt64(max(0, spareFaults) + 1))).map(\.index)
        let core = trusted.filter { !lost.contains($0.index) }
        faults.calm(&network, using: &random)
        network.sever(lost, of: count, using: &random)
        for validator in honest where !stopped.contains(validator.index) {
            validator.afflictions.end()
            validator.localClock.repair(to: Int64(random.next() % 200_000))
            if !validator.isUp { validator.start() }
        }
        for index in lost where random.chance(0.4) {
            stopped.insert(index)
            validator(index)?.crash()
        }
        return core
    }
}
