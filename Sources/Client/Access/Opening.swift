internal import API
internal import Codec
public import Cryptography
public import Ledger

/// A document that a request has opened: with these its ciphertext is fetched and read.
public struct OpenedDocument: Sendable {
    /// The document.
    public let id: DocumentID
    /// What the chain says of it.
    public let record: DocumentRecord
    /// The document that it shares; nothing for one that an author committed here.
    public let share: SharedDocumentRecord?
    /// What its capsule hides.
    public let keySeed: SecretBytes
    /// S of its scope.
    public let scopeSecret: SecretBytes
}

/// Who a grant is for, with their secrets.
public struct GrantRecipient: Sendable {
    /// Opens re-encrypted capsules.
    public let receiving: ReceivingKey
    /// Opens the scope card.
    public let sealing: SealingKey
    /// Whom the card is sealed to.
    public let reader: Subject

    /// A member of staff.
    public init(_ keys: StaffKeys, _ staff: StaffID) {
        receiving = keys.receiving
        sealing = keys.sealing
        reader = .staff(staff)
    }

    /// A hospital whose keys are at hand.
    public init(_ keys: OrganizationKeys, _ organization: OrganizationID) {
        receiving = keys.receiving
        sealing = keys.sealing
        reader = .organization(organization)
    }

    /// A scope's own owner, with what guardians gave back.
    public init(_ keys: RecoveryKeys, of scope: ScopeID) {
        receiving = keys.receiving
        sealing = keys.sealing
        reader = .scope(scope)
    }
}

extension AccessKeeper {
    /// Collects re-encryptions for a final request from all validators at once, and opens its documents with the first
    /// that are enough.
    ///
    /// Every fragment is checked against the capsule and the grant on the chain; one that does not hold is as if it had
    /// not come.
    ///
    /// - Parameter recipient: Whom the grant is for; nothing for this member of staff.
    /// - Throws: ``WalletFailure/tooFewFragments(have:need:_:)`` when too few validators help.
    public func open(_ access: AccessID, as recipient: GrantRecipient? = nil) async throws -> [OpenedDocument] {
        let recipient = recipient ?? GrantRecipient(keys, staff)
        let request = try await record(of: access)
        let opening = FinalOpening(
            access: access, grant: request.grant, scope: request.scope, documents: request.documents,
            reader: .staff(staff), replyKey: replyKey(of: request))
        return try await ledger.open(opening, as: recipient, signedBy: keys.device)
    }

    /// Opens a final request as whoever of these the grant is for; as this member of staff where it is for none of them.
    ///
    /// A grant to an organisation, as every emergency grant is, opens with the organisation's keys.
    public func open(_ access: AccessID, asOneOf recipients: [GrantRecipient]) async throws -> [OpenedDocument] {
        let request = try await record(of: access)
        let grant: GrantRecord? = try await ledger.record(
            request.grant, at: .readSubject(.grant(request.grant)), signedBy: keys.device)
        return try await open(access, as: recipients.first { $0.reader == grant?.grantee.subject })
    }

    /// The scope card of a grant, which lists the scope's documents and their titles without opening any.
    public func card(of grant: GrantID, as recipient: GrantRecipient? = nil) async throws -> ScopeCard {
        let record: GrantRecord? = try await ledger.record(
            grant, at: .readSubject(.grant(grant)), signedBy: keys.device)
        guard let record else { throw WalletFailure.unknown("grant \(grant)") }
        return try await ledger.card(
            record, grant, as: recipient ?? GrantRecipient(keys, staff), signedBy: keys.device)
    }
}
