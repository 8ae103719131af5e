/// What happens to disks. A torn tail and the loss of what was not synced come with every crash.
struct StorageFaults {
    private let failedWrite: Double
    private let fullDisk: Double
    private let slowSync: Bool
    private let loss: Double
    private let rot: Double
    private let backup: Double
    private let knowingly: Bool

    init(using random: inout SeededGenerator, losesDisks: Bool) {
        failedWrite = random.pick([0, 0, 0.03])
        fullDisk = random.pick([0, 0, 0.02])
        slowSync = random.chance(0.25)
        let losesMemory = losesDisks || random.chance(0.3)
        loss = losesMemory ? random.pick(losesDisks ? [0.05, 0.2] : [0, 0.05]) : 0
        rot = losesMemory ? random.pick([0, 0.03]) : 0
        backup = losesMemory ? random.pick([0, 0.05]) : 0
        knowingly = random.chance(0.7)
    }

    var description: String {
        var words: [String] = []
        if failedWrite > 0 { words.append("failed writes") }
        if fullDisk > 0 { words.append("full disks") }
        if slowSync { words.append("slow syncs") }
        if loss > 0 { words.append("lost disks") }
        if rot > 0 { words.append("bit rot") }
        if backup > 0 { words.append(knowingly ? "restored backups" : "restored backups that nobody noticed") }
        return words.joined(separator: ", ")
    }

    func configure(_ stage: some FaultStage) {
        guard slowSync else { return }
        for target in stage.targets { target.afflictions.syncDelay = stage.random.pick([0, 10_000, 400_000]) }
    }

    func strike(_ stage: some FaultStage) {
        for target in stage.targets where target.isUp && stage.random.chance(failedWrite) {
            target.afflictions.failsNextWrite = true
        }
        for target in stage.targets where target.isUp && stage.random.chance(fullDisk) {
            target.afflictions.isFullUntil = stage.time + stage.random.exponential(mean: 10e6)
        }
        if stage.random.chance(loss), let target = victim(of: stage) {
            target.loseDisk()
            target.start()
        }
        if stage.random.chance(rot), let target = victim(of: stage), target.rotJournal() { target.start() }
        guard backup > 0 else { return }
        for target in stage.targets where target.isUp && stage.random.chance(0.05) { target.keepBackup() }
        if stage.random.chance(backup), let target = victim(of: stage), target.restoreBackup(knowingly: knowingly) {
            target.start()
        }
    }

    /// Somebody who may lose its memory without more than f being faulty.
    private func victim(of stage: some FaultStage) -> (any FaultTarget)? {
        guard stage.spareFaults > 0 else { return nil }
        return stage.targets.filter { !$0.isSick }.randomElement(using: &stage.random)
    }
}
