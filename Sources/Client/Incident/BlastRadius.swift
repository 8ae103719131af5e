internal import API
internal import Codec
public import Cryptography
public import Ledger

/// What a compromised device key of a member of staff could open and did open in a window of time, and what it wrote:
/// worked out from complete, proved histories alone.
public struct BlastRadius: Hashable, Sendable {
    /// A document that the key could open, or did.
    public struct Exposure: Hashable, Sendable {
        /// Whose category it is of.
        public let scope: ScopeID
        /// The document.
        public let document: DocumentID
        /// The grant that let them.
        public let grant: GrantID
        /// Whether a second member of staff and the organisation would have had to break the glass.
        public let isBehindGlass: Bool
        /// When it was asked for with success; empty when it only could have been.
        public let opened: [Timestamp]
    }

    /// Whose key.
    public let staff: StaffID
    /// The window, both ends included.
    public let window: ClosedRange<Timestamp>
    /// When the key could act within the window; nothing when it could not at all.
    public let active: ClosedRange<Timestamp>?
    /// Whether a thief would have needed the organisation's signature as well.
    public let needsCosignature: Bool
    /// Every document, in the order of scopes and documents.
    public let exposures: [Exposure]
    /// Requests that were refused, which show that somebody tried.
    public let refused: Int
    /// Documents that were committed with the key in the window.
    public let written: [DocumentID]

    /// The scopes concerned, ascending: whose patients have to be told.
    public var scopes: [ScopeID] { Set(exposures.map(\.scope)).sorted() }
    /// The scopes of which something was opened, ascending.
    public var openedScopes: [ScopeID] { Set(exposures.filter { !$0.opened.isEmpty }.map(\.scope)).sorted() }
}

/// The proved histories that a blast radius follows from.
public struct BlastHistories: Sendable {
    /// The member of staff's.
    public var staff: [LedgerEvent]
    /// Their organisation's.
    public var organization: [LedgerEvent]
    /// Those of the grants to either.
    public var grants: [GrantID: [LedgerEvent]]
    /// Those of the scopes that these are about.
    public var scopes: [ScopeID: [LedgerEvent]]

    /// Histories.
    public init(
        staff: [LedgerEvent], organization: [LedgerEvent], grants: [GrantID: [LedgerEvent]],
        scopes: [ScopeID: [LedgerEvent]]
    ) {
        self.staff = staff
        self.organization = organization
        self.grants = grants
        self.scopes = scopes
    }
}

extension BlastRadius {
    /// Works it out.
    ///
    /// - Returns: Nothing when the histories do not begin with the registration of `staff`.
    public init?(
        of staff: StaffID, in window: ClosedRange<Timestamp>, from histories: BlastHistories
    ) {
        guard let registered = histories.staff.first,
            case .registerStaff(let registration) = registered.operation, registration.staff == staff
        else { return nil }
        self.staff = staff
        self.window = window
        needsCosignature = registration.needsCosignature
        let end = histories.staff.first { event in
            if case .endStaff(let operation) = event.operation { return event.isApplied && operation.staff == staff }
            return false
        }
        active = window.overlap(
            from: registered.entry.time, to: min(registration.expires, end?.entry.time ?? .maximum))
        let attempts = histories.staff.filter { event in
            event.operation.accessAttempt?.staff == staff && window.contains(event.entry.time)
        }
        refused = attempts.count { !$0.isApplied }
        written = histories.staff.documents(in: window, by: staff)
        let opened = attempts.openings

        var exposures: [Exposure] = []
        for consent in (histories.staff + histories.organization).grants.uniqueGrants(for: staff, registration) {
            guard let active,
                let usable = consent.usable(in: active, histories.grants[consent.grant] ?? [])
            else { continue }
            for document in histories.scopes[consent.scope, default: []].documents(until: usable.upperBound) {
                let times = opened[Opening(grant: consent.grant, document: document)] ?? []
                exposures.append(
                    Exposure(
                        scope: consent.scope, document: document, grant: consent.grant,
                        isBehindGlass: consent.flags.contains(.emergency), opened: times))
            }
        }
        self.exposures = exposures.sorted {
            ($0.scope, $0.document, $0.grant) < ($1.scope, $1.document, $1.grant)
        }
    }
}

