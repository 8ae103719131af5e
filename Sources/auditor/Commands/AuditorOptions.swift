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

    @OptionGroup var trust: CheckpointOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var form: OutputOptions

    func validate() throws {
        guard node.allSatisfy(NodeAddress.isAddress) else { throw ValidationError("--node must be https://HOST:PORT") }
    }

    /// Opens the home and does something with the ledger as its auditor.
    func withLedger<Value>(_ body: (LedgerClient, SigningKey) async throws -> Value) async throws -> Value {
        let access = AuditorAccess(home: home, genesis: genesis, node: node, trust: trust, passphrase: passphrase)
        return try await access.withLedger(body)
    }
}

/// What has a history.
enum SubjectKind: String, ExpressibleByArgument, CaseIterable {
    case document, scope, grant, staff, organization, validator

    /// Reads an identifier of this kind.
    func subject(_ identifier: String) throws -> Subject {
        let kind: Subject.Kind =
            switch self {
            case .document: .document
            case .scope: .scope
            case .grant: .grant
            case .staff: .staff
            case .organization: .organization
            case .validator: .validator
            }
        guard let subject = Subject(kind, hex: identifier) else {
            throw ProgramFailure(
                "\(identifier) is no \(rawValue)'s identifier: \(self == .scope ? 66 : 64) hexadecimal digits",
                code: .usage)
        }
        return subject
    }
}
