internal import API
internal import Codec
public import Cryptography
public import Ledger

/// What a member of staff does to open documents: ask, wait until the request is final, collect the validators'
/// re-encryptions.
public struct AccessKeeper: Sendable {
    let ledger: LedgerClient
    let keys: StaffKeys
    let staff: StaffID

    /// - Throws: ``WalletFailure/wrongIdentity(needed:)`` for keys that are not registered.
    public init(_ ledger: LedgerClient, _ keys: StaffKeys) throws(WalletFailure) {
        guard let registration = keys.registration else { throw .wrongIdentity(needed: "registered staff") }
        self.ledger = ledger
        self.keys = keys
        staff = registration.staff
    }

    // MARK: Asking

    /// The transaction that asks, signed by the device. It lives for 100 blocks: where the organisation has to sign too,
    /// it does so at once.
    ///
    /// - Parameters:
    ///   - organization: The organisation's keys, if they are at hand.
    ///   - others: What the same signatures say after it.
    public func prepareRequest(
        for documents: [DocumentID], under grant: GrantID, purpose: Purpose, reason: UInt32 = 0,
        cosignedBy organization: [SigningKey] = [], followedBy others: [Operation] = []
    ) async throws -> (access: AccessID, transaction: Transaction) {
        let tip = try await ledger.tip()
        let window = try await ledger.limits().accessWindow
        var request = RequestAccess(
            grant: grant, staff: staff, documents: documents, purpose: purpose, reason: reason,
            replyKeyDigest: .zero,
            expires: Height(rawValue: tip.height.rawValue + window))
        request.replyKeyDigest = .hash(
            replyKey(of: AccessAttempt(request)).publicKey.bytes, in: RequestAccess.replyKeyDomain)
        let transaction = try await ledger.prepare(
            [.requestAccess(request)] + others, signedBy: [keys.device] + organization,
            validFor: window)
        return (request.access, transaction)
    }

    /// Asks, and waits until the request is final.
    ///
    /// - Throws: ``ClientFailure/refused(_:_:)`` when the ledger refuses it. The attempt is on record all the same.
    public func request(
        _ documents: [DocumentID], under grant: GrantID, purpose: Purpose, reason: UInt32 = 0,
        cosignedBy organization: [SigningKey] = []
    ) async throws -> AccessID {
        let (access, transaction) = try await prepareRequest(
            for: documents, under: grant, purpose: purpose, reason: reason, cosignedBy: organization)
        try await ledger.apply(transaction)
        return access
    }

    /// What the chain knows of a request.
    public func record(of access: AccessID) async throws -> AccessRecord {
        let record: AccessRecord? = try await ledger.record(access, at: .readAccess(access), signedBy: keys.device)
        guard let record else { throw WalletFailure.unknown("access \(access)") }
        return record
    }

    /// The one-time key of a request: derived from the device's key and everything that the request says, so that a
    /// wallet that was killed finds it again.
    func replyKey(of request: AccessAttempt) -> SealingKey {
        replyKey(
            grant: request.grant, documents: request.documents, purpose: request.purpose, reason: request.reason,
            expires: request.expires)
    }

    func replyKey(of record: AccessRecord) -> SealingKey {
        replyKey(
            grant: record.grant, documents: record.documents, purpose: record.purpose, reason: record.reason,
            expires: record.expires)
    }

    private func replyKey(
        grant: GrantID, documents: [DocumentID], purpose: Purpose, reason: UInt32, expires: Height
    ) -> SealingKey {
        var writer = CBORWriter()
        writer.write(text: RequestAccess.replyKeyDomain.fullName)
        writer.write(grant)
        writer.write(array: documents)
        writer.write(purpose)
        writer.write(UInt64(reason))
        writer.write(expires)
        let seed = KeyDerivation.hkdf(keys.device.secretBytes, info: writer.bytes)
        guard let key = SealingKey(seed) else { preconditionFailure("any 32 bytes make an X-Wing pair") }
        return key
    }
}
