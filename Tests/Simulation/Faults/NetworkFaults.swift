import Consensus

/// What happens on the wires.
struct NetworkFaults {
    private enum Shape: CaseIterable { case halves, ring, leader, single }

    private let loss: Double
    private let duplication: Double
    private let delay: Double
    private let bandwidth: Int?
    private let punctuality: Double
    private let partition: Double
    private let shapes: [Shape]
    private let oneWay: Bool
    private let clog: Double
    private let swizzle: Double
    private let drop: Double
    private let slowLink: Double
    /// Some partitions are never healed while faults last.
    private let isLasting: Bool

    init(using random: inout SeededGenerator) {
        loss = random.pick([0, 0.05, 0.3])
        duplication = random.pick([0, 0.2])
        delay = random.pick([0.05, 0.3, 1.5])
        bandwidth = random.pick([nil, nil, nil, 20_000])
        punctuality = random.pick([0, 0, 0.05, 0.3])
        partition = random.pick([0, 0.03, 0.1])
        shapes = random.sample(Shape.allCases, count: 1 + Int(random.next() % 4))
        oneWay = random.chance(0.5)
        clog = random.pick([0, 0, 0.1, 0.4])
        swizzle = random.pick([0, 0, 0.05])
        drop = random.pick([0, 0, 0.05])
        slowLink = random.pick([0, 0, 0.05])
        isLasting = random.chance(0.2)
    }

    var description: String {
        var words: [String] = []
        if loss > 0 { words.append("loss \(loss)") }
        if duplication > 0 { words.append("duplication") }
        words.append("delay \(delay) s")
        if bandwidth != nil { words.append("narrow links") }
        if punctuality > 0 { words.append("arrivals at deadlines") }
        if partition > 0 { words.append((isLasting ? "lasting " : "") + (oneWay ? "one-way " : "") + "partitions") }
        if clog > 0 { words.append("clogs") }
        if swizzle > 0 { words.append("swizzles") }
        if drop > 0 { words.append("dropped kinds") }
        if slowLink > 0 { words.append("slow links") }
        return words.joined(separator: ", ")
    }

    func configure(_ network: inout SimulatedNetwork) {
        network.loss = loss
        network.duplication = duplication
        network.meanDelay = delay * 1e6
        network.bandwidth = bandwidth
        network.punctuality = punctuality
    }

    func strike(_ stage: some FaultStage) {
        let count = stage.validators.count
        if stage.random.chance(partition) {
            divide(stage, count)
        } else if !isLasting, stage.random.chance(0.2) {
            stage.network.heal()
        }
        if stage.random.chance(clog) {
            let from = Int(stage.random.next() % UInt64(count))
            let link = SimulatedNetwork.Link(
                from: from, to: (from + 1 + Int(stage.random.next() % UInt64(count - 1))) % count)
            stage.network.clogs[link] = stage.time..<stage.time + stage.random.exponential(mean: 3e6) + 1
        }
        if stage.random.chance(swizzle) { swizzleClog(stage, count) }
        if drop > 0 {
            if !stage.network.dropped.isEmpty, stage.random.chance(0.2) { stage.network.dropped = [] }
            if stage.random.chance(drop) { stage.network.dropped = [stage.random.pick(PacketKind.allCases)] }
        }
        if slowLink > 0 {
            if !stage.network.slowness.isEmpty, stage.random.chance(0.1) { stage.network.slowness = [:] }
            if stage.random.chance(slowLink) { slowDown(Int(stage.random.next() % UInt64(count)), stage, count) }
        }
    }

    private func divide(_ stage: some FaultStage, _ count: Int) {
        switch stage.random.pick(shapes) {
        case .halves:
            let group = Set((0..<count).filter { _ in stage.random.chance(0.5) })
            stage.network.partition(group, of: count, oneWay: oneWay)
        case .ring: stage.network.ring(of: count)
        case .leader: stage.network.partition([stage.leader], of: count, oneWay: oneWay)
        case .single:
            stage.network.partition([Int(stage.random.next() % UInt64(count))], of: count, oneWay: oneWay)
        }
    }

    /// Stops the links of a random group one after the other, and starts them again in another order.
    private func swizzleClog(_ stage: some FaultStage, _ count: Int) {
        let group = (0..<count).filter { _ in stage.random.chance(0.5) }
        let restarts = group.shuffled(using: &stage.random)
        for (place, stopped) in group.enumerated() {
            let begin = stage.time + Int64(place) * 500_000
            let turn = restarts.firstIndex(of: stopped) ?? 0
            let end = stage.time + Int64(group.count + turn + 1) * 500_000
            for peer in 0..<count where peer != stopped {
                stage.network.clogs[.init(from: stopped, to: peer)] = begin..<end
                stage.network.clogs[.init(from: peer, to: stopped)] = begin..<end
            }
        }
    }

    /// What goes to one validator takes seconds.
    private func slowDown(_ slow: Int, _ stage: some FaultStage, _ count: Int) {
        let delay = 1_000_000 + stage.random.exponential(mean: 2e6)
        for peer in 0..<count where peer != slow { stage.network.slowness[.init(from: peer, to: slow)] = delay }
    }
}
