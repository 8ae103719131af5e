extension Engine {
    /// How much is remembered for others, and how much of it there may be: what a test holds the bounds to.
    package var occupancy: [(name: String, count: Int, most: Int)] {
        let views = rounds.views
        let ahead = views.count { view in
            view.rawValue > self.view.rawValue + Self.voteHorizon && rounds[view].exit == nil
        }
        let past = views.count { $0.rawValue + Self.memory < finalizedView.rawValue }
        let open = Int(clamping: view.rawValue - finalizedView.rawValue)
        return [
            ("rounds beyond the horizon", ahead, 0), ("rounds long past", past, 0),
            ("verdicts", verdicts.count, 2 * (open + Int(Self.memory + Self.voteHorizon) + 2)),
        ]
    }
}
