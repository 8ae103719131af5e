/// What happens to clocks: they are set wrong, run fast or slow, are set forward and back, and stand still.
struct ClockFaults {
    private let skew: Double
    private let drift: Int64
    private let step: Double
    private let freeze: Double

    init(using random: inout SeededGenerator) {
        skew = random.pick([0, 0, 100_000, 2_000_000])
        drift = random.pick([0, 0, 200, 50_000])
        step = random.pick([0, 0, 0.02])
        freeze = random.pick([0, 0, 0.02])
    }

    var description: String {
        var words: [String] = []
        if skew > 0 { words.append("clock skew \(Int(skew / 1000)) ms") }
        if drift > 0 { words.append("drift \(drift) ppm") }
        if step > 0 { words.append("clock steps") }
        if freeze > 0 { words.append("frozen clocks") }
        return words.joined(separator: ", ")
    }

    func configure(_ stage: some FaultStage) {
        for target in stage.targets {
            if skew > 0 { target.localClock.offset = sign(&stage.random) * stage.random.exponential(mean: skew) }
            if drift > 0 { target.localClock.drift = sign(&stage.random) * drift }
        }
    }

    func strike(_ stage: some FaultStage) {
        for target in stage.targets where stage.random.chance(step) {
            target.localClock.offset += sign(&stage.random) * min(stage.random.exponential(mean: 5e6), 30_000_000)
        }
        for target in stage.targets where stage.random.chance(freeze) {
            target.localClock.freeze = stage.time..<stage.time + stage.random.exponential(mean: 5e6) + 1
        }
    }

    private func sign(_ random: inout SeededGenerator) -> Int64 { random.chance(0.5) ? 1 : -1 }
}
