internal import API
internal import Cryptography
internal import Ledger

/// Follows the histories of all organisations, none of which can leave an entry out, for emergencies whose review is overdue.
struct ReviewWatch: Sendable {
    private let key: SigningKey
    /// Milliseconds of block time from a declaration to the end of the time for its review.
    private let period: UInt64
    private var followed: [OrganizationID: (follower: HistoryFollower, events: [LedgerEvent])] = [:]

    init(_ key: SigningKey, period: UInt64) {
        self.key = key
        self.period = period
    }

    /// Reads what is new and says what is overdue at a final block's time.
    ///
    /// - Returns: The overdue reviews, and the nodes whose answers were not believed. What no node tells now is told the
    ///   next time; what is known to be overdue stays so meanwhile.
    mutating func look(_ ledger: LedgerClient, at time: Timestamp) async -> Set<WatchAlarm> {
        var alarms: Set<WatchAlarm> = []
        do throws(ClientFailure) {
            for id in try await organizations(ledger) {
                var entry = followed[id] ?? (HistoryFollower(.organization(id)), [])
                let news = try await entry.follower.advance(ledger, signedBy: key)
                entry.events += news.filter { [.declareEmergency, .reviewEmergency].contains($0.operation.code) }
                // What has been reviewed needs no watching any more.
                let settled = Set(entry.events.emergencies.filter { $0.review != nil }.map(\.id))
                entry.events.removeAll { $0.operation.emergency.map(settled.contains) ?? true }
                followed[id] = entry
            }
        } catch {
            if case .proof(let failure, let node) = error {
                alarms.insert(.disagreement(node: node, reason: "\(failure)"))
            }
        }
        for (id, entry) in followed {
            for emergency in entry.events.emergencies where emergency.isReviewOverdue(at: time, after: period) {
                alarms.insert(
                    .unreviewed(emergency.id, of: id, due: emergency.entry.time.advanced(byMilliseconds: period)))
            }
        }
        return alarms
    }

    /// Those of the genesis file and those that were admitted since, with those that were expelled after this watch began.
    private func organizations(_ ledger: LedgerClient) async throws(ClientFailure) -> [OrganizationID] {
        let state = try await ledger.state(.listOrganizations, signedBy: key)
        let members: ConsortiumRecord?
        do { members = try state.record(.only) } catch { throw .proof(error, node: "the node") }
        let known = ledger.genesis.organizations.map(\.id) + (members?.organizations ?? [])
        return Set(known).union(followed.keys).sorted()
    }
}

extension Operation {
    /// The emergency that it declares or reviews.
    fileprivate var emergency: AccessID? {
        switch self {
        case .declareEmergency(let operation): operation.access
        case .reviewEmergency(let operation): operation.emergency
        default: nil
        }
    }
}

extension Emergency {
    /// Whether it opened documents and nobody has reviewed it in time.
    fileprivate func isReviewOverdue(at time: Timestamp, after period: UInt64) -> Bool {
        guard entry.outcome == .applied, !declaration.isDrill, review == nil else { return false }
        return time > entry.time.advanced(byMilliseconds: period)
    }
}
