import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `init`: an auditor's key.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an auditor's home and print the key to appoint.",
        discussion: """
            Example:
              careledger-auditor init --home ~/audit > auditor.json

            The printed key goes into the `auditors` of the consortium's description.
            """)

    @Option(help: ArgumentHelp("The directory to make.", valueName: "dir"))
    var home: String

    @Option(help: ArgumentHelp("The genesis file, if there is one already.", valueName: "file"))
    var genesis: String?

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var form: OutputOptions

    func run() async throws {
        let home = WalletHome(path: home)
        if let genesis { try home.prepare(try WalletHome.loadGenesis(at: genesis)) }
        let keys = AuditorKeys.random()
        _ = try Keystore.create(.auditor(keys), in: home, password: try passphrase.newPassphrase(of: home.path))
        form.show([Field("key", text: keys.signing.publicKey)])
    }
}
