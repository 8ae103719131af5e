import Consensus

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
    func strike(_ cluster: Cluster) {
        for validator in cluster.honest where validator.isUp && cluster.random.chance(crash) {
            if cluster.random.chance(0.5) {
                validator.fuse = Int(cluster.random.next() % 20)
            } else {
                cluster.crash(validator, mean: 8e6)
            }
        }
        if cluster.options.losesDisks, cluster.random.chance(diskLoss), cluster.spareFaults > 0 {
            let validator = cluster.random.pick(cluster.honest.filter { !$0.isSick })
            validator.loseDisk()
            validator.start()
        }
        if cluster.random.chance(partition) {
            let count = cluster.honest[0].validatorCount
            let group = Set((0..<count).filter { _ in cluster.random.chance(0.5) })
            cluster.network.partition(group, of: count, oneWay: oneWay)
        } else if cluster.random.chance(0.2) {
            cluster.network.heal()
        }
        if cluster.random.chance(crash / 4) {
            for validator in cluster.honest where validator.isUp { cluster.crash(validator, mean: 2e6) }
        }
        if idleness > 0, cluster.random.chance(idleness) {
            let pending = cluster.random.chance(0.5)
            for validator in cluster.honest where cluster.random.chance(0.8) { validator.setPending(pending) }
        }
    }
}
