internal import API
internal import Codec
public import Cryptography
public import Ledger

/// Who acts in an incident.
public enum IncidentActor: Sendable {
    /// A privacy officer.
    case officer(StaffKeys, StaffKeys.Registration)
    /// The organisation itself.
    case organization(OrganizationKeys, OrganizationID)

    /// Whose incidents they are.
    public var organization: OrganizationID {
        switch self {
        case .officer(_, let registration): registration.organization
        case .organization(_, let id): id
        }
    }

    var keys: [SigningKey] {
        switch self {
        case .officer(let keys, _): [keys.device]
        case .organization(let keys, _): keys.signing
        }
    }
}

/// What an organisation does in an incident: stop, tell, go on.
public struct IncidentKeeper: Sendable {
    let ledger: LedgerClient
    let actor: IncidentActor

    /// Acts as `actor`.
    public init(_ ledger: LedgerClient, as actor: IncidentActor) {
        self.ledger = ledger
        self.actor = actor
    }

    var requestKey: SigningKey {
        guard let key = actor.keys.first else { preconditionFailure("whoever acts has a key") }
        return key
    }

    /// The transaction that stops something from the next block on.
    public func prepareFreeze(
        _ target: FreezeTarget, reason: UInt32, cosignedBy organization: [SigningKey] = []
    ) async throws -> (incident: IncidentID, transaction: Transaction) {
        var officer: StaffID?
        if case .officer(_, let registration) = actor { officer = registration.staff }
        let freeze = Freeze(target: target, officer: officer, reason: reason)
        let transaction = try await ledger.prepare(
            [.freeze(freeze)], signedBy: actor.keys + organization, validFor: LedgerClient.travellingValidity)
        return (freeze.incident, transaction)
    }

    /// The transaction that ends a freeze, which the organisation signs.
    public func prepareUnfreeze(
        _ target: FreezeTarget, reason: UInt32, cosignedBy organization: [SigningKey] = []
    ) async throws -> Transaction {
        try await ledger.prepare(
            [.unfreeze(Unfreeze(target: target, reason: reason))], signedBy: actor.keys + organization,
            validFor: LedgerClient.travellingValidity)
    }

    /// What the organisation has to tell of, oldest first.
    public func incidents() async throws -> [Incident] { try await events().incidents }

    /// The notices that the organisation has published.
    public func notices() async throws -> [(entry: HistoryEntry, notice: PublishNotice)] {
        try await events().notices
    }

    private func events() async throws -> [LedgerEvent] {
        try await ledger.events(of: .organization(actor.organization), signedBy: requestKey)
    }

    // MARK: Notices

    /// Seals a notice's text to whoever is told, uploads it, and makes the transaction that publishes the notice.
    ///
    /// - Parameter scope: Whose patient is told; nothing for the authority, whose copy the organisation keeps readable.
    public func prepareNotice(
        of cause: NoticeCause, to scope: ScopeID?, saying contents: NoticeContents, text: [UInt8],
        cosignedBy organization: [SigningKey] = []
    ) async throws -> (notice: NoticeID, transaction: Transaction) {
        guard case .officer(_, let registration) = actor else {
            throw WalletFailure.wrongIdentity(needed: "a privacy officer")
        }
        let reader = scope.map { Subject.scope($0) } ?? .organization(actor.organization)
        let sealed = try await NoticeText(ledger, of: actor.organization).seal(text, to: reader, askedBy: requestKey)
        let id = ContentID(of: sealed)
        try await ledger.upload(sealed, named: id, signedBy: requestKey)
        let notice = PublishNotice(
            organization: actor.organization, officer: registration.staff, cause: cause, scope: scope,
            contents: contents, text: id)
        let transaction = try await ledger.prepare(
            [.publishNotice(notice)], signedBy: actor.keys + organization, validFor: LedgerClient.travellingValidity)
        return (notice.notice, transaction)
    }
}

/// The sealed texts of an organisation's notices.
public struct NoticeText: Sendable {
    /// The most bytes of a text.
    public static let maximumBytes = 64 * 1024

    private let ledger: LedgerClient
    private let organization: OrganizationID

    /// The texts of `organization`.
    public init(_ ledger: LedgerClient, of organization: OrganizationID) {
        self.ledger = ledger
        self.organization = organization
    }

    func seal(_ text: [UInt8], to reader: Subject, askedBy key: SigningKey) async throws -> [UInt8] {
        let sealingKey: SealingPublicKey
        switch reader {
        case .organization(let id):
            guard let entry = ledger.genesis.organizations.first(where: { $0.id == id }) else {
                sealingKey = try await ledger.sealingKey(of: reader, signedBy: key)
                break
            }
            sealingKey = entry.sealingKey
        default: sealingKey = try await ledger.sealingKey(of: reader, signedBy: key)
        }
        do {
            return try HybridSeal.seal(SecretBytes(copying: text), to: sealingKey, context: context(reader))
        } catch { throw WalletFailure.unusableKey("\(reader)") }
    }

    /// Fetches and opens the text of a notice.
    ///
    /// - Parameters:
    ///   - reader: Whom it is for.
    ///   - key: Opens it.
    ///   - signer: Asks for it.
    public func open(
        _ notice: PublishNotice, as reader: Subject, with key: SealingKey, askedBy signer: SigningKey
    ) async throws -> [UInt8] {
        let sealed = try await ledger.download(notice.text, for: .notice(notice.notice), signedBy: signer)
        do {
            return try HybridSeal.open(sealed, with: key, context: context(reader)).copy()
        } catch { throw WalletFailure.cardDoesNotOpen }
    }

    private func context(_ reader: Subject) -> SealContext {
        .noticeText(chain: ledger.chain, organization: organization, reader: reader)
    }
}
