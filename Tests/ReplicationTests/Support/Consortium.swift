import Codec
import Consensus
import Cryptography
import Ledger

/// Four validators of one hospital, and the staff it registers.
struct Consortium {
    let keys: [SigningKey]
    let genesis: Genesis
    let validators: ValidatorSet
    private let administrator: SigningKey
    private let organization: OrganizationID

    init() throws {
        keys = (0..<4).map { Self.key("validator \($0)") }
        administrator = Self.key("administrator")
        let entry = Genesis.Organization(
            name: "Hospital", signingKeys: [administrator.publicKey], threshold: 1,
            receivingKey: Self.key("receiving").publicKey, sealingKey: Self.sealing, roles: [.clinician])
        organization = entry.id
        genesis = try Genesis(
            name: "Consortium", time: Timestamp(rawValue: 1_700_000_000_000), parameters: Genesis.Parameters(),
            organizations: [entry],
            validators: keys.enumerated().map { index, key in
                Genesis.Validator(
                    organization: entry.id, consensusKey: key.publicKey, certificate: [1], sealingKey: Self.sealing,
                    peerAddress: "v\(index).example:1", apiURL: "https://v\(index).example:2")
            }, auditors: [])
        guard let set = ValidatorSet(keys.map(\.publicKey)) else { preconditionFailure("four keys make a set") }
        validators = set
    }

    /// A transaction that registers a member of staff.
    func registration(_ name: String, validUntil: UInt64 = 1000) -> Transaction {
        let operation = RegisterStaff(
            organization: organization, role: .clinician, pseudonym: name,
            registrationHash: .sha256(Array(name.utf8)), deviceKey: Self.key("device \(name)").publicKey,
            receivingKey: Self.key("receiving \(name)").publicKey, sealingKey: Self.sealing,
            expires: Timestamp(rawValue: 1_900_000_000_000), needsCosignature: true)
        let body = TransactionBody(
            chain: genesis.chain, nonce: Array(Digest.sha256(Array("nonce \(name)".utf8)).bytes.prefix(16)),
            validUntil: Height(rawValue: validUntil), operations: [.registerStaff(operation)])
        return Transaction(body, signedBy: [administrator])
    }

    /// The key of a node that is no validator at first.
    func guest(_ number: Int) -> SigningKey { Self.key("guest \(number)") }

    /// A validator that may join.
    func candidate(_ key: SigningKey, at address: String) -> ValidatorCandidate {
        ValidatorCandidate(
            Genesis.Validator(
                organization: organization, consensusKey: key.publicKey, certificate: Array(address.utf8),
                sealingKey: Self.sealing, peerAddress: "\(address).example:1", apiURL: "https://\(address).example:2"),
            signedBy: key, on: genesis.chain)
    }

    /// A transaction with which the only organisation changes the set at once.
    func change(_ change: Change, _ name: String) -> Transaction {
        let operation = ProposeChange(
            organization: organization, change: change, expires: Timestamp(rawValue: 1_700_000_000_000 + 86_400_000))
        let body = TransactionBody(
            chain: genesis.chain, nonce: Array(Digest.sha256(Array("change \(name)".utf8)).bytes.prefix(16)),
            validUntil: Height(rawValue: 1000), operations: [.proposeChange(operation)])
        return Transaction(body, signedBy: [administrator])
    }

    /// The same transaction with a signature that does not hold.
    func forged(_ name: String) -> Transaction {
        Transaction(registration(name).body, signedBy: [Self.key("stranger")])
    }

    static func key(_ name: String) -> SigningKey {
        guard let key = SigningKey(SecretBytes(copying: Digest.sha256(Array(name.utf8)).bytes)) else {
            preconditionFailure("almost every hash is a key")
        }
        return key
    }

    private static let sealing: SealingPublicKey = {
        guard let key = SealingPublicKey([UInt8](repeating: 0, count: SealingPublicKey.length)) else {
            preconditionFailure("zeros have the shape of a sealing key")
        }
        return key
    }()
}
