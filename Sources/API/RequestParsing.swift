public import HTTPTypes
internal import Codec
internal import Cryptography
internal import Ledger

extension Request {
    /// The longest request target that is looked at.
    public static let maximumTargetLength = 512

    /// Understands a request line.
    ///
    /// - Parameters:
    ///   - target: Path and query.
    /// - Throws: A problem: `not-found`, `method-not-allowed` or `malformed-request` naming the parameter.
    public init(method: HTTPRequest.Method, target: String) throws(Problem) {
        guard target.utf8.count <= Self.maximumTargetLength else {
            throw Problem(.malformedRequest, "The address is longer than \(Self.maximumTargetLength) bytes.")
        }
        // What a node is asked most, always in these words.
        if method == .post, target == Self.waitingSubmission {
            self = .submitTransaction(wait: .final)
            return
        }
        let (path, query) = Self.split(target)
        let endpoint = try Self.endpoint(method: method, path: path)
        self = try Self.request(endpoint, Values(endpoint, path: path, query: query))
    }

    private static let waitingSubmission = Request.submitTransaction(wait: .final).target

    private static func split(_ target: String) -> (path: [Substring], query: Substring) {
        let path = target.prefix { $0 != "?" }
        // Empty segments stay: `/v1//blocks` is not `/v1/blocks`.
        return (
            path.dropFirst().split(separator: "/", omittingEmptySubsequences: false),
            target[path.endIndex...].dropFirst()
        )
    }

    private static let segments: [(endpoint: Endpoint, segments: [Substring])] = Endpoint.allCases.map {
        ($0, $0.template.dropFirst().split(separator: "/"))
    }

    /// The endpoint whose template fits with the fewest parameters: `/v1/blocks/stream` is no height.
    private static func endpoint(method: HTTPRequest.Method, path: [Substring]) throws(Problem) -> Endpoint {
        var fitting: [(endpoint: Endpoint, parameters: Int)] = []
        for (endpoint, template) in segments where template.count == path.count {
            guard zip(template, path).allSatisfy({ $0.hasPrefix("{") ? !$1.isEmpty : $0 == $1 }) else { continue }
            fitting.append((endpoint, template.count { $0.hasPrefix("{") }))
        }
        let fewest = fitting.map(\.parameters).min()
        let candidates = fitting.filter { $0.parameters == fewest }.map(\.endpoint)
        guard !candidates.isEmpty else { throw Problem(.notFound) }
        guard let endpoint = candidates.first(where: { $0.method == method }) else {
            throw Problem(.methodNotAllowed, reason: candidates.map(\.method.rawValue).joined(separator: ", "))
        }
        return endpoint
    }

    private static func request(_ endpoint: Endpoint, _ values: Values) throws(Problem) -> Request {
        switch endpoint {
        case .health: .health
        case .ready: .ready
        case .metrics: .metrics
        case .status: .status
        case .genesis: .genesis
        case .submitTransaction:
            .submitTransaction(wait: try values.optional("wait", Wait.init(rawValue:)) ?? .accepted)
        case .readTransaction: .readTransaction(try values.required("transaction", TransactionID.init(hex:)))
        case .readBlock:
            .readBlock(
                try values.required("height", BlockSelector.init),
                under: try values.optional("under", Height.init(decimal:)))
        case .readBlockTransactions: .readBlockTransactions(try values.required("height", Height.init(decimal:)))
        case .streamBlocks: .streamBlocks(from: try values.optional("from", Height.init(decimal:)))
        case .listOrganizations: .listOrganizations
        case .listValidators: .listValidators
        case .readOrganization: .readSubject(try values.subject(.organization, "organization"))
        case .readStaff: .readSubject(try values.subject(.staff, "staff"))
        case .readScope: .readSubject(try values.subject(.scope, "scope"))
        case .readDocument: .readSubject(try values.subject(.document, "document"))
        case .readGrant: .readSubject(try values.subject(.grant, "grant"))
        case .readValidator: .readSubject(try values.subject(.validator, "validator"))
        case .readOrganizationHistory:
            .readHistory(try values.subject(.organization, "organization"), try values.range())
        case .readStaffHistory: .readHistory(try values.subject(.staff, "staff"), try values.range())
        case .readScopeHistory: .readHistory(try values.subject(.scope, "scope"), try values.range())
        case .readDocumentHistory: .readHistory(try values.subject(.document, "document"), try values.range())
        case .readGrantHistory: .readHistory(try values.subject(.grant, "grant"), try values.range())
        case .readValidatorHistory: .readHistory(try values.subject(.validator, "validator"), try values.range())
        case .readEvidence:
            .readEvidence(
                try values.subject(try values.required("kind", SubjectPath.init(rawValue:)).kind, "subject"),
                try values.range())
        case .readAuthor:
            .readAuthor(
                try values.required("scope", ScopeID.init(hex:)),
                try values.required("organization", OrganizationID.init(hex:)))
        case .readStanding:
            .readStanding(
                try values.required("scope", ScopeID.init(hex:)),
                try values.required("grantee", Grantee.init(pathText:)))
        case .readEpochs: .readEpochs(from: try values.optional("from", Height.init(decimal:))?.rawValue)
        case .listChanges: .listChanges
        case .readChange: .readChange(try values.required("change", ChangeID.init(hex:)))
        case .readThread: .readThread(try values.required("thread", ThreadID.init(hex:)))
        case .readKeyHolder: .readKeyHolder(try values.required("key", KeyID.init(hex:)))
        case .readAccess: .readAccess(try values.required("access", AccessID.init(hex:)))
        case .requestFragments: .requestFragments(try values.required("access", AccessID.init(hex:)))
        case .depositFragment: .depositFragment(try values.required("grant", GrantID.init(hex:)))
        case .collectPart:
            .collectPart(
                try values.required("grant", GrantID.init(hex:)),
                round: try values.required("round", Height.init(decimal:)).rawValue)
        case .uploadContent: .uploadContent(try values.required("cid", { ContentID($0) }))
        case .downloadContent:
            .downloadContent(try values.required("cid", { ContentID($0) }), try values.entitlement())
        case .findMissingContent: .findMissingContent
        }
    }
}

