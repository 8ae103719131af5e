internal import API
internal import Codec
public import Cryptography
public import Ledger

extension WalletHome {
    /// What this home's name tags are made with: 32 random bytes, made when they are first asked for. Whoever is shown them
    /// and the names can compute every tag again.
    public func nameKey() throws(HomeFailure) -> SecretBytes {
        let path = self.path + "/names.key"
        if HomeFiles.exists(path) {
            var bytes = try HomeFiles.readPrivate(path)
            defer { bytes.erase() }
            guard bytes.count == 32 else { throw .malformed(path, "a name key has 32 bytes") }
            return SecretBytes(copying: bytes)
        }
        let key = SecretBytes.random(count: 32)
        var copy = key.copy()
        defer { copy.erase() }
        try HomeFiles.replace(path, copy)
        return key
    }
}

extension IncidentKeeper {
    /// Transactions that state whether staff who asked have the family name of whom it was about, of all requests of which
    /// it has not been stated and both names are known.
    public func prepareNames(
        _ names: FamilyNames, under key: SecretBytes, cosignedBy organization: [SigningKey] = []
    ) async throws -> [(statement: StateNames, transaction: Transaction)] {
        let events = try await ledger.events(of: .organization(actor.organization), signedBy: requestKey)
        let pairs = Self.unstated(in: events, names, under: key)
        var officer: StaffID?
        if case .officer(_, let registration) = actor { officer = registration.staff }
        var prepared: [(statement: StateNames, transaction: Transaction)] = []
        for start in stride(from: 0, to: pairs.count, by: FamilyNames.requestsAtOnce) {
            let statement = StateNames(
                organization: actor.organization, officer: officer, keyCommitment: NameTag.commitment(to: key),
                pairs: Array(pairs[start..<min(start + FamilyNames.requestsAtOnce, pairs.count)]))
            let transaction = try await ledger.prepare(
                [.stateNames(statement)], signedBy: actor.keys + organization,
                validFor: LedgerClient.travellingValidity)
            prepared.append((statement, transaction))
        }
        return prepared
    }

    private static func unstated(
        in events: [LedgerEvent], _ names: FamilyNames, under key: SecretBytes
    ) -> [StateNames.Pair] {
        var stated: Set<AccessID> = []
        for event in events where event.isApplied {
            if case .stateNames(let statement) = event.operation { stated.formUnion(statement.pairs.map(\.access)) }
        }
        return events.compactMap { event in
            guard event.isApplied, let attempt = event.operation.accessAttempt, attempt.opensDocuments,
                !stated.contains(attempt.access), let compared = names.names(of: attempt)
            else { return nil }
            return StateNames.Pair(
                access: attempt.access, patient: NameTag(compared.patient, in: attempt.access, under: key),
                staff: NameTag(compared.staff, in: attempt.access, under: key))
        }
    }
}

extension Sequence<LedgerEvent> {
    /// The requests that opened something, as misuse detection sees them.
    public var observedRequests: [ObservedRequest] {
        ObservedRequest.observed(in: filter(\.isApplied).map { ($0.entry.time, $0.operation) })
    }
}
