import Codec
import Cryptography
import Ledger

/// Keys and identifiers that are the same in every run.
enum Seeds {
    static func digest(_ number: UInt8) -> Digest { .hash([number], in: Domain("seed")) }

    static func secret(_ number: UInt8) -> SecretBytes { SecretBytes(copying: digest(number).bytes) }

    static func signing(_ number: UInt8) -> SigningKey {
        guard let key = SigningKey(secret(number)) else { preconditionFailure("a hash is a key") }
        return key
    }

    static func key(_ number: UInt8) -> PublicKey { signing(number).publicKey }

    static func content(_ number: UInt8) -> ContentID { ContentID(of: [number]) }

    static let sealingKey: SealingKey = {
        guard let key = SealingKey(secret(200)) else { preconditionFailure("32 bytes make a pair") }
        return key
    }()

    static let sealing = sealingKey.publicKey

    static let delegating: DelegatingKey = {
        guard let key = DelegatingKey(secret(201)) else { preconditionFailure("a hash is a key") }
        return key
    }()

    static let receiving: ReceivingKey = {
        guard let key = ReceivingKey(secret(202)) else { preconditionFailure("a hash is a key") }
        return key
    }()

    static let delegationKeys = DelegationKeys(
        delegating: delegating.publicKey, verifying: key(203), receiving: receiving.publicKey)

    /// Three fragments of which two are needed. They are drawn at random: no two runs alter the same ones.
    static let delegation = delegating.delegate(
        to: receiving.publicKey, signedBy: signing(203), threshold: 2, shares: 3)

    static let capsule = Encapsulation(for: delegating.publicKey).capsule

    static let chain = ChainID(digest(204))
    static let time = Timestamp(rawValue: 1_790_000_000_000)
}
