import ArgumentParser
import Client
import Codec
import Cryptography
import Dispatch
import Foundation
import Glibc
import Ledger
import Node
import Terminal

/// `devnet`: a whole network on one machine, for people who develop against it.
struct DevnetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devnet",
        abstract: "Make and run a local network: N validators as N processes on loopback, with TLS between them.",
        discussion: """
            Example:
              careledger-validator devnet --validators 4 --home /tmp/devnet

            Makes one hospital a validator and an auditor, whose wallets are in DIR/organizations and DIR/auditor \
            (password: devnet), and DIR/genesis.cbor for other wallets. Run again with the same directory it goes on \
            where it stopped. Ctrl-C or SIGTERM stops all of it. Nothing here is fit for real records.
            """)

    @Option(help: ArgumentHelp("How many validators: 1 to 31; 4 when left out.", valueName: "n"))
    var validators: Int?

    @Option(help: ArgumentHelp("The directory of the network.", valueName: "dir"))
    var home: String

    @Flag(help: "Make the homes and the genesis file, and run nothing.")
    var prepareOnly = false

    @Option(
        help: ArgumentHelp(
            "With --prepare-only: validator i is to have the address PREFIX.(i + 1), for machines of their own.",
            valueName: "prefix"))
    var subnet: String?

    @Option(help: ArgumentHelp("How to print.", valueName: "table|json"))
    var output = OutputForm.table

    func validate() throws {
        guard (1...31).contains(validators ?? 4) else { throw ValidationError("--validators must be 1 to 31") }
        guard let subnet else { return }
        guard prepareOnly else {
            throw ValidationError("--subnet needs --prepare-only: this machine has no such addresses")
        }
        let parts = subnet.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ UInt8($0) != nil }) else {
            throw ValidationError("--subnet must be three numbers, as in 10.77.0")
        }
    }

    func run() throws {
        let devnet = Devnet(path: home, subnet: subnet)
        let genesis = try devnet.prepare(validators: validators ?? 4)
        if let validators, validators != genesis.validators.count {
            throw ValidationError(
                "\(home) holds a network of \(genesis.validators.count): leave --validators out or name another directory"
            )
        }
        let urls = genesis.validators.map(\.apiURL)
        printFields(
            [("chain", "\(genesis.chain)"), ("genesis", devnet.genesisFile)].map { (name: $0.0, value: $0.1) }
                + urls.enumerated().map { (name: "validator-\($0)", value: $1) }, as: output)
        fflush(nil)
        if prepareOnly { return }
        Program.note(devnet.invitation(genesis))
        try Self.run(devnet, count: genesis.validators.count)
    }

    /// Runs the validators until one of them fails or somebody stops the network.
    private static func run(_ devnet: Devnet, count: Int) throws {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        // Signals are taken by the sources below, in a thread that may do more than a handler.
        for number in [SIGINT, SIGTERM] { signal(number, SIG_IGN) }
        let children = try (0..<count).map { index in
            try ChildProcess(
                program, ["run", "--home", devnet.validatorHome(index), "--until-input-ends"],
                logFile: devnet.logFile(index))
        }
        let identifiers = children.map(\.identifier)
        let sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { for child in identifiers { kill(child, SIGTERM) } }
            source.activate()
            return source
        }
        var failure: ProgramFailure?
        var living = Set(identifiers)
        while let (identifier, code) = ChildProcess.waitForAny() {
            guard let index = identifiers.firstIndex(of: identifier) else { continue }
            if code != 0, failure == nil {
                failure = ProgramFailure(
                    message: "validator-\(index) ended with \(code); see \(devnet.logFile(index))")
            }
            // One that ends takes the others with it: a network that lacks some is not what was asked for.
            living.remove(identifier)
            for child in living { kill(child, SIGTERM) }
        }
        withExtendedLifetime((sources, children)) {}
        if let failure { throw failure }
    }
}

/// The directory of a local network.
struct Devnet {
    static let password = "devnet"

    let path: String
    /// The first three numbers of the validators' addresses; loopback and free ports when left out.
    let subnet: String?

