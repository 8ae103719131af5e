import ArgumentParser
import Ledger
import Node

/// `restore`: a home from a backup.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a validator's home from a backup.",
        discussion: """
            Example:
              careledger-validator restore --from /mnt/backup/careledger-1c9e0b42-81234.backup --home /var/lib/careledger

            The home must not be there yet, or hold nothing but keys, settings and the genesis file. The backup is read \
            through and its checksum compared before anything is put into its place. The validator that starts there \
            fetches what it missed, and is silent until it cannot contradict what it said before. Never run it while the \
            old one still runs.
            """)

    @OptionGroup var options: HomeOptions

    @Option(help: ArgumentHelp("The backup.", valueName: "file"))
    var from: String

    @Option(help: ArgumentHelp("The chain that it must be of, as `genesis` printed it.", valueName: "hex"))
    var chain: String?

    func validate() throws {
        if let chain, ChainID(hex: chain) == nil { throw ValidationError("--chain must be 64 hexadecimal digits") }
    }

    func run() async throws {
        let restore = HomeRestore(to: NodeHome(path: options.home))
        let made = try await restore.run(from: from, chain: chain.flatMap { ChainID(hex: $0) })
        printFields(
            [
                (name: "chain", value: made.chain), (name: "height", value: "\(made.height)"),
                (name: "contents", value: "\(made.contents)"),
                (
                    name: "keys",
                    value: made.hasKeys
                        ? "there" : "missing: put the key files into \(options.home)/keys before it runs"
                ),
            ], as: options.output)
    }
}
