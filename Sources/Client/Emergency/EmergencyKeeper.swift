internal import API
internal import Codec
public import Cryptography
public import Ledger

/// What a member of staff does in an emergency and after it: declare it with a colleague, open what it opens, review it.
public struct EmergencyKeeper: Sendable {
    let ledger: LedgerClient
    let keys: StaffKeys
    private let registration: StaffKeys.Registration

    /// - Throws: ``WalletFailure/wrongIdentity(needed:)`` for keys that are not registered.
    public init(_ ledger: LedgerClient, _ keys: StaffKeys) throws(WalletFailure) {
        guard let registration = keys.registration else { throw .wrongIdentity(needed: "registered staff") }
        self.ledger = ledger
        self.keys = keys
        self.registration = registration
    }

    /// The transaction that declares an emergency, signed by this device. It lives for 100 blocks: the colleague and the
    /// organisation sign it at once.
    ///
    /// - Parameters:
    ///   - second: The colleague who declares it too.
    ///   - reason: The organisation's own code, never 0.
    ///   - isDrill: Whether nothing is to open.
    ///   - others: The colleague's and the organisation's keys, as far as they are at hand.
    public func prepareDeclaration(
        for documents: [DocumentID], under grant: GrantID, with second: StaffID, reason: UInt32,
        isDrill: Bool = false, cosignedBy others: [SigningKey] = []
    ) async throws -> (emergency: AccessID, transaction: Transaction) {
        let tip = try await ledger.tip()
        let window = try await ledger.limits().accessWindow
        var declaration = DeclareEmergency(
            grant: grant, staff: registration.staff, second: second, documents: documents, reason: reason,
            replyKeyDigest: .zero, expires: Height(rawValue: tip.height.rawValue + window), isDrill: isDrill)
        let replyKey = try AccessKeeper(ledger, keys).replyKey(of: AccessAttempt(declaration))
        declaration.replyKeyDigest = .hash(replyKey.publicKey.bytes, in: RequestAccess.replyKeyDomain)
        let transaction = try await ledger.prepare(
            [.declareEmergency(declaration)], signedBy: [keys.device] + others, validFor: window)
        return (declaration.access, transaction)
    }

    /// The transaction with which a privacy officer reviews an emergency.
    public func prepareReview(
        of emergency: AccessID, isJustified: Bool, reason: UInt32, cosignedBy organization: [SigningKey] = []
    ) async throws -> Transaction {
        let review = ReviewEmergency(
            emergency: emergency, officer: registration.staff, isJustified: isJustified, reason: reason)
        return try await ledger.prepare(
            [.reviewEmergency(review)], signedBy: [keys.device] + organization,
            validFor: LedgerClient.travellingValidity)
    }

    /// The emergencies that a privacy officer answers for: all of the organisation. Of others, their own.
    public func emergencies() async throws -> [Emergency] {
        let staff: StaffRecord? = try await ledger.record(
            registration.staff, at: .readSubject(.staff(registration.staff)), signedBy: keys.device)
        let subject: Subject =
            staff?.role == .privacyOfficer ? .organization(registration.organization) : .staff(registration.staff)
        return try await ledger.events(of: subject, signedBy: keys.device).emergencies
    }
}
