public import Codec
internal import Cryptography
public import Ledger

/// What a signature allows, in the words of the person who is asked for it: what, to whom, until when.
public struct TransactionSummary: Hashable, Sendable {
    /// One operation in three phrases.
    public struct Statement: Hashable, Sendable {
        /// What you allow.
        public let allows: String
        /// To whom.
        public let to: String
        /// Until when.
        public let until: String
    }

    /// One for each operation, in order.
    public let statements: [Statement]
    /// The last height at which it can take effect.
    public let validUntil: Height

    /// Puts a transaction into words.
    ///
    /// - Parameter names: What the reader calls those whom it names.
    public init(_ transaction: Transaction, names: SummaryNames = SummaryNames()) {
        self.init(transaction.body, names: names)
    }

    /// Puts what is about to be signed into words.
    public init(_ body: TransactionBody, names: SummaryNames = SummaryNames()) {
        statements = body.operations.map { Self.statement($0, names) }
        validUntil = body.validUntil
    }

    private static let permanent = "for good"

    private static func statement(_ operation: Operation, _ names: SummaryNames) -> Statement {
        switch operation {
        case .openScope(let operation):
            let voucher = operation.voucher == nil ? "" : " with a voucher"
            return Statement(
                allows: "open \(names.scope(ScopeID(operation.scope))), sponsored\(voucher)",
                to: names.organization(operation.sponsor), until: permanent)
        case .authorizeAuthor(let operation):
            return Statement(
                allows: "add documents to \(names.scope(operation.scope)) and read their titles",
                to: names.organization(operation.organization), until: "you withdraw it")
        case .withdrawAuthor(let operation):
            return Statement(
                allows: "no longer add documents to \(names.scope(operation.scope))",
                to: names.organization(operation.organization), until: permanent)
        case .registerStaff(let operation):
            let alone = operation.needsCosignature ? "together with the organisation" : "alone"
            return Statement(
                allows: "act as \(operation.role.name) of \(names.organization(operation.organization)), \(alone)",
                to: operation.pseudonym, until: "\(operation.expires)")
        case .endStaff(let operation):
            return Statement(
                allows: "no longer act for the organisation", to: names.staff(operation.staff), until: permanent)
        case .recordService(let operation):
            return Statement(
                allows: "record \(operation.count) re-encryptions", to: "validator \(operation.validator)",
                until: permanent)
        case .declareEmergency, .reviewEmergency: return emergencyStatement(operation, names)
        case .freeze, .unfreeze, .publishNotice, .setPolicy, .stateNames: return incidentStatement(operation, names)
        case .proposeChange, .approveChange, .reportEvidence: return governanceStatement(operation, names)
        case .appointGuardians, .proposeOwner, .vetoOwner, .confirmOwner, .recoverDocuments:
            return recoveryStatement(operation, names)
        default: return consentStatement(operation, names)
        }
    }

    private static func consentStatement(_ operation: Operation, _ names: SummaryNames) -> Statement {
        switch operation {
        case .commitDocument(let operation):
            let replaced = operation.replaces.map { ", replacing document \($0)" } ?? ""
            return Statement(
                allows: "put a document of at most \(operation.paddedSize) bytes on record\(replaced)",
                to: "\(names.scope(operation.scope)), written by \(names.organization(operation.organization))",
                until: permanent)
        case .grantConsent(let operation):
            let purposes = operation.purposes.map(\.code).joined(separator: ", ")
            let roles = operation.roles.map(\.name).joined(separator: ", ")
            let glass = operation.flags.contains(.emergency) ? "only in an emergency that two members declare, " : ""
            return Statement(
                allows: glass
                    + "open every document of \(names.scope(operation.scope)), also those to come, for \(purposes), "
                    + "at most \(operation.documentsPerDay) a day, as \(roles)",
                to: names.grantee(operation.grantee),
                until: "\(operation.notAfter), from \(operation.notBefore), or until you revoke it")
        case .acknowledgeGrant(let operation):
            return Statement(
                allows: "confirm a fragment of grant \(operation.grant)", to: "validator \(operation.validator)",
                until: permanent)
        case .reshareGrant(let operation):
            return Statement(
                allows: "give its fragment of grant \(operation.grant) on to the validators of the present set",
                to: "validator \(operation.dealer)", until: permanent)
        case .answerResharing(let operation):
            return Statement(
                allows: operation.failed.map {
                    "say that validator \($0) gave it no good part of grant \(operation.grant)"
                } ?? "confirm its new fragment of grant \(operation.grant)",
                to: "validator \(operation.validator)", until: permanent)
        case .revokeConsent(let operation):
            return Statement(allows: "no longer open anything", to: "grant \(operation.grant)", until: permanent)
        case .requestAccess(let operation):
            let count = operation.documents.count
            return Statement(
                allows: "open \(count) document\(count == 1 ? "" : "s") for \(operation.purpose.code); "
                    + "the patient and auditors will see it",
                to: names.staff(operation.staff), until: "block \(operation.expires)")
        default: return patientStatement(operation, names)
        }
    }
}

