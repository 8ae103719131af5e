internal import Codec
public import Ledger

/// Something that an organisation has to tell of, with the clocks that run: read from its proved history.
public struct Incident: Hashable, Sendable {
    /// A duty to tell somebody.
    public enum Duty: Hashable, Sendable {
        /// Nobody has been told, and it is due then.
        case due(Timestamp)
        /// Nobody has been told in time.
        case overdue(since: Timestamp)
        /// A notice was published.
        case done(isLate: Bool)
    }

    /// What notices name.
    public let cause: NoticeCause
    /// When it became known at the latest: what the deadlines count from until a notice gives an earlier discovery.
    public let known: HistoryEntry
    /// What was frozen; nothing for an emergency that was not justified.
    public let target: FreezeTarget?
    /// Whether the freeze has ended.
    public fileprivate(set) var isLifted = false
    /// What was published about it.
    public fileprivate(set) var notices: [(entry: HistoryEntry, notice: PublishNotice)] = []

    /// When the organisation learned of it: the earliest discovery that it has given.
    public var discovered: Timestamp { notices.map(\.notice.contents.discovered).min() ?? known.time }

    /// The notice to the authority, within 72 hours (GDPR 33).
    public func authority(at now: Timestamp) -> Duty {
        duty(notices.first { $0.notice.scope == nil }, within: PublishNotice.authorityPeriod, at: now)
    }

    /// The first notice to a person, within 60 days (45 CFR 164.404). Whether everybody has been told is for the
    /// organisation to know: the chain does not say whose scope is whose.
    public func people(at now: Timestamp) -> Duty {
        duty(notices.first { $0.notice.scope != nil }, within: PublishNotice.personPeriod, at: now)
    }

    private func duty(
        _ notice: (entry: HistoryEntry, notice: PublishNotice)?, within period: UInt64, at now: Timestamp
    ) -> Duty {
        if let notice { return .done(isLate: notice.entry.time > notice.notice.due) }
        let due = discovered.advanced(byMilliseconds: period)
        return now > due ? .overdue(since: due) : .due(due)
    }

    public static func == (left: Incident, right: Incident) -> Bool {
        left.cause == right.cause && left.known == right.known && left.isLifted == right.isLifted
            && left.notices.map(\.notice) == right.notices.map(\.notice)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(cause) }
}

extension Incident.Duty: CustomStringConvertible {
    public var description: String {
        switch self {
        case .due(let due): "due \(due)"
        case .overdue(let since): "OVERDUE since \(since)"
        case .done(let isLate): isLate ? "told, late" : "told"
        }
    }
}

extension Sequence<LedgerEvent> {
    /// The incidents in an organisation's history, oldest first: what was frozen, and emergencies that were not justified.
    public var incidents: [Incident] {
        var incidents: [Incident] = []
        var early: [(entry: HistoryEntry, notice: PublishNotice)] = []
        for event in self where event.isApplied {
            switch event.operation {
            case .freeze(let operation):
                incidents.append(
                    Incident(cause: .incident(operation.incident), known: event.entry, target: operation.target))
            case .unfreeze(let operation):
                let index = incidents.lastIndex { $0.target == operation.target }
                if let index { incidents[index].isLifted = true }
            case .reviewEmergency(let operation) where !operation.isJustified:
                let cause = NoticeCause.emergency(operation.emergency)
                var incident = Incident(cause: cause, known: event.entry, target: nil)
                // The patient may have been told before the review.
                incident.notices = early.filter { $0.notice.cause == cause }
                incidents.append(incident)
            case .publishNotice(let operation):
                if let index = incidents.firstIndex(where: { $0.cause == operation.cause }) {
                    incidents[index].notices.append((event.entry, operation))
                } else {
                    early.append((event.entry, operation))
                }
            default: break
            }
        }
        return incidents
    }

    /// The notices among the events, oldest first.
    public var notices: [(entry: HistoryEntry, notice: PublishNotice)] {
        compactMap { event in
            guard event.isApplied, case .publishNotice(let operation) = event.operation else { return nil }
            return (event.entry, operation)
        }
    }
}
