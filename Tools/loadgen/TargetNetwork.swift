import Client
import Cryptography
import Foundation
import Ledger

/// The network that is measured, and the organisations for which there are keys.
struct TargetNetwork {
    let genesis: Genesis
    let organizations: [Organization]
    let nodes: [NodeAddress]

    /// An organisation that signs for itself.
    struct Organization {
        let id: OrganizationID
        let keys: [SigningKey]
    }

    /// Reads a home.
    ///
    /// - Parameters:
    ///   - home: What `careledger-validator devnet` made, or an organisation's wallet home.
    ///   - urls: The nodes to load; the genesis file's when empty.
    ///   - password: Opens the keystores.
    init(home: String, urls: [String], password: String) throws {
        genesis = try WalletHome(path: home).loadGenesis()
        let wallets =
            WalletHome(path: home).exists
            ? [home]
            : try FileManager.default.contentsOfDirectory(atPath: home + "/organizations").sorted()
                .map { home + "/organizations/" + $0 }
        organizations = try wallets.map { try Self.organization($0, password) }
        let genesis = genesis
        nodes =
            urls.isEmpty
            ? NodeAddress.all(in: genesis)
            : try urls.map { url in
                guard let node = NodeAddress(url, in: genesis) else { throw LoadFailure.notANode(url) }
                return node
            }
    }

    private static func organization(_ path: String, _ password: String) throws -> Organization {
        let keystore = try Keystore.open(WalletHome(path: path), password: SecretBytes(copying: password.utf8))
        guard case .organization(let keys) = keystore.identity, let id = keys.organization else {
            throw LoadFailure.notAnOrganization(path)
        }
        return Organization(id: id, keys: keys.signing)
    }
}

/// Why nothing, or nothing good, was measured.
enum LoadFailure: Error, CustomStringConvertible {
    case notANode(String)
    case notAnOrganization(String)
    case noReceipt
    case operationRefused(Refusal)
    case failed(Int)
    /// Answers that were none, by status; 0 for a connection that broke.
    case refused([UInt: Int])
    case grantNotHeld

    var description: String {
        switch self {
        case .notANode(let url): "\(url) is not a node's address (https://host:port)"
        case .notAnOrganization(let path): "\(path) is not the home of an organisation on this chain"
        case .noReceipt: "a node called a transaction final and gave no receipt"
        case .operationRefused(let refusal): "the ledger refused an operation of the load: \(refusal)"
        case .grantNotHeld: "the validators did not acknowledge their fragments of the grant"
        case .refused(let failures):
            failures.sorted { $0.key < $1.key }.map { "\($0.value) answers with status \($0.key)" }.joined(
                separator: ", ")
        case .failed(let count): "\(count) transactions did not become final"
        }
    }
}