extension TransactionSummary {
    /// What a patient decides about a scope as a whole.
    private static func patientStatement(_ operation: Operation, _ names: SummaryNames) -> Statement {
        switch operation {
        case .rotateScope(let operation):
            return Statement(
                allows: "give \(names.scope(operation.scope)) new keys (epoch \(operation.epoch)); authors and "
                    + "grants have to be renewed",
                to: "whoever you renew it for", until: "you replace the keys again")
        case .closeScope(let operation):
            return Statement(
                allows: "no longer add to, grant or open \(names.scope(operation.scope))", to: "everybody",
                until: permanent)
        case .eraseDocument(let operation):
            let officer = operation.officer.map {
                ", decided by \(names.staff($0)) on the basis \(operation.basis.name)"
            }
            return Statement(
                allows: "erase document \(operation.document): nobody will open it again" + (officer ?? ""),
                to: "every node that holds a part of it", until: permanent)
        case .restrictScope(let operation): return restriction(operation, names)
        case .shareDocument(let operation):
            return Statement(
                allows: "put document \(operation.source) into \(names.scope(operation.scope)) as well",
                to: "whoever you grant \(names.scope(operation.scope))", until: "you erase one of the two")
        case .postMessage(.letter(let letter)):
            let writer = letter.author.map { "written by \(names.staff($0.staff))" } ?? "written by you"
            return Statement(
                allows:
                    "put message \(letter.number) of \(letter.terms.thread == nil ? "a new" : "the") thread on record, "
                    + writer,
                to: "whoever may open \(names.scope(letter.scope))", until: permanent)
        case .postMessage(.receipt(let receipt)):
            return Statement(
                allows: "say that message \(receipt.message) and those before it have been read",
                to: "whoever may see \(names.scope(receipt.scope))", until: permanent)
        case .confirmErasure(let operation):
            return Statement(
                allows: "confirm that nothing is left of \(operation.subject)",
                to: "validator \(operation.validator)", until: permanent)
        default: preconditionFailure("the other operations have their words above")
        }
    }
}

extension TransactionSummary {
    private static func restriction(_ operation: RestrictScope, _ names: SummaryNames) -> Statement {
        switch (operation.restriction, operation.isInForce) {
        case (.never(let organization), true):
            Statement(
                allows: "nothing of \(names.scope(operation.scope)), whatever you have granted",
                to: names.grantee(.organization(organization)), until: "you lift it")
        case (.never(let organization), false):
            Statement(
                allows: "again what you have granted of \(names.scope(operation.scope))",
                to: names.grantee(.organization(organization)), until: "those grants end")
        case (.documents(let grant, let from, let until), true):
            Statement(
                allows: "only documents put on record"
                    + (from.map { " from \($0)" } ?? "") + (until.map { " until \($0)" } ?? ""),
                to: "grant \(grant)", until: "you lift it")
        case (.documents(let grant, _, _), false):
            Statement(allows: "documents of any time", to: "grant \(grant)", until: "the grant ends")
        }
    }
}

/// What people call those whom operations name. Without a name they stand with the beginning of their identifier.
public struct SummaryNames: Sendable {
    /// Organisations by the names in the genesis file.
    public var organizations: [OrganizationID: String]
    /// Scopes by category, which only their patient knows.
    public var scopes: [ScopeID: String]
    /// Staff by pseudonym.
    public var staff: [StaffID: String]

    /// Names.
    public init(
        organizations: [OrganizationID: String] = [:], scopes: [ScopeID: String] = [:], staff: [StaffID: String] = [:]
    ) {
        self.organizations = organizations
        self.scopes = scopes
        self.staff = staff
    }

    /// The names that a genesis file and an identity give.
    public init(_ genesis: Genesis, _ identity: Identity? = nil) {
        self.init(organizations: Dictionary(genesis.organizations.map { ($0.id, $0.name) }) { first, _ in first })
        if case .patient(let keys) = identity {
            for scope in keys.allKeys { scopes[scope.id] = scope.name.category }
        }
    }

    func organization(_ id: OrganizationID) -> String {
        organizations[id] ?? "organisation \(id.description.prefix(8))…"
    }

    func scope(_ id: ScopeID) -> String {
        scopes[id].map { "your scope “\($0)”" } ?? "scope \(id.description.prefix(8))…"
    }

    func staff(_ id: StaffID) -> String { staff[id] ?? "staff \(id.description.prefix(8))…" }

    func grantee(_ grantee: Grantee) -> String {
        switch grantee {
        case .organization(let id): "all staff of \(organization(id))"
        case .staff(let id): staff(id)
        case .scope: "your own new wallet, with the guardians' shares"
        }
    }
}
