public import Ledger

/// A declaration of an emergency, whatever came of it, with what became of it: read from a proved history.
public struct Emergency: Hashable, Sendable {
    /// What a privacy officer found, and when.
    public struct Review: Hashable, Sendable {
        /// When.
        public let entry: HistoryEntry
        /// The finding.
        public let operation: ReviewEmergency
    }

    /// How far it has come.
    public enum State: Hashable, Sendable {
        /// The ledger refused it: nothing opened.
        case refused(Refusal)
        /// Nothing opened, as intended.
        case drill
        /// It opened documents, and its review is due then.
        case open(due: Timestamp)
        /// Nobody reviewed it in time: the organisation can declare no other.
        case overdue(since: Timestamp)
        /// Reviewed, in time or late.
        case reviewed(isJustified: Bool, isLate: Bool)
    }

    /// When, and what came of it.
    public let entry: HistoryEntry
    /// What was declared.
    public let declaration: DeclareEmergency
    /// Nothing until it has been reviewed.
    public fileprivate(set) var review: Review?

    /// Its identifier, which is that of the access too.
    public var id: AccessID { declaration.access }

    /// The last moment for its review.
    public var reviewDue: Timestamp { entry.time.advanced(byMilliseconds: DeclareEmergency.reviewPeriod) }

    /// How far it has come at a moment of block time.
    public func state(at time: Timestamp) -> State {
        if case .refused(let refusal) = entry.outcome { return .refused(refusal) }
        if let review {
            let isLate = review.entry.time > reviewDue && !declaration.isDrill
            return .reviewed(isJustified: review.operation.isJustified, isLate: isLate)
        }
        if declaration.isDrill { return .drill }
        return time > reviewDue ? .overdue(since: reviewDue) : .open(due: reviewDue)
    }
}

extension Emergency.State: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): "refused (\(refusal.name))"
        case .drill: "drill"
        case .open(let due): "review due \(due)"
        case .overdue(let since): "review overdue since \(since)"
        case .reviewed(let isJustified, let isLate):
            (isJustified ? "justified" : "not justified") + (isLate ? ", reviewed late" : "")
        }
    }
}

extension Sequence<LedgerEvent> {
    /// The emergencies among the events, oldest first.
    public var emergencies: [Emergency] {
        var emergencies: [Emergency] = []
        for event in self {
            switch event.operation {
            case .declareEmergency(let operation):
                emergencies.append(Emergency(entry: event.entry, declaration: operation, review: nil))
            case .reviewEmergency(let operation) where event.isApplied:
                guard let index = emergencies.firstIndex(where: { $0.id == operation.emergency }) else { continue }
                emergencies[index].review = Emergency.Review(entry: event.entry, operation: operation)
            default: break
            }
        }
        return emergencies
    }
}
