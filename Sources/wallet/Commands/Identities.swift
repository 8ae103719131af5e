import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Gateway
import Ledger
import Terminal

extension HomeOptions {
    /// Works as a patient.
    func asPatient<Value>(_ work: (inout Session, PatientKeys) async throws -> Value) async throws -> Value {
        try await withSession { session in
            try await session.followEpochs()
            guard case .patient(let keys) = session.keystore.identity else {
                throw ProgramFailure("this needs a patient's home; \(session.home.path) holds another identity")
            }
            return try await work(&session, keys)
        }
    }

    /// Works as a registered member of staff.
    func asStaff<Value>(
        _ work: (inout Session, StaffKeys, StaffKeys.Registration) async throws -> Value
    ) async throws -> Value {
        try await withSession { session in
            guard case .staff(let keys) = session.keystore.identity else {
                throw ProgramFailure("this needs a home of staff; \(session.home.path) holds another identity")
            }
            guard let registration = keys.registration else {
                throw ProgramFailure("nobody has registered this device yet: give your employer what `whoami` prints")
            }
            return try await work(&session, keys, registration)
        }
    }

    /// Works as an organisation.
    func asOrganization<Value>(
        _ work: (inout Session, OrganizationDesk, OrganizationKeys) async throws -> Value
    ) async throws -> Value {
        try await withSession { session in
            guard case .organization(let keys) = session.keystore.identity else {
                throw ProgramFailure("this needs an organisation's home; \(session.home.path) holds another identity")
            }
            return try await work(&session, try OrganizationDesk(session.ledger, keys), keys)
        }
    }
}

/// `--cosign DIR`: signs with another home on this machine in the same go.
struct CosignOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "An organisation's home on this machine that signs as well (repeatable; its passphrase is the same), or its "
                + "gateway, https://host:port, which signs for a --code or where a second device has signed.",
            valueName: "dir"))
    var cosign: [String] = []

    @Option(help: ArgumentHelp("With --cosign https://host:port: the code of your authenticator.", valueName: "code"))
    var code: String?

    @Option(help: ArgumentHelp("With --cosign https://host:port: the gateway's certificate.", valueName: "file"))
    var gatewayCertificate: String?

    @Option(
        help: ArgumentHelp(
            "Write the transaction into this file instead, for others to sign and submit.", valueName: "file"))
    var transactionFile: String?

    /// The organisations' keys.
    func organizations(_ options: HomeOptions) throws -> [OrganizationKeys] {
        try cosign.filter { !Self.isGateway($0) }.map { path in
            let keystore = try Keystore.open(
                WalletHome(path: path), password: try options.passphrase.passphrase(of: path))
            guard case .organization(let keys) = keystore.identity else {
                throw ProgramFailure("\(path) holds no organisation's identity", code: .usage)
            }
            return keys
        }
    }

    private static func isGateway(_ text: String) -> Bool { text.hasPrefix("https://") }

    func validate() throws {
        let gateways = cosign.filter(Self.isGateway)
        guard gateways.count <= 1 else { throw ValidationError("--cosign names one gateway") }
        guard gateways.isEmpty == (gatewayCertificate == nil), code == nil || !gateways.isEmpty else {
            throw ValidationError("a gateway goes with --gateway-certificate and a --code")
        }
    }

    /// The transaction with the gateway's signature, where there is one.
    func cosigned(_ transaction: Transaction) async throws -> Transaction {
        guard let url = cosign.first(where: Self.isGateway), let gatewayCertificate else { return transaction }
        return try await GatewayDoor(url: url, certificate: gatewayCertificate).cosigned(transaction, code: code)
    }

    /// The keys that sign as well.
    func keys(_ options: HomeOptions) throws -> [SigningKey] { try organizations(options).flatMap(\.signing) }

    /// The organisations as those for whom a grant may be.
    func recipients(_ options: HomeOptions, _ session: Session) throws -> [GrantRecipient] {
        try organizations(options).map { keys in
            GrantRecipient(keys, try OrganizationDesk(session.ledger, keys).organization)
        }
    }

    /// A scope's card: from the organisation's home that signs as well, or passed on earlier.
    func card(
        of scope: ScopeID, _ session: Session, _ keys: StaffKeys, _ options: HomeOptions
    ) async throws -> ScopeCard {
        if let organization = try organizations(options).first {
            return try await OrganizationDesk(session.ledger, organization).card(of: scope)
        }
        return try CardBox(session.home).card(of: scope).open(with: keys.sealing, on: session.ledger.chain)
    }

    /// Writes the transaction into the file, or submits it.
    ///
    /// - Returns: Whether it is on the chain.
    func finish(_ transaction: Transaction, _ session: Session) async throws -> Bool {
        if let transactionFile {
            _ = try TransactionFile(writing: transaction, to: transactionFile)
            Program.note(
                "Not submitted. \(transactionFile) awaits signatures: careledger-wallet transaction sign, then submit")
            return false
        }
        try await session.ledger.apply(try await cosigned(transaction))
        return true
    }
}

extension Session {
    /// The scope of this category, which the wallet knows.
    func scope(_ category: String, of keys: PatientKeys) throws -> ScopeKeys {
        guard let scope = keys.scope(named: category) else {
            let known = keys.scopes.map(\.category).joined(separator: ", ")
            throw ProgramFailure("this wallet has no scope “\(category)”; it has: \(known.isEmpty ? "none" : known)")
        }
        return scope
    }

    /// The scope that a document was put into, among this patient's.
    func scope(holding document: DocumentID, of keys: PatientKeys) async throws -> ScopeKeys {
        let keeper = ConsentKeeper(ledger, home: home)
        for scope in keys.allKeys where try await keeper.record(of: scope) != nil {
            if try await keeper.events(of: scope).holds(document, in: scope.id) { return scope }
        }
        throw ProgramFailure("none of this wallet's scopes has document \(document)")
    }

    /// The scope that a document or a grant belongs to, among this patient's.
    func scope(
        of keys: PatientKeys, where isIt: ([LedgerEvent]) -> Bool, called what: String
    ) async throws -> (scope: ScopeKeys, events: [LedgerEvent]) {
        let keeper = ConsentKeeper(ledger, home: home)
        for scope in keys.allKeys where try await keeper.record(of: scope) != nil {
            let events = try await keeper.events(of: scope)
            if isIt(events) { return (scope, events) }
        }
        throw ProgramFailure("none of this wallet's scopes has \(what)")
    }
}

/// An organisation's gateway, as commands ask it.
struct GatewayDoor {
    let url: String
    let certificate: String

    /// The transaction with the gateway's signature.
    func cosigned(_ transaction: Transaction, code: String?) async throws -> Transaction {
        do throws(GatewayFailure) {
            return try await GatewayClient(url: url, certificateFile: certificate).cosign(
                transaction, code: code ?? "")
        } catch {
            if case .refused = error { throw ProgramFailure("\(error)", code: .refused) }
            throw ProgramFailure("\(error)", code: .failed)
        }
    }
}
