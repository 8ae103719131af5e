import ArgumentParser
import Node

/// `backup`: a home as a file, while its validator runs.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a validator's home to a file, whether the validator runs or not.",
        discussion: """
            Example:
              careledger-validator backup --home /var/lib/careledger --to /mnt/backup
              careledger-validator backup --home /var/lib/careledger --to north.backup --content

            It holds the blocks, the state, custody, the settings and the genesis file, all as they are at one moment, and \
            ends in a checksum. Sealed documents are left out, for other nodes keep them too; so are the keys, which belong \
            into a safe: whoever has them can sign in this validator's name. What the validator has said in votes is never \
            in it: a restored one asks the others before it votes again.
            """)

    @OptionGroup var options: HomeOptions

    @Option(help: ArgumentHelp("A new file, or a directory to make one in.", valueName: "file|dir"))
    var to: String

    @Flag(help: "Put this node's share of the sealed documents in too.")
    var content = false

    @Flag(help: "Put the secret keys in too.")
    var keys = false

    func run() throws {
        let made = try HomeBackup(of: NodeHome(path: options.home), BackupOptions(content: content, keys: keys)).make(
            at: to)
        printFields(
            [
                (name: "file", value: made.path), (name: "chain", value: made.chain),
                (name: "height", value: "\(made.height)"), (name: "records", value: "\(made.records)"),
                (name: "contents", value: "\(made.contents)"), (name: "keys", value: made.hasKeys ? "yes" : "no"),
                (name: "checksum", value: made.checksum),
            ], as: options.output)
    }
}
