/// What can go wrong with machines and the network between them.
enum Fault: String, CaseIterable {
    /// At most f validators are cut off from everybody.
    case minorityCut = "minority-cut"
    /// Two halves do not hear each other: nobody has a quorum.
    case halves
    /// One hears nobody, and everybody hears it.
    case deaf
    /// Nobody hears one, and it hears everybody.
    case mute
    /// Whoever leads is cut off, again and again.
    case leaderCut = "leader-cut"
    /// Each hears its two neighbours only.
    case ring
    /// Everything takes long, and packets overtake each other.
    case latency
    /// Packets are lost and doubled.
    case loss
    /// One is behind a thin line.
    case thinLine = "thin-line"
    /// SIGKILL, again and again.
    case killStorm = "kill-storm"
    /// SIGKILL to all at once.
    case killAll = "kill-all"
    /// SIGSTOP for moments and for longer, again and again.
    case pauseStorm = "pause-storm"
    /// Syncs take long.
    case slowDisk = "slow-disk"
    /// Syncs fail.
    case brokenDisk = "broken-disk"
    /// No room is left.
    case fullDisk = "full-disk"
    /// A clock is off.
    case clock
    /// All are stopped and started, one after the other, as for an upgrade.
    case upgrade
}
