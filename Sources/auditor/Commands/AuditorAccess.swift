import Client
import Cryptography
import Terminal

/// An auditor's way to the ledger: their home, and whom they ask.
struct AuditorAccess {
    let home: String
    let genesis: String?
    let node: [String]
    let trust: CheckpointOptions
    let passphrase: PassphraseOptions

    /// Opens the home and does something with the ledger as its auditor.
    func withLedger<Value>(_ body: (LedgerClient, SigningKey) async throws -> Value) async throws -> Value {
        let home = WalletHome(path: home)
        guard home.exists else {
            throw ProgramFailure("there is no auditor in \(home.path): make one with `careledger-auditor init`")
        }
        if let genesis { try home.prepare(try WalletHome.loadGenesis(at: genesis)) }
        guard home.hasGenesis else {
            throw ProgramFailure("\(home.path) has no genesis file yet: give it with --genesis")
        }
        let chain = try home.loadGenesis()
        let keystore = try Keystore.open(home, password: try passphrase.passphrase(of: home.path))
        guard let key = keystore.identity.requestKey else {
            throw ProgramFailure("\(home.path) holds no key to ask with", code: .usage)
        }
        let ledger = try LedgerClient(
            chain, urls: node, home: home, checkpoint: try trust.load(chain), isStrict: true)
        do {
            let value = try await body(ledger, key)
            await ledger.shutDown()
            return value
        } catch {
            await ledger.shutDown()
            throw error
        }
    }
}
