internal import Codec
internal import Cryptography
internal import Ledger

extension Request {
    /// Path and query, as they stand in the request line.
    public var target: String {
        switch self {
        case .submitTransaction(let wait): path([], query: [("wait", wait.rawValue)])
        case .readTransaction(let id): path(["\(id)"])
        case .readBlock(.latest, let under): path(["latest"], query: [("under", under.map { "\($0)" })])
        case .readBlock(.height(let height), let under):
            path(["\(height)"], query: [("under", under.map { "\($0)" })])
        case .readBlockTransactions(let height): path(["\(height)"])
        case .streamBlocks(let from): path([], query: [("from", from.map { "\($0)" })])
        case .readSubject(let subject): path([subject.id.hex])
        case .readHistory(let subject, let range): path([subject.id.hex], query: Self.query(range))
        case .readEvidence(let subject, let range):
            path([SubjectPath(subject.kind).rawValue, subject.id.hex], query: Self.query(range))
        case .readAuthor(let scope, let organization): path(["\(scope)", "\(organization)"])
        case .readStanding(let scope, let grantee): path(["\(scope)", grantee.pathText])
        case .readKeyHolder(let key): path(["\(key)"])
        case .readAccess(let id), .requestFragments(let id): path(["\(id)"])
        case .depositFragment(let id): path(["\(id)"])
        case .collectPart(let id, let round): path(["\(id)", "\(round)"])
        case .uploadContent(let id): path(["\(id)"])
        case .downloadContent(let id, let entitlement): path(["\(id)"], query: [entitlement.map(Self.query)])
        case .health, .ready, .metrics, .status, .genesis, .listOrganizations, .listValidators, .findMissingContent,
            .listChanges:
            path([])
        case .readEpochs(let epoch): path([], query: [("from", epoch.map { "\($0)" })])
        case .readChange(let change): path(["\(change)"])
        case .readThread(let thread): path(["\(thread)"])
        }
    }

    /// Fills the template's braces in order.
    private func path(_ values: [String], query: [(String, String?)?] = []) -> String {
        var values = values[...]
        let segments = endpoint.template.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? values.popFirst() ?? "" : String(segment)
        }
        precondition(values.isEmpty, "a path has as many parameters as its template")
        let pairs = query.compactMap { pair in pair.flatMap { name, value in value.map { "\(name)=\($0)" } } }
        return "/" + segments.joined(separator: "/") + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    private static func query(_ range: HistoryRange) -> [(String, String?)?] {
        [("from", "\(range.from)"), ("limit", "\(range.limit)")]
    }

    private static func query(_ entitlement: Entitlement) -> (String, String?) {
        switch entitlement {
        case .document(let id): ("document", "\(id)")
        case .grant(let id): ("grant", "\(id)")
        case .scope(let id): ("scope", "\(id)")
        case .notice(let id): ("notice", "\(id)")
        }
    }
}
