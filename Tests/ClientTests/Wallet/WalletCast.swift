import Client
import Codec
import Cryptography
import Foundation
import Ledger

/// Keys that follow from a name, and a home that goes away.
enum WalletCast {
    static func digest(_ name: String) -> Digest { .hash(Array(name.utf8), in: Domain("test-seed")) }

    static func secret(_ name: String) -> SecretBytes { SecretBytes(copying: digest(name).bytes) }

    static func signing(_ name: String) -> SigningKey {
        guard let key = SigningKey(secret("signing \(name)")) else { preconditionFailure("a hash is a key") }
        return key
    }

    static func sealing(_ name: String) -> SealingKey {
        guard let key = SealingKey(secret("sealing \(name)")) else { preconditionFailure("32 bytes are a key") }
        return key
    }

    static func receiving(_ name: String) -> ReceivingKey {
        guard let key = ReceivingKey(secret("receiving \(name)")) else { preconditionFailure("a hash is a key") }
        return key
    }

    static let chain = ChainID(digest("chain"))
    static let hospital = OrganizationID(digest("hospital"))
    static let clinician = StaffID(digest("clinician"))

    static let patient: PatientKeys = {
        guard let mnemonic = Mnemonic(entropy: SecretBytes(copying: [UInt8](repeating: 7, count: 32))),
            let scope = PatientKeys.ScopeName(category: "imaging")
        else { preconditionFailure("32 bytes make a phrase") }
        return PatientKeys(mnemonic, scopes: [scope])
    }()

    static let scope = patient.allKeys[0]

    static let staff = StaffKeys(
        device: signing("device"), receiving: receiving("clinician"), sealing: sealing("clinician"))

    static func transaction(_ operations: Ledger.Operation..., by keys: [SigningKey]) -> Transaction {
        let body = TransactionBody(
            chain: chain, nonce: [UInt8](repeating: 1, count: 16), validUntil: Height(rawValue: 100),
            operations: operations)
        return Transaction(body, signedBy: keys)
    }

    /// Runs `body` with a directory that is removed afterwards.
    static func withHome<Result>(_ body: (WalletHome) throws -> Result) throws -> Result {
        let path = NSTemporaryDirectory() + "careledger-wallet-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(WalletHome(path: path))
    }
}
