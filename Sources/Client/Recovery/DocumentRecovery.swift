internal import API
internal import Codec
public import Cryptography
public import Ledger

/// Opens documents that were sealed before the owner's present keys, under the scope's recovery grant: with the validators'
/// help, and on record as every access is.
public struct DocumentRecovery: Sendable {
    private let ledger: LedgerClient
    private let scope: ScopeKeys
    private let recipient: GrantRecipient

    /// - Parameter secret: What enough guardians gave back.
    public init(_ ledger: LedgerClient, of scope: ScopeKeys, with secret: SecretBytes) {
        self.ledger = ledger
        self.scope = scope
        recipient = GrantRecipient(RecoveryKeys(secret, of: scope.id), of: scope.id)
    }

    /// The newest recovery grant whose key follows from the secret, for documents of an epoch.
    ///
    /// - Throws: ``WalletFailure/unknown(_:)`` where there is none: the shares are of another phrase.
    public func grant(for epoch: UInt64, _ keeper: ConsentKeeper) async throws -> GrantID {
        let key = KeyID(recipient.receiving.publicKey)
        let found = try await keeper.grants(of: scope).last { _, record in
            record.flags == .recovery && record.epoch == epoch && record.receivingKey == key
                && record.revoked == nil
        }
        guard let found else { throw WalletFailure.unknown("recovery grant of this scope that the shares fit") }
        return found.id
    }

    /// Asks, and waits until the access is final.
    ///
    /// - Throws: ``ClientFailure/refused(_:_:)`` when the ledger refuses it.
    public func request(_ documents: [DocumentID], under grant: GrantID) async throws -> AccessID {
        let tip = try await ledger.tip()
        let window = try await ledger.limits().accessWindow
        var recovery = RecoverDocuments(
            grant: grant, documents: documents, replyKeyDigest: .zero,
            expires: Height(rawValue: tip.height.rawValue + window))
        recovery.replyKeyDigest = .hash(
            replyKey(grant, recovery.documents, recovery.expires).publicKey.bytes, in: RequestAccess.replyKeyDomain)
        try await ledger.apply(
            try await ledger.prepare([.recoverDocuments(recovery)], signedBy: [scope.signing], validFor: window))
        return recovery.access
    }

    /// Opens a final access.
    public func open(_ access: AccessID) async throws -> [OpenedDocument] {
        let record: RecoveryAccessRecord? = try await ledger.record(
            access, at: .readAccess(access), signedBy: scope.signing)
        guard let record else { throw WalletFailure.unknown("access \(access)") }
        let opening = FinalOpening(
            access: access, grant: record.grant, scope: record.scope, documents: record.documents,
            reader: .scope(record.scope), replyKey: replyKey(record.grant, record.documents, record.expires))
        return try await ledger.open(opening, as: recipient, signedBy: scope.signing)
    }

    /// The one-time key of an access, from the owner's key and everything that the access says.
    private func replyKey(_ grant: GrantID, _ documents: [DocumentID], _ expires: Height) -> SealingKey {
        var writer = CBORWriter()
        writer.write(text: RequestAccess.replyKeyDomain.fullName)
        writer.write(grant)
        writer.write(array: documents)
        writer.write(expires)
        let seed = KeyDerivation.hkdf(scope.signing.secretBytes, info: writer.bytes)
        guard let key = SealingKey(seed) else { preconditionFailure("any 32 bytes make an X-Wing pair") }
        return key
    }
}
