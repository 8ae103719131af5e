internal import Codec
public import Cryptography
public import Ledger

/// The keys of a scope's recovery grants. They follow from a secret that guardians keep in shares, and from the scope: what
/// one scope's grants open says nothing of another's.
public struct RecoveryKeys: Sendable {
    /// Opens capsules that were re-encrypted under the grant.
    public let receiving: ReceivingKey
    /// Opens the scope card of the grant.
    public let sealing: SealingKey

    /// - Parameter secret: ``PatientKeys/recoverySecret``, put together from enough shares.
    public init(_ secret: SecretBytes, of scope: ScopeID) {
        receiving = KeyDerivation.key(for: .recoveryReceiving(scope: scope.bytes), from: secret) { ReceivingKey($0) }
        sealing = KeyDerivation.key(for: .recoverySealing(scope: scope.bytes), from: secret) { SealingKey($0) }
    }
}

extension Identity {
    /// The keys with which a home can be somebody's guardian: numbers 0 to 255.
    public static let guardianNumbers: ClosedRange<UInt64> = 0...255

    /// Signs as a guardian. A number of its own for each scope keeps two scopes of one patient apart on the chain.
    public func guardianKey(_ number: UInt64) -> SigningKey {
        switch self {
        case .patient(let keys): keys.guardianKey(number)
        case .staff(let keys): Self.guardianKey(number, from: keys.device)
        case .organization(let keys): Self.guardianKey(number, from: keys.signing[0])
        case .auditor(let keys): Self.guardianKey(number, from: keys.signing)
        }
    }

    private static func guardianKey(_ number: UInt64, from key: SigningKey) -> SigningKey {
        KeyDerivation.key(for: .guardian(number: number), from: key.secretBytes) { SigningKey($0) }
    }

    /// The guardian keys of this home among some keys.
    public func guardianKeys(among keys: some Sequence<PublicKey>) -> [SigningKey] {
        let wanted = Set(keys)
        return Self.guardianNumbers.map(guardianKey).filter { wanted.contains($0.publicKey) }
    }
}
