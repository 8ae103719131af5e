import ArgumentParser
import Node

/// `init`: keys and settings for a new validator.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a home with fresh keys and print the validator's public card as JSON.",
        discussion: """
            Example:
              careledger-validator init --home /var/lib/careledger --organization "North Hospital" \\
                --peer ledger.north.example:7400 --api https://ledger.north.example:7443 > north.card.json

            The card holds public keys and addresses only. The keys stay in the home, readable by their owner alone.
            """)

    @Option(help: ArgumentHelp("The directory to make.", valueName: "dir"))
    var home: String

    @Option(help: ArgumentHelp("The organisation's name, as the genesis will have it.", valueName: "name"))
    var organization: String

    @Option(help: ArgumentHelp("Where the other validators will reach this one.", valueName: "host:port"))
    var peer: String

    @Option(help: ArgumentHelp("Where clients will reach it.", valueName: "https://host:port"))
    var api: String

    @Option(help: ArgumentHelp("Where to listen for validators.", valueName: "host:port"))
    var peerListen: String?

    @Option(help: ArgumentHelp("Where to serve clients.", valueName: "host:port"))
    var apiListen: String?

    func validate() throws {
        guard let address = Address(peer), address.port > 0 else { throw ValidationError("--peer must be HOST:PORT") }
        guard api.hasPrefix("https://"), api.count > "https://".count else {
            throw ValidationError("--api must be https://HOST:PORT")
        }
    }

    func run() throws {
        var configuration = Configuration()
        if let address = Address(peer) { configuration.peerListen.port = address.port }
        if let port = Address(String(api.dropFirst("https://".count)))?.port { configuration.apiListen.port = port }
        if let peerListen { configuration.peerListen = try Self.address(peerListen, "--peer-listen") }
        if let apiListen { configuration.apiListen = try Self.address(apiListen, "--api-listen") }
        let made = try NodeHome.make(at: home, configuration: configuration)
        let card = ValidatorCard(organization: organization, keys: made.keys, peerAddress: peer, apiURL: api)
        print(card.json)
    }

    private static func address(_ text: String, _ option: String) throws -> Address {
        guard let address = Address(text) else { throw ValidationError("\(option) must be HOST:PORT") }
        return address
    }
}
