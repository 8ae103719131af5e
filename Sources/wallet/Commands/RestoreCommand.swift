import API
import ArgumentParser
import Client
import Cryptography
import Terminal

/// `restore`: a patient's identity from its phrase.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a home from a patient's phrase, and find everything that it opened.",
        discussion: """
            Example:
              careledger-wallet restore --home ~/.careledger --genesis genesis.cbor < phrase.txt

            The phrase is read from standard input. With a genesis file the chain is searched for the scopes of this phrase: \
            the usual categories and those given with --category, each with all its epochs. Documents, authors and grants \
            come with their scope. A category with a name of your own is found only when you give it: its name stands \
            nowhere but in wallets.
            """)

    @OptionGroup var search: SearchOptions
    @OptionGroup var options: HomeOptions

    func run() async throws {
        guard let line = readLine() else { throw ProgramFailure("there is no phrase on standard input", code: .usage) }
        try await search.restore(try Mnemonic(phrase: line), options)
    }
}

/// How a patient's scopes are found again.
struct SearchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A category of scopes that was in use (repeatable).", valueName: "name"))
    var category: [String] = []

    @Flag(help: "Do not ask any node: only the given categories are taken, unsearched.")
    var offline = false

    /// Makes a home for a phrase.
    func restore(_ mnemonic: Mnemonic, _ options: HomeOptions) async throws {
        try options.installGenesis()
        var keys = PatientKeys(mnemonic)
        for name in category {
            guard let scope = PatientKeys.ScopeName(category: name) else {
                throw ProgramFailure("“\(name)” is no category: 1 to 64 bytes", code: .usage)
            }
            keys.add(scope)
        }
        let found = try await find(keys, options)
        for scope in found { keys.add(scope.keys.name) }
        _ = try Keystore.create(
            .patient(keys), in: options.home, password: try options.passphrase.newPassphrase(of: options.home.path))
        options.printing.show(
            [Field("home", .string(options.home.path))],
            (
                "scopes",
                found.map { scope in
                    [
                        Field("category", .string(scope.keys.name.category)),
                        Field("epoch", .number(scope.keys.name.epoch)), Field("scope", text: scope.keys.id),
                        Field("documents", .number(UInt64(scope.documents))),
                        Field("grants", .number(UInt64(scope.grants))),
                    ]
                }
            ),
            names: ["category", "epoch", "scope", "documents", "grants"], empty: "no scope was searched or found")
    }

    /// Nothing is made when the nodes cannot be asked: an empty home would look like a phrase that opened nothing.
    private func find(_ keys: PatientKeys, _ options: HomeOptions) async throws -> [ScopeSearch.Found] {
        guard !offline, let genesis = try? options.home.loadGenesis() else { return [] }
        let ledger = try LedgerClient(
            genesis, urls: options.node, home: options.home, checkpoint: try options.trust.load(genesis))
        do {
            let found = try await ScopeSearch(ledger, home: options.home).find(
                keys, categories: category + ScopeSearch.commonCategories)
            await ledger.shutDown()
            return found
        } catch {
            await ledger.shutDown()
            throw error
        }
    }
}
