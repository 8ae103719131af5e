import Cryptography
import Foundation
import Ledger
import Node

/// A directory that is gone when the test is.
enum TemporaryDirectory {
    static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = try make()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = try make()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    private static func make() throws -> String {
        let path = NSTemporaryDirectory() + "careledger-" + SystemRandom.bytes(8).hex
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// A consortium of one hospital that runs all the validators.
enum GenesisSample {
    static let hospitalKey = SigningKey.random()
    static let hospitalReceiving = ReceivingKey.random()
    static let hospitalSealing = SealingKey.random()
    static let auditorKey = SigningKey.random()

    static func description(name: String, documentCopies: Int = 0) -> String {
        let copies = documentCopies == 0 ? "" : ", \"documentCopies\": \(documentCopies)"
        let receiving = hospitalReceiving.publicKey
        let sealing = Data(hospitalSealing.publicKey.bytes).base64EncodedString()
        return """
            {
              "name": "\(name)", "time": "2026-01-31T08:00:00Z",
              "parameters": {"accessWindow": 50\(copies)},
              "organizations": [{
                "name": "hospital", "signingKeys": ["\(DIDKey(hospitalKey.publicKey))"], "threshold": 1,
                "receivingKey": "\(receiving.bytes.hex)", "sealingKey": "\(sealing)",
                "roles": ["clinician", "registrar", "privacy-officer"]
              }],
              "auditors": [{
                "name": "authority", "key": "\(auditorKey.publicKey)", "expires": "2030-01-01T00:00:00Z"
              }]
            }
            """
    }

    static func genesis(keys: [NodeKeys], name: String = "consortium", ports: [Int] = []) throws -> Genesis {
        let cards = keys.enumerated().map { index, keys in
            let port = index < ports.count ? ports[index] : 7400 + index
            return ValidatorCard(
                organization: "hospital", keys: keys, peerAddress: "127.0.0.1:\(port)",
                apiURL: "https://127.0.0.1:\(port + 1000)")
        }
        return try GenesisDescription(json: Array(description(name: name).utf8)).genesis(validators: cards)
    }
}