/// The texts of a request's parameters.
private struct Values {
    private var path: [Substring: Substring] = [:]
    private var query: [Substring: Substring] = [:]

    init(_ endpoint: Endpoint, path: [Substring], query: Substring) throws(Problem) {
        for (segment, value) in zip(endpoint.template.dropFirst().split(separator: "/"), path)
        where segment.hasPrefix("{") {
            self.path[segment.dropFirst().dropLast()] = value
        }
        let known = endpoint.parameters.filter { $0.place == .query }.map(\.name)
        for pair in query.split(separator: "&", omittingEmptySubsequences: false) where !query.isEmpty {
            let name = pair.prefix { $0 != "=" }
            guard known.contains(String(name)), name.endIndex < pair.endIndex, self.query[name] == nil else {
                throw Problem(.malformedRequest, "The query has a parameter that is unknown or stands twice.")
            }
            self.query[name] = pair[name.endIndex...].dropFirst()
        }
    }

    func required<Value>(_ name: String, _ parse: (String) -> Value?) throws(Problem) -> Value {
        guard let text = path[name[...]], let value = Self.parse(text, parse) else {
            throw Problem(.malformedRequest, "The parameter \(name) is malformed.", reason: name)
        }
        return value
    }

    func optional<Value>(_ name: String, _ parse: (String) -> Value?) throws(Problem) -> Value? {
        guard let text = query[name[...]] else { return nil }
        guard let value = Self.parse(text, parse) else {
            throw Problem(.malformedRequest, "The parameter \(name) is malformed.", reason: name)
        }
        return value
    }

    /// One text a value: lower case only, so that a signature covers the only form there is.
    private static func parse<Value>(_ text: Substring, _ parse: (String) -> Value?) -> Value? {
        text.utf8.contains { (0x41...0x5a).contains($0) } ? nil : parse(String(text))
    }

    func subject(_ kind: Subject.Kind, _ name: String) throws(Problem) -> Subject {
        try required(name) { Subject(kind, hex: $0) }
    }

    func range() throws(Problem) -> HistoryRange {
        let from = try optional("from", Height.init(decimal:))?.rawValue ?? 0
        let limit = try optional("limit") { text in
            Height(decimal: text).flatMap {
                (1...HistoryRange.maximumLimit).contains(Int($0.rawValue)) ? Int($0.rawValue) : nil
            }
        }
        return limit.map { HistoryRange(from: from, limit: $0) } ?? HistoryRange(from: from)
    }

    func entitlement() throws(Problem) -> Request.Entitlement? {
        guard query.count <= 1 else {
            throw Problem(.malformedRequest, "Content is downloaded under one right: name one of the parameters.")
        }
        if let id = try optional("document", DocumentID.init(hex:)) { return .document(id) }
        if let id = try optional("grant", GrantID.init(hex:)) { return .grant(id) }
        if let id = try optional("scope", ScopeID.init(hex:)) { return .scope(id) }
        return try optional("notice", NoticeID.init(hex:)).map(Request.Entitlement.notice)
    }
}

extension Request.BlockSelector {
    fileprivate init?(_ text: String) {
        if text == "latest" {
            self = .latest
        } else if let height = Height(decimal: text) {
            self = .height(height)
        } else {
            return nil
        }
    }
}

extension Height {
    /// Decimal digits without leading zeros or a sign, below 2^63.
    fileprivate init?(decimal text: String) {
        guard let value = UInt64(text), value <= UInt64(Int64.max), "\(value)" == text else { return nil }
        self.init(rawValue: value)
    }
}

extension KeyID {
    fileprivate init?(hex: String) {
        guard let bytes = [UInt8](hex: hex) else { return nil }
        self.init(bytes)
    }
}
