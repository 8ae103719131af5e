import API
import ArgumentParser
import Client
import Cryptography
import Ledger
import Terminal

/// The options of every command that asks nodes.
struct AuditorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The auditor's directory, made by init.", valueName: "dir"))
    var home: String

    @Option(
        help: ArgumentHelp("The consortium's genesis file; needed once, then the home keeps it.", valueName: "file"))
    var genesis: String?

    @Option(help: ArgumentHelp("Whom to ask (repeatable); all validators when left out.", valueName: "url"))
    var node: [String] = []

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var form: OutputOptions

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
        let ledger = try LedgerClient(chain, urls: node, home: home)
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

/// What has a history.
enum SubjectKind: String, ExpressibleByArgument, CaseIterable {
    case document, scope, grant, staff, organization

    /// Reads an identifier of this kind.
    func subject(_ identifier: String) throws -> Subject {
        let kind: Subject.Kind =
            switch self {
            case .document: .document
            case .scope: .scope
            case .grant: .grant
            case .staff: .staff
            case .organization: .organization
            }
        guard let subject = Subject(kind, hex: identifier) else {
            throw ProgramFailure(
                "\(identifier) is no \(rawValue)'s identifier: \(self == .scope ? 66 : 64) hexadecimal digits",
                code: .usage)
        }
        return subject
    }
}
