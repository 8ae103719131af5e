import Foundation
import Testing

@Suite("Programs: what they say and how they end")
struct ProgramTests {
    /// A command as a program itself lists it.
    private struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let subcommands: [Command]?

        /// The commands that do something, each with the words that lead to it.
        func ends(below words: [String] = []) -> [[String]] {
            let own = (subcommands ?? []).filter { $0.commandName != "help" }
            return own.isEmpty ? [words] : own.flatMap { $0.ends(below: words + [$0.commandName]) }
        }

        var isDescribed: Bool {
            abstract?.isEmpty == false && (subcommands ?? []).allSatisfy { $0.commandName == "help" || $0.isDescribed }
        }
    }

    private struct Listing: Decodable { let command: Command }

    /// The programs, and how many commands each has at least: an empty list must not pass for a good one.
    @Test(arguments: [("careledger-validator", 12), ("careledger-wallet", 61), ("careledger-auditor", 9)])
    func `every command has help, with an example`(_ program: String, _ least: Int) throws {
        let listed = try Programs.run(program, ["--experimental-dump-help"])
        let root = try JSONDecoder().decode(Listing.self, from: Data(listed.output.utf8)).command
        #expect(root.isDescribed)
        let commands = root.ends()
        #expect(commands.count >= least)
        for command in commands {
            let run = try Programs.run(program, command + ["--help"])
            let name = ([program] + command).joined(separator: " ")
            #expect(run.code == 0, "\(name)")
            #expect(run.output.contains("USAGE: \(name)"), "\(name)")
            #expect(run.output.contains("Example"), "\(name)")
        }
    }

    @Test(arguments: ["careledger-validator", "careledger-wallet", "careledger-auditor"])
    func `nonsense is a usage error, and shells get completions`(_ program: String) throws {
        #expect(try Programs.run(program, ["no-such-command"]).code == 64)
        for shell in ["bash", "zsh", "fish"] {
            let run = try Programs.run(program, ["--generate-completion-script", shell])
            #expect(run.code == 0 && run.output.contains(program))
        }
    }

    @Test func `a phrase restores the same scopes`() throws {
        try Programs.withDirectory { directory in
            let made = try Programs.run(
                "careledger-wallet", ["init", "--words", "12", "--home", directory + "/a", "--output", "json"])
            #expect(made.code == 0)
            let fields = try #require(
                try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: String])
            let phrase = try #require(fields["phrase"])
            #expect(phrase.split(separator: " ").count == 12)
            var known: [String] = []
            for home in ["b", "c"] {
                let restored = try Programs.run(
                    "careledger-wallet", ["restore", "--home", directory + "/" + home, "--category", "imaging"],
                    input: phrase + "\n")
                #expect(restored.code == 0)
                known.append(
                    try Programs.run(
                        "careledger-wallet", ["whoami", "--home", directory + "/" + home, "--output", "json"]
                    ).output)
            }
            #expect(known[0] == known[1] && known[0].contains("imaging"))
            let mistyped = try Programs.run(
                "careledger-wallet", ["restore", "--home", directory + "/d"], input: phrase + " abandon\n")
            #expect(mistyped.code == 64)
        }
    }

    @Test func `guardians restore the phrase: any three of five, and no two`() throws {
        try Programs.withDirectory { directory in
            let home = ["--home", directory + "/a"]
            #expect(try Programs.run("careledger-wallet", ["init", "--words", "12"] + home).code == 0)
            let split = try Programs.run(
                "careledger-wallet", ["guardian", "split", "--group", "3/5", "--output", "json"] + home)
            #expect(split.code == 0)
            let rows = try #require(
                try JSONSerialization.jsonObject(with: Data(split.output.utf8)) as? [[String: Any]])
            let shares = rows.compactMap { $0["share"] as? String }
            #expect(shares.count == 5 && Set(shares).count == 5)
            func restore(_ chosen: [String], _ name: String) throws -> Programs.Run {
                try Programs.run(
                    "careledger-wallet",
                    ["guardian", "restore", "--category", "imaging", "--home", directory + "/" + name],
                    input: chosen.joined(separator: "\n") + "\n")
            }
            #expect(try restore([shares[4], shares[0], shares[2]], "b").code == 0)
            #expect(try restore(Array(shares[1...3]), "c").code == 0)
            var known: [String] = []
            for name in ["b", "c"] {
                known.append(
                    try Programs.run(
                        "careledger-wallet", ["whoami", "--home", directory + "/" + name, "--output", "json"]
                    ).output)
            }
            #expect(known[0] == known[1] && known[0].contains("imaging"))
            let tooFew = try restore(Array(shares.prefix(2)), "d")
            #expect(tooFew.code == 3 && tooFew.errors.contains("more shares are needed"))
            let mistyped = try restore([shares[0] + " academic"], "e")
            #expect(mistyped.code == 64 && mistyped.errors.contains("share 1"))
            #expect(try Programs.run("careledger-wallet", ["guardian", "split", "--group", "1/2"] + home).code == 64)
        }
    }

    @Test func `a message is written in one scope, has one text, and a patient signs it alone`() throws {
        for words in [
            ["imaging"], ["--text", "x"], ["imaging", "--text", "x", "--file", "y"],
            ["imaging", "--text", "x", "--scope", String(repeating: "02", count: 33)],
            ["imaging", "--text", "x", "--cosign", "desk"], ["imaging", "--text", "x", "--thread", "short"],
        ] {
            #expect(try Programs.run("careledger-wallet", ["message", "send"] + words).code == 64, "\(words)")
        }
    }

    @Test func `a wrong passphrase, an occupied home and a home that is not there`() throws {
        try Programs.withDirectory { directory in
            let home = ["--home", directory + "/staff"]
            #expect(try Programs.run("careledger-wallet", ["init", "--staff"] + home).code == 0)
            let wrong = try Programs.run("careledger-wallet", ["whoami"] + home, passphrase: "another")
            #expect(wrong.code == 1)
            #expect(wrong.errors == "careledger-wallet: the passphrase does not open the keystore\n")
            #expect(try Programs.run("careledger-wallet", ["init", "--staff"] + home).code == 1)
            let missing = try Programs.run("careledger-wallet", ["whoami", "--home", directory + "/nobody"])
            #expect(missing.code == 1 && missing.errors.contains("careledger-wallet init"))
        }
    }

    @Test func `lists of names, gateways and extents that are none are usage errors`() throws {
        try Programs.withDirectory { directory in
            let file = directory + "/names.json"
            for text in ["", "{}", #"{"staff": {"5f0c": "Meier"}, "patients": {}}"#, #"{"staff": {}, "patients": 1}"#] {
                try Data(text.utf8).write(to: URL(filePath: file))
                let run = try Programs.run("careledger-wallet", ["misuse", "names", file, "--home", directory])
                #expect(run.code == 64, "\(text): \(run.errors)")
            }
            let missing = ["misuse", "names", directory + "/nothing", "--home", directory]
            #expect(try Programs.run("careledger-wallet", missing).code == 64)
            let uncertified = ["transaction", "submit", file, "--cosign", "https://127.0.0.1:1", "--home", directory]
            #expect(try Programs.run("careledger-wallet", uncertified).code == 64)
            let scope = ["verify", "scope", "00", "--alone", "--home", directory]
            #expect(try Programs.run("careledger-auditor", scope).code == 64)
        }
    }

    @Test func `a file that is no evidence is refused with 3, and a genesis that is none with 1`() throws {
        try Programs.withDirectory { directory in
            let devnet = try Programs.run(
                "careledger-validator", ["devnet", "--validators", "4", "--home", directory + "/net", "--prepare-only"])
            #expect(devnet.code == 0)
            let genesis = directory + "/net/genesis.cbor"
            let file = directory + "/evidence.cbor"
            try Data([1, 2, 3]).write(to: URL(filePath: file))
            let check = try Programs.run("careledger-auditor", ["check", file, "--genesis", genesis])
            #expect(check.code == 3 && check.errors.contains(file))
            #expect(try Programs.run("careledger-auditor", ["check", file, "--genesis", file]).code == 1)
            let wallet = try Programs.run(
                "careledger-wallet", ["init", "--home", directory + "/p", "--genesis", genesis])
            #expect(wallet.code == 0)
            // Nobody runs: every node is unreachable.
            let lonely = try Programs.run(
                "careledger-wallet", ["staff", "list", "--home", directory + "/net/organizations/hospital-0"],
                passphrase: "devnet")
            #expect(lonely.code == 5)
        }
    }
}
