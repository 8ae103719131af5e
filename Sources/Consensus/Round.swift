/// What this validator knows and has said about one view.
struct Round: Sendable {
    /// What the leader put to the vote.
    var slot = Slot.empty
    /// A quorum backs the proposal.
    var notarization: Certificate?
    /// A quorum gave the view up.
    var nullification: Certificate?
    /// A quorum made the proposal final.
    var finalization: Certificate?
    /// Whether the notarized block can be built upon.
    var certification = Certification.pending
    /// What this validator has said, each at most once and only after it was durable.
    var own = OwnVotes()
    /// What everybody has said.
    var tally = Tally()

    /// What came from the leader.
    enum Slot: Hashable, Sendable {
        case empty
        case proposed(Proposal)
        /// The leader proposed two things, or a quorum notarized something else: no vote of ours backs this view.
        case contested
    }

    /// Whether the notarized block and its ancestors are here, executed and durable (R4).
    enum Certification: Hashable, Sendable {
        case pending
        case certified
        /// The block is invalid; only more than f dishonest validators can bring that about.
        case refused
    }

    /// This validator's own votes.
    struct OwnVotes: Sendable {
        var notarize: Vote?
        var nullify: Vote?
        var finalize: Vote?

        subscript(kind: Statement.Kind) -> Vote? {
            get {
                switch kind {
                case .notarize: notarize
                case .nullify: nullify
                case .finalize: finalize
                }
            }
            set {
                switch kind {
                case .notarize: notarize = newValue
                case .nullify: nullify = newValue
                case .finalize: finalize = newValue
                }
            }
        }
    }

    /// The certificate of this kind, if there is one.
    subscript(kind: Statement.Kind) -> Certificate? {
        switch kind {
        case .notarize: notarization
        case .nullify: nullification
        case .finalize: finalization
        }
    }

    /// Whether a later view may build on this one.
    var isFoundation: Bool { finalization != nil || (certification == .certified && notarization != nil) }

    /// What proves that a later view may build on this one.
    var foundation: Certificate? { finalization ?? (certification == .certified ? notarization : nil) }

    /// What frees a validator that is still in this view.
    var exit: Certificate? { finalization ?? nullification ?? notarization }

    /// Takes in a proposal of the view's leader.
    mutating func offer(_ proposal: Proposal) {
        switch slot {
        case .empty: slot = .proposed(proposal)
        case .proposed(proposal), .contested: break
        case .proposed: slot = .contested
        }
    }
}

/// The rounds that are remembered, in the order of their views.
///
/// A view that nobody has spoken about reads as an empty round. The order makes every walk over them the same on every
/// machine; the newest are at the end, where nearly all look-ups fall.
struct Rounds: Sendable {
    private(set) var views: [View] = []
    private var rounds: [Round] = []
    private static let empty = Round()

    subscript(view: View) -> Round {
        // A copy, not a borrow: Swift 6.3 reads what a `_read` of so large a value lent after its memory was given back, as
        // the address sanitizer shows.
        get {
            let place = place(of: view)
            return place < views.count && views[place] == view ? rounds[place] : Self.empty
        }
        _modify {
            let place = place(of: view)
            if place == views.count || views[place] != view {
                views.insert(view, at: place)
                rounds.insert(Round(), at: place)
            }
            yield &rounds[place]
        }
    }

    /// The remembered views above this one, ascending.
    func views(above view: View) -> ArraySlice<View> { views[place(of: view.next)...] }

    /// Forgets the rounds below a view.
    mutating func removeAll(below view: View) {
        let place = place(of: view)
        views.removeFirst(place)
        rounds.removeFirst(place)
    }

    /// Where the view stands, or would stand.
    private func place(of view: View) -> Int {
        var (low, high) = (0, views.count)
        while low < high {
            let middle = (low + high) / 2
            if views[middle] < view { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