    var genesisFile: String { path + "/genesis.cbor" }
    func validatorHome(_ index: Int) -> String { path + "/validator-\(index)" }
    func logFile(_ index: Int) -> String { path + "/validator-\(index).log" }
    private func organizationHome(_ index: Int) -> WalletHome {
        WalletHome(path: path + "/organizations/hospital-\(index)")
    }

    /// How to talk to the network, for the person who started it.
    func invitation(_ genesis: Genesis) -> String {
        """
        \(genesis.validators.count) validators are starting; Ctrl-C or SIGTERM stops them. From another terminal:
          careledger-validator status --home \(validatorHome(0))
          CARELEDGER_PASSPHRASE=\(Self.password) careledger-wallet staff list --home \(path)/organizations/hospital-0
          CARELEDGER_PASSPHRASE=\(Self.password) careledger-auditor follow --home \(path)/auditor
          careledger-wallet init --home patient --genesis \(genesisFile)
        """
    }

    /// Makes everything that is not there yet.
    func prepare(validators count: Int) throws -> Genesis {
        if FileManager.default.fileExists(atPath: genesisFile) { return try WalletHome.loadGenesis(at: genesisFile) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let ports = subnet == nil ? FreePorts.find(2 * count) : []
        let cards = try (0..<count).map { index in
            guard let subnet else {
                return try makeValidator(
                    index, host: "127.0.0.1", peerPort: ports[2 * index], apiPort: ports[2 * index + 1])
            }
            return try makeValidator(index, host: "\(subnet).\(index + 1)", peerPort: 7400, apiPort: 7443)
        }
        let organizations = (0..<count).map { _ in OrganizationKeys.random() }
        let auditor = AuditorKeys.random()
        let description = try GenesisDescription(json: Array(Self.description(organizations, auditor).utf8))
        let genesis = try description.genesis(validators: cards)
        for index in 0..<count { try NodeHome(path: validatorHome(index)).install(genesis) }
        for (index, var keys) in organizations.enumerated() {
            keys.organization = genesis.organizations[index].id
            try Self.makeWallet(organizationHome(index), .organization(keys), genesis)
        }
        try Self.makeWallet(WalletHome(path: path + "/auditor"), .auditor(auditor), genesis)
        // Last: a directory with a genesis file is complete.
        try Data(genesis.encoded).write(to: URL(filePath: genesisFile), options: .atomic)
        return genesis
    }

    private func makeValidator(_ index: Int, host: String, peerPort: Int, apiPort: Int) throws -> ValidatorCard {
        var configuration = Configuration()
        configuration.peerListen = Address(host: host, port: peerPort)
        configuration.apiListen = Address(host: host, port: apiPort)
        configuration.networkDelay = .milliseconds(100)
        let made = try NodeHome.make(at: validatorHome(index), configuration: configuration)
        return ValidatorCard(
            organization: "hospital-\(index)", keys: made.keys, peerAddress: "\(host):\(peerPort)",
            apiURL: "https://\(host):\(apiPort)")
    }

    private static func makeWallet(_ home: WalletHome, _ identity: Identity, _ genesis: Genesis) throws {
        try home.prepare(genesis)
        _ = try Keystore.create(identity, in: home, password: SecretBytes(copying: password.utf8))
    }

    private static func description(_ organizations: [OrganizationKeys], _ auditor: AuditorKeys) -> String {
        let members = organizations.enumerated().map { index, keys in
            """
            {"name": "hospital-\(index)", "signingKeys": ["\(keys.signing[0].publicKey)"], "threshold": 1,
             "receivingKey": "\(keys.receiving.publicKey)",
             "sealingKey": "\(Data(keys.sealing.publicKey.bytes).base64EncodedString())",
             "roles": [\(Role.allCases.map { "\"\($0.name)\"" }.joined(separator: ", "))]}
            """
        }
        return """
            {"name": "devnet", "time": "\(Date.now.ISO8601Format())",
             "organizations": [\(members.joined(separator: ",\n"))],
             "auditors": [{"name": "auditor", "key": "\(auditor.signing.publicKey)",
                           "expires": "2100-01-01T00:00:00Z"}]}
            """
    }
}