/// A document under a grant.
private struct Opening: Hashable {
    let grant: GrantID
    let document: DocumentID
}

extension ClosedRange<Timestamp> {
    /// What lies in the range and between two moments; nothing when they do not meet.
    fileprivate func overlap(from start: Timestamp, to end: Timestamp) -> ClosedRange<Timestamp>? {
        let (lower, upper) = (Swift.max(lowerBound, start), Swift.min(upperBound, end))
        return lower <= upper ? lower...upper : nil
    }
}

extension [LedgerEvent] {
    /// When each document was opened under each grant.
    fileprivate var openings: [Opening: [Timestamp]] {
        var openings: [Opening: [Timestamp]] = [:]
        for event in self where event.isApplied {
            guard let attempt = event.operation.accessAttempt, attempt.opensDocuments else { continue }
            for document in attempt.documents {
                openings[Opening(grant: attempt.grant, document: document), default: []].append(event.entry.time)
            }
        }
        return openings
    }

    /// What a member of staff committed in a window.
    fileprivate func documents(in window: ClosedRange<Timestamp>, by staff: StaffID) -> [DocumentID] {
        compactMap { event in
            guard event.isApplied, window.contains(event.entry.time),
                let committed = event.operation.committed, committed.author?.staff == staff
            else { return nil }
            return committed.document
        }
    }

    /// The documents of a scope's history that were there at a moment, replaced ones included: they open too.
    fileprivate func documents(until end: Timestamp) -> [DocumentID] {
        filter { $0.entry.time <= end }.documents.map(\.document)
    }
}

extension [GrantConsent] {
    /// Each grant once that staff of this role can use: their own and their organisation's.
    fileprivate func uniqueGrants(for staff: StaffID, _ registration: RegisterStaff) -> [GrantConsent] {
        var seen: Set<GrantID> = []
        return filter { consent in
            let isTheirs =
                consent.grantee == .staff(staff) || consent.grantee == .organization(registration.organization)
            return isTheirs && consent.roles.contains(registration.role) && seen.insert(consent.grant).inserted
        }
    }
}

extension GrantConsent {
    /// When the grant could be used within a window: from the acknowledgement that made it active to its end.
    fileprivate func usable(
        in window: ClosedRange<Timestamp>, _ events: [LedgerEvent]
    ) -> ClosedRange<Timestamp>? {
        var acknowledged: Set<ValidatorID> = []
        var activeFrom: Timestamp?
        var end = notAfter
        for event in events where event.isApplied {
            switch event.operation {
            case .acknowledgeGrant(let operation):
                acknowledged.insert(operation.validator)
                if acknowledged.count >= delegation.threshold, activeFrom == nil { activeFrom = event.entry.time }
            case .revokeConsent: end = Swift.min(end, event.entry.time)
            default: break
            }
        }
        guard let activeFrom else { return nil }
        return window.overlap(from: Swift.max(notBefore, activeFrom), to: end)
    }
}

extension LedgerClient {
    /// Collects the histories that a blast radius follows from, every one proved to be complete, and works it out.
    ///
    /// - Parameter key: Signs the requests; an auditor's, who may read all of them.
    /// - Throws: ``WalletFailure/unknown(_:)`` when there is no such member of staff.
    public func blastRadius(
        of staff: StaffID, in window: ClosedRange<Timestamp>, signedBy key: SigningKey
    ) async throws -> BlastRadius {
        try await hearEverybody()
        let record: StaffRecord? = try await record(staff, at: .readSubject(.staff(staff)), signedBy: key)
        guard let record else { throw WalletFailure.unknown("staff \(staff)") }
        var histories = BlastHistories(
            staff: try await events(of: .staff(staff), signedBy: key),
            organization: try await events(of: .organization(record.organization), signedBy: key), grants: [:],
            scopes: [:])
        for consent in (histories.staff + histories.organization).grants where histories.grants[consent.grant] == nil {
            histories.grants[consent.grant] = try await events(of: .grant(consent.grant), signedBy: key)
            if histories.scopes[consent.scope] == nil {
                histories.scopes[consent.scope] = try await events(of: .scope(consent.scope), signedBy: key)
            }
        }
        guard let radius = BlastRadius(of: staff, in: window, from: histories) else {
            throw WalletFailure.unknown("the registration of staff \(staff)")
        }
        return radius
    }
}
