package import Consensus

/// What strikes a cluster, each kind as likely as the seed says.
struct Faults {
    private let crash: Double
    private let partition: Double
    private let oneWay: Bool
    private let diskLoss: Double
    private let idleness: Double
    private let loss: Double
    private let duplication: Double
    private let delay: Double

    init(using random: inout SeededGenerator) {
        loss = random.pick([0, 0.05, 0.3])
        duplication = random.pick([0, 0.2])
        delay = random.pick([0.05, 0.3, 1.5])
        crash = random.pick([0, 0.02, 0.1])
        partition = random.pick([0, 0.03, 0.1])
        diskLoss = random.pick([0, 0.05, 0.2])
        oneWay = random.chance(0.5)
        idleness = random.pick([0, 0, 0.1])
    }

    func configure(_ network: inout SimulatedNetwork) {
        network.loss = loss
        network.duplication = duplication
        network.meanDelay = delay * 1e6
    }

    /// The network after healing: still lossy perhaps, never slow.
    func calm(_ network: inout SimulatedNetwork, using random: inout SeededGenerator) {
        network.loss = random.pick([0, 0.1])
        network.meanDelay = random.pick([50_000, 300_000])
    }

    /// One second's worth of bad luck.
    func strike(_ stage: some FaultStage) {
        for target in stage.targets where target.isUp && stage.random.chance(crash) {
            if stage.random.chance(0.5) {
                target.fuse = Int(stage.random.next() % 20)
            } else {
                stage.crash(target, mean: 8e6)
            }
        }
        if stage.options.losesDisks, stage.random.chance(diskLoss), stage.spareFaults > 0 {
            let target = stage.random.pick(stage.targets.filter { !$0.isSick })
            target.loseDisk()
            target.start()
        }
        if stage.random.chance(partition) {
            let count = stage.validators.count
            let group = Set((0..<count).filter { _ in stage.random.chance(0.5) })
            stage.network.partition(group, of: count, oneWay: oneWay)
        } else if stage.random.chance(0.2) {
            stage.network.heal()
        }
        if stage.random.chance(crash / 4) {
            for target in stage.targets where target.isUp { stage.crash(target, mean: 2e6) }
        }
        if idleness > 0, stage.random.chance(idleness) {
            let pending = stage.random.chance(0.5)
            for target in stage.targets where stage.random.chance(0.8) { target.setPending(pending) }
        }
    }
}

/// A validator that faults can strike.
package protocol FaultTarget: AnyObject {
    var index: Int { get }
    var isUp: Bool { get }
    /// Whether it counts as faulty because its disk was lost and it has not caught up since.
    var isSick: Bool { get }
    /// After how many more effects it loses power.
    var fuse: Int? { get set }
    func start()
    func crash()
    /// Loses power and the disk.
    func loseDisk()
    func setPending(_ pending: Bool)
}

/// Where faults strike.
package protocol FaultStage: AnyObject {
    var options: Options { get }
    var validators: ValidatorSet { get }
    var random: SeededGenerator { get set }
    var network: SimulatedNetwork { get set }
    var targets: [any FaultTarget] { get }
    /// How many validators may still lose their disks without more than f being faulty.
    var spareFaults: Int { get }
    /// Power goes now, and comes back after about this many microseconds.
    func crash(_ target: any FaultTarget, mean: Double)
}
