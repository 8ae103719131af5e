/// What happens to processes: they stop anywhere, together, again and again, stand still, and run twice.
struct ProcessFaults {
    private let crash: Double
    private let crashAll: Double
    private let crashLoop: Double
    private let pause: Double
    private let clone: Double

    init(using random: inout SeededGenerator) {
        crash = random.pick([0, 0.02, 0.1])
        crashAll = crash / 4
        crashLoop = random.pick([0, 0, 0.02])
        pause = random.pick([0, 0, 0.03])
        clone = random.pick([0, 0, 0, 0.01])
    }

    var description: String {
        var words: [String] = []
        if crash > 0 { words.append("crashes \(crash)") }
        if crashLoop > 0 { words.append("crash loops") }
        if pause > 0 { words.append("pauses") }
        if clone > 0 { words.append("clones") }
        return words.joined(separator: ", ")
    }

    func strike(_ stage: some FaultStage) {
        for target in stage.targets where target.isUp && stage.random.chance(crash) {
            if stage.random.chance(0.5) {
                target.afflictions.fuse = Int(stage.random.next() % 20)
            } else {
                stage.crash(target, mean: 8e6)
            }
        }
        if stage.random.chance(crashAll) {
            for target in stage.targets where target.isUp { stage.crash(target, mean: 2e6) }
        }
        if stage.random.chance(crashLoop), let target = stage.targets.randomElement(using: &stage.random), target.isUp {
            target.afflictions.shortLives = 2 + Int(stage.random.next() % 8)
            stage.crash(target, mean: 1e6)
        }
        if stage.random.chance(pause), let target = stage.targets.randomElement(using: &stage.random) {
            target.afflictions.pausedUntil = stage.time + stage.random.exponential(mean: 15e6)
        }
        if stage.spareFaults > 0, stage.random.chance(clone),
            let target = stage.targets.filter({ $0.isUp && !$0.isSick }).randomElement(using: &stage.random)
        {
            _ = target.startClone()
        }
    }
}
