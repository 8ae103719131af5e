internal import Cryptography

/// The keys that signed a transaction; the signatures were checked before.
struct Signers {
    private let keys: [KeyID]

    init(of transaction: Transaction) { keys = transaction.signers.map(KeyID.init) }

    func contains(_ key: KeyID) -> Bool { keys.contains(key) }

    /// Whether enough of an organisation's keys signed.
    func reachThreshold(of organization: OrganizationRecord) -> Bool {
        keys.count { organization.signingKeys.contains($0) } >= organization.threshold
    }
}
