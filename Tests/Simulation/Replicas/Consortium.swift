package import Codec
import Consensus
package import Cryptography
package import Ledger

/// A hospital with as many validators as wanted, and transactions that register its staff.
package struct Consortium {
    package let genesis: Genesis
    private let administrator: SigningKey
    private let organization: OrganizationID
    private var registered: UInt64 = 0

    /// - Parameter validators: 1 to 31.
    package init(validators: Int) {
        administrator = Self.key("administrator")
        let entry = Genesis.Organization(
            name: "Hospital", signingKeys: [administrator.publicKey], threshold: 1,
            receivingKey: Self.key("receiving").publicKey, sealingKey: Self.sealing, roles: [.clinician])
        organization = entry.id
        let keys = SymbolicKeys.validators(validators).keys
        do {
            genesis = try Genesis(
                name: "Consortium", time: Timestamp(rawValue: 1), parameters: Genesis.Parameters(),
                organizations: [entry],
                validators: keys.enumerated().map { place, key in
                    Genesis.Validator(
                        organization: entry.id, consensusKey: key, certificate: [1], sealingKey: Self.sealing,
                        peerAddress: "v\(place).example:1", apiURL: "https://v\(place).example:2")
                }, auditors: [])
        } catch {
            preconditionFailure("the consortium's genesis is valid: \(error)")
        }
    }

    /// A transaction that nobody has made before.
    ///
    /// - Parameter padding: Bytes of pseudonyms, to make it longer: one more operation for each 100.
    package mutating func transaction(validUntil: Height, padding: Int = 0, signedBy key: SigningKey? = nil)
        -> Transaction
    {
        let operations = (0...padding / 100).map { _ in Operation.registerStaff(arrival()) }
        let nonce = Array(Digest.sha256(Array("nonce \(registered)".utf8)).bytes.prefix(TransactionBody.nonceLength))
        let body = TransactionBody(chain: genesis.chain, nonce: nonce, validUntil: validUntil, operations: operations)
        return Transaction(body, signedBy: [key ?? administrator])
    }

    /// The validator that the machine with this number would be.
    package func candidate(_ machine: Int) -> ValidatorCandidate {
        let entry = Genesis.Validator(
            organization: organization, consensusKey: SymbolicKeys.key(machine), certificate: [1, UInt8(machine)],
            sealingKey: Self.sealing, peerAddress: "m\(machine).example:1", apiURL: "https://m\(machine).example:2")
        return ValidatorCandidate(entry, signedBy: SymbolicKeys.signing(machine), on: genesis.chain)
    }

    /// A transaction with which the only organisation changes the consortium at once.
    package mutating func change(_ change: Change, validUntil: Height = Height(rawValue: 5000)) -> Transaction {
        registered += 1
        let operation = ProposeChange(
            organization: organization, change: change,
            expires: genesis.time.advanced(byMilliseconds: ProposeChange.longestVote))
        let nonce = Array(Digest.sha256(Array("change \(registered)".utf8)).bytes.prefix(TransactionBody.nonceLength))
        let body = TransactionBody(
            chain: genesis.chain, nonce: nonce, validUntil: validUntil, operations: [.proposeChange(operation)])
        return Transaction(body, signedBy: [administrator])
    }

    /// A transaction whose signature does not hold.
    package mutating func forgery(validUntil: Height) -> Transaction {
        let genuine = transaction(validUntil: validUntil)
        var bytes = genuine.bytes
        // The signature's last bytes end the envelope: another low s that nobody computed.
        bytes[bytes.count - 1] ^= 1
        do { return try Transaction(decoding: bytes) } catch {
            preconditionFailure("a changed signature still has its form: \(error)")
        }
    }

    private mutating func arrival() -> RegisterStaff {
        registered += 1
        let device = Self.key("device \(registered)").publicKey
        return RegisterStaff(
            organization: organization, role: .clinician, pseudonym: "member \(registered)",
            registrationHash: .sha256(Array("\(registered)".utf8)), deviceKey: device, receivingKey: device,
            sealingKey: Self.sealing, expires: Timestamp.maximum, needsCosignature: true)
    }

    private static func key(_ name: String) -> SigningKey {
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
