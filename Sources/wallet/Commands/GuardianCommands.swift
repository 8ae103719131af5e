import API
import ArgumentParser
import Client
import Cryptography
import Terminal

/// `guardian`: the phrase in shares that others keep.
struct GuardianCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guardian",
        abstract: "Guardians: shares of the phrase (SLIP-0039), and on the chain who may give a scope a new owner.",
        subcommands: [
            SplitCommand.self, GuardianRestoreCommand.self, GuardianKeyCommand.self, AppointCommand.self,
            GuardianStatusCommand.self, VetoCommand.self, ProposeOwnerCommand.self, ApproveCommand.self,
            ConfirmOwnerCommand.self, RecoverCommand.self,
        ])

    struct SplitCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "split",
            abstract: "Print shares of this home's phrase, each once.",
            discussion: """
                Examples:
                  careledger-wallet guardian split --group 3/5
                  careledger-wallet guardian split --needed 2 --group 1/1 --group 2/3 --group 3/5
                  careledger-wallet guardian split --recovery --group 2/3

                3/5 are five shares of which any three are enough. With several groups, --needed of them must each be \
                complete. Fewer shares say nothing at all of the phrase. --recovery shares not the phrase but the secret \
                of recovery grants: it opens what those let open, on record, and signs nothing. Write each on paper, give it to its guardian, and \
                keep none on this machine. They are made anew each time; shares of different runs do not fit together.
                """)

        @Option(help: ArgumentHelp("A group: how many shares are needed of how many (repeatable).", valueName: "t/n"))
        var group: [String] = []

        @Option(help: ArgumentHelp("How many groups are needed.", valueName: "n"))
        var needed = 1

        @Flag(help: "Share the secret of recovery grants instead of the phrase.") var recovery = false

        @OptionGroup var secret: SharePassphraseOptions
        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard !group.isEmpty else { throw ValidationError("give at least one --group, for example 3/5") }
            for text in group {
                guard Self.group(text) != nil else {
                    throw ValidationError(
                        "“\(text)” is no group: needed/all, 1 to 16, and a single share only of groups of one")
                }
            }
            guard (1...group.count).contains(needed), group.count <= 16 else {
                throw ValidationError("--needed must be 1 to the number of groups, which are at most 16")
            }
        }

        func run() async throws {
            guard case .patient(let keys) = try options.openKeystore().identity else {
                throw ProgramFailure("this needs a patient's home; \(options.home.path) holds another identity")
            }
            let shares = try SecretSharing.split(
                recovery ? keys.recoverySecret : keys.mnemonic.entropy, groupThreshold: needed,
                groups: group.compactMap(Self.group),
                passphrase: try secret.passphrase())
            options.printing.show(
                rows: shares.joined().map { share in
                    [
                        Field("group", .integer(Int64(share.groupIndex + 1))),
                        Field("needed", .integer(Int64(share.memberThreshold))),
                        Field("member", .integer(Int64(share.memberIndex + 1))), Field("share", .string(share.phrase)),
                    ]
                }, empty: "")
        }

        private static func group(_ text: String) -> SecretSharing.Group? {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
            guard parts.count == 2, let threshold = parts[0], let count = parts[1] else { return nil }
            return SecretSharing.Group(threshold: threshold, count: count)
        }
    }
}

/// `guardian restore`: a home from shares.
struct GuardianRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a home from the shares of enough guardians.",
        discussion: """
            Example:
              careledger-wallet guardian restore --home ~/.careledger --genesis genesis.cbor < shares.txt

            One share a line on standard input. It then searches the chain as `restore` does.
            """)

    @OptionGroup var secret: SharePassphraseOptions
    @OptionGroup var search: SearchOptions
    @OptionGroup var options: HomeOptions

    func run() async throws {
        let entropy = try secret.combineInput()
        guard let mnemonic = Mnemonic(entropy: entropy) else {
            throw ProgramFailure("the shares are of \(entropy.count) bytes, which are no phrase", code: .notVerified)
        }
        try await search.restore(mnemonic, options)
    }
}

/// A passphrase on the shares themselves, beside the home's.
struct SharePassphraseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file whose first line is a passphrase on the shares. A wrong one restores another, empty identity.",
            valueName: "file"))
    var sharePassphraseFile: String?

    /// Puts the shares on standard input together, one a line.
    func combineInput() throws -> SecretBytes {
        var shares: [RecoveryShare] = []
        while let line = readLine() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            do { shares.append(try RecoveryShare(phrase: line)) } catch {
                throw ProgramFailure("share \(shares.count + 1): \(error)", code: .usage)
            }
        }
        do { return try SecretSharing.combine(shares, passphrase: try passphrase()) } catch let failure
            as RecoveryShareFailure
        {
            throw ProgramFailure("\(failure)", code: .notVerified)
        }
    }

    func passphrase() throws -> String {
        guard let sharePassphraseFile else { return "" }
        var bytes = try Passphrase.read(sharePassphraseFile).copy()
        defer { bytes.erase() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
