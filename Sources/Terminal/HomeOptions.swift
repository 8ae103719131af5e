public import ArgumentParser
public import Client
public import Cryptography
internal import Foundation
public import Ledger

/// The options of every command that works in a home.
public struct HomeOptions: ParsableArguments {
    /// The variable that names the home when `--home` does not.
    public static let variable = "CARELEDGER_HOME"

    @Option(
        name: .customLong("home"),
        help: ArgumentHelp(
            "The home, which holds one identity; else \(Self.variable) or ~/.careledger.", valueName: "dir"))
    public var path: String?

    @Option(
        help: ArgumentHelp("A node to ask (repeatable); else those of the genesis file.", valueName: "url"))
    public var node: [String] = []

    @Option(
        help: ArgumentHelp("The consortium's genesis file, for a home that has none yet.", valueName: "file"))
    public var genesis: String?

    @Flag(help: "Show how far long transfers are though standard error is no terminal.")
    public var progress = false

    @Flag(help: "Leave a patient's grants as they are though the validators have changed.")
    public var noRenewal = false

    @OptionGroup public var trust: CheckpointOptions
    @OptionGroup public var passphrase: PassphraseOptions
    @OptionGroup public var printing: OutputOptions

    public init() {}

    public func validate() throws {
        guard node.allSatisfy(NodeAddress.isAddress) else { throw ValidationError("--node must be https://HOST:PORT") }
    }

    /// The home.
    public var home: WalletHome {
        let environment = ProcessInfo.processInfo.environment
        return WalletHome(
            path: path ?? environment[Self.variable] ?? environment["HOME", default: "."] + "/.careledger")
    }

    /// Puts the genesis file that was given into the home.
    public func installGenesis() throws {
        if let genesis { try home.prepare(try WalletHome.loadGenesis(at: genesis)) }
    }

    /// Opens the home, works in it, and closes the connections however it ends.
    ///
    /// - Parameter work: Gets the open home. Other programs are kept out of it meanwhile.
    public func withSession<Value>(_ work: (inout Session) async throws -> Value) async throws -> Value {
        try await withSession(lock: { try WalletLock(home) }, headsIn: home, work)
    }

    /// Works in the home beside other programs, for a long time: changes nothing in it.
    public func withReadingSession<Value>(_ work: (inout Session) async throws -> Value) async throws -> Value {
        try await withSession(lock: { nil }, headsIn: nil, work)
    }

    private func withSession<Value>(
        lock: () throws -> WalletLock?, headsIn heads: WalletHome?, _ work: (inout Session) async throws -> Value
    ) async throws -> Value {
        let keystore = try openKeystore()
        let lock = try lock()
        guard home.hasGenesis else {
            throw ProgramFailure("\(home.path) has no genesis file yet: give it with --genesis")
        }
        let genesis = try home.loadGenesis()
        let announcement = Announcement(SummaryNames(genesis, keystore.identity))
        let ledger = try LedgerClient(
            genesis, urls: node, home: heads, checkpoint: try trust.load(genesis), announce: announcement.announce)
        do {
            var session = Session(home: home, keystore: keystore, ledger: ledger, lock: lock, showsProgress: progress)
            if lock != nil { try await session.findRegistration() }
            let value = try await work(&session)
            if lock != nil, !noRenewal { await session.renewGrants() }
            await ledger.shutDown()
            return value
        } catch {
            await ledger.shutDown()
            throw error
        }
    }

    /// Opens the home's keystore.
    public func openKeystore() throws -> Keystore {
        try installGenesis()
        guard home.exists else {
            throw ProgramFailure("there is no identity in \(home.path): make one with `careledger-wallet init`")
        }
        return try Keystore.open(home, password: try passphrase.passphrase(of: home.path))
    }
}

/// A home at work: who, on which ledger.
public struct Session: Sendable {
    /// The home.
    public let home: WalletHome
    /// The identity.
    public var keystore: Keystore
    /// The ledger.
    public let ledger: LedgerClient
    private let lock: WalletLock?
    private let showsProgress: Bool

    init(home: WalletHome, keystore: Keystore, ledger: LedgerClient, lock: WalletLock?, showsProgress: Bool) {
        self.home = home
        self.keystore = keystore
        self.ledger = ledger
        self.lock = lock
        self.showsProgress = showsProgress
    }

    /// The consortium.
    public var genesis: Genesis { ledger.genesis }

    /// A bar for a long transfer.
    public func progressBar(_ title: String) -> ProgressBar { ProgressBar(title, forced: showsProgress) }

    /// The organisation that a person names, by its name or its identifier.
    public func organization(_ name: String) throws(ProgramFailure) -> OrganizationID {
        if let id = OrganizationID(hex: name.lowercased()) { return id }
        let found = genesis.organizations.filter { $0.name.lowercased() == name.lowercased() }
        guard let first = found.first, found.count == 1 else {
            let names = genesis.organizations.map(\.name).joined(separator: ", ")
            throw ProgramFailure("there is no organisation “\(name)” in this consortium, which has \(names)")
        }
        return first.id
    }

    /// What people call an organisation.
    public func name(of organization: OrganizationID) -> String {
        genesis.organizations.first { $0.id == organization }?.name ?? "\(organization)"
    }

    /// The key that signs what is not about one scope.
    public func requestKey() throws(ProgramFailure) -> SigningKey {
        guard let key = keystore.identity.requestKey else {
            throw ProgramFailure("this wallet has no scope yet: open one with `careledger-wallet scope open`")
        }
        return key
    }

    /// An organisation that was admitted later learns its identifier from the chain, once.
    private mutating func findOrganization() async throws {
        guard case .organization(var keys) = keystore.identity, keys.organization == nil else { return }
        let mine = Set(keys.signing.map(\.publicKey))
        guard !genesis.organizations.contains(where: { !mine.isDisjoint(with: $0.signingKeys) }),
            let found = try await keys.findOrganization(ledger)
        else { return }
        keys.organization = found
        keystore.identity = .organization(keys)
        try keystore.save()
    }

    /// A member of staff learns their identifier from the chain, once.
    fileprivate mutating func findRegistration() async throws {
        try await findOrganization()
        guard case .staff(var keys) = keystore.identity, keys.registration == nil else { return }
        guard let found = try await keys.findRegistration(ledger) else { return }
        keys.registration = found
        keystore.identity = .staff(keys)
        try keystore.save()
    }
}
