package import Consensus

/// What strikes a cluster. Which kinds do, and how often, is drawn for each seed: a swarm of weathers rather than one
/// average (consensus.md, "Deterministic simulation testing").
struct Faults {
    private let network: NetworkFaults
    private let process: ProcessFaults
    private let storage: StorageFaults
    private let clocks: ClockFaults
    private let idleness: Double
    private let isCalm: Bool

    init(using random: inout SeededGenerator, options: Options) {
        network = NetworkFaults(using: &random)
        process = ProcessFaults(using: &random)
        storage = StorageFaults(using: &random, losesDisks: options.losesDisks)
        clocks = ClockFaults(using: &random)
        idleness = random.pick([0, 0, 0.1])
        isCalm = options.isCalm
    }

    /// The weather in a few words.
    var description: String {
        isCalm
            ? "nothing strikes"
            : [network.description, process.description, storage.description, clocks.description].filter { !$0.isEmpty }
                .joined(separator: ", ")
    }

    /// How things stand before anything strikes.
    func configure(_ stage: some FaultStage) {
        if isCalm { return }
        network.configure(&stage.network)
        storage.configure(stage)
        clocks.configure(stage)
    }

    /// The network after healing: still lossy perhaps, never slow.
    func calm(_ network: inout SimulatedNetwork, using random: inout SeededGenerator) {
        network.clear()
        network.loss = random.pick([0, 0.1])
        network.meanDelay = random.pick([50_000, 300_000])
    }

    /// One second's worth of bad luck.
    func strike(_ stage: some FaultStage) {
        if isCalm { return }
        process.strike(stage)
        storage.strike(stage)
        network.strike(stage)
        clocks.strike(stage)
        if idleness > 0, stage.random.chance(idleness) {
            let pending = stage.random.chance(0.5)
            for target in stage.targets where stage.random.chance(0.8) { target.setPending(pending) }
        }
    }
}

/// What a validator suffers from without having stopped.
package struct Afflictions {
    /// After how many more effects it loses power.
    package var fuse: Int?
    /// How many more starts end after a few effects.
    package var shortLives = 0
    /// Until when its process is stopped; what arrives meanwhile is read then.
    package var pausedUntil: Int64 = 0
    /// The next write fails, which ends the process.
    package var failsNextWrite = false
    /// Until when its disk has no room, which ends the process at every write.
    package var isFullUntil: Int64 = 0
    /// How long the disk takes to sync, about, in microseconds.
    package var syncDelay = 0.0

    package init() {}

    /// The process starts.
    mutating func begin(using random: inout SeededGenerator) {
        (fuse, failsNextWrite, pausedUntil) = (nil, false, 0)
        guard shortLives > 0 else { return }
        shortLives -= 1
        fuse = Int(random.next() % 8)
    }

    /// Whether the process ends before its next effect.
    mutating func endsLife(isWrite: Bool, at time: Int64) -> Bool {
        if isWrite, failsNextWrite || time < isFullUntil { return true }
        guard let left = fuse else { return false }
        fuse = left - 1
        return left <= 0
    }

    /// How long a sync takes this time, in microseconds.
    func syncTime(using random: inout SeededGenerator) -> Int64 {
        syncDelay > 0 ? random.exponential(mean: syncDelay) : 0
    }

    /// Everything is well again.
    mutating func end() { self = Afflictions() }
}

/// A validator that faults can strike.
package protocol FaultTarget: AnyObject {
    var index: Int { get }
    var isUp: Bool { get }
    /// Whether it counts as faulty because its memory was lost and it has not caught up since.
    var isSick: Bool { get }
    var afflictions: Afflictions { get set }
    var localClock: LocalClock { get set }
    func start()
    func crash()
    /// Loses power and the disk.
    func loseDisk()
    /// Keeps a copy of the disk, as a backup does.
    func keepBackup()
    /// Loses power and has its disk replaced by the backup; tells whether there was one.
    ///
    /// - Parameter knowingly: Whether the operator moved the journal away, as the manual says. Otherwise the validator
    ///   may contradict itself and counts as dishonest from now on.
    func restoreBackup(knowingly: Bool) -> Bool
    /// Loses power, and a bit of its journal turns over; tells whether there was a record to damage.
    func rotJournal() -> Bool
    /// A second process starts from a copy of the disk, with the same key; both count as dishonest. Tells whether this
    /// level of the simulation can.
    func startClone() -> Bool
    func setPending(_ pending: Bool)
}

/// Where faults strike.
package protocol FaultStage: AnyObject {
    var options: Options { get }
    var validators: ValidatorSet { get }
    var random: SeededGenerator { get set }
    var network: SimulatedNetwork { get set }
    var time: Int64 { get }
    /// Who leads the highest view that anybody is in.
    var leader: Int { get }
    /// The validators that are still honest.
    var targets: [any FaultTarget] { get }
    /// How many validators may still lose their memory, or their honesty, without more than f being faulty.
    var spareFaults: Int { get }
    /// Power goes now, and comes back after about this many microseconds.
    func crash(_ target: any FaultTarget, mean: Double)
}
