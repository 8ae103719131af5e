import Client
import Codec
import Cryptography
import Foundation
import Glibc
import Ledger
import Testing

/// One clear sentence on standard error, and the exit code: no trace, and nothing changed.
@Suite("Programs: what bad input gets", .serialized)
struct BadInputTests {
    /// What a failed run must look like: its code, one line, and these words in it.
    private func expect(
        _ run: Programs.Run, code: Int32, says words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(run.code == code, "\(run.errors)", sourceLocation: sourceLocation)
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 1 && lines[0].hasPrefix("careledger-"), "\(run.errors)", sourceLocation: sourceLocation)
        for word in words {
            #expect(run.errors.contains(word), "“\(word)” in: \(run.errors)", sourceLocation: sourceLocation)
        }
    }

    private func validator(_ command: String, _ home: String) throws -> Programs.Run {
        try Programs.run("careledger-validator", [command, "--home", home])
    }

    private func verify(
        _ home: String, genesis: String? = nil, passphrase: String? = Devnet.passphrase,
        environment: [String: String] = [:]
    ) throws -> Programs.Run {
        let nothing = String(repeating: "00", count: 32)
        return try Programs.run(
            "careledger-auditor",
            ["verify", "document", nothing, "--home", home] + (genesis.map { ["--genesis", $0] } ?? []),
            passphrase: passphrase, environment: environment)
    }

    private func copy(_ from: String, _ to: String) throws {
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }

    @Test func `a validator's home that lacks something, or has it damaged or open to others`() throws {
        try Programs.withDirectory { directory in
            let home = try Devnet(directory + "/net", validators: 1).validator(0)
            expect(
                try validator("run", directory + "/nowhere"), code: 1, says: "nowhere/node.json is missing",
                "careledger-validator init")
            for file in ["genesis.cbor", "keys/consensus.key", "keys/sealing.key", "keys/tls.key"] {
                let path = "\(home)/\(file)"
                try copy(path, directory + "/kept")
                try FileManager.default.removeItem(atPath: path)
                expect(try validator("run", home), code: 1, says: "\(file) is missing")
                expect(try validator("check", home), code: 1, says: "\(file) is missing")
                try Data([1, 2, 3]).write(to: URL(filePath: path))
                chmod(path, 0o600)
                expect(try validator("run", home), code: 1, says: file, "is damaged or something else")
                try copy(directory + "/kept", path)
                if file.hasPrefix("keys") {
                    chmod(path, 0o640)
                    expect(try validator("run", home), code: 1, says: file, "chmod 600")
                    chmod(path, 0o600)
                }
            }
            expect(try validator("check", home), code: 1, says: "there is no database at \(home)/chain")
            #expect(!FileManager.default.fileExists(atPath: home + "/chain"))
        }
    }

    @Test func `a wrong genesis, and a home of another chain`() throws {
        try Programs.withDirectory { directory in
            let one = try Devnet(directory + "/one", validators: 1)
            let other = try Devnet(directory + "/other", validators: 1)
            let running = try one.start(0)
            try one.waitUntilReady()
            #expect(try running.stop() == 0)
            // A key that the other consortium's genesis file does not list may have joined later: the stored chain decides.
            try copy(one.validator(0) + "/genesis.cbor", directory + "/kept")
            try copy(other.genesis, one.validator(0) + "/genesis.cbor")
            expect(try validator("run", one.validator(0)), code: 1, says: "the home is of chain")
            // With the other's keys as well it is the stored chain that does not fit.
            try copy(one.validator(0) + "/keys", directory + "/keys")
            try copy(other.validator(0) + "/keys", one.validator(0) + "/keys")
            expect(try validator("run", one.validator(0)), code: 1, says: "the home is of chain")
            expect(try validator("check", one.validator(0)), code: 3, says: "the home is of chain")
            try copy(directory + "/keys", one.validator(0) + "/keys")
            try copy(directory + "/kept", one.validator(0) + "/genesis.cbor")
            #expect(try validator("check", one.validator(0)).code == 0)
            // A wallet and an auditor keep the chain that they know.
            let another = "belongs to another chain"
            expect(try one.wallet(["staff", "list", "--genesis", other.genesis]), code: 1, says: another)
            expect(try verify(one.auditor, genesis: other.genesis), code: 1, says: another)
            try copy(other.genesis, one.auditor + "/genesis.cbor")
            expect(try verify(one.auditor), code: 1, says: another)
            // A node of another consortium has another certificate.
            let foreign = try other.start(0)
            try other.waitUntilReady()
            let url = try #require(try WalletHome.loadGenesis(at: other.genesis).validators.first?.apiURL)
            expect(try one.wallet(["staff", "list", "--node", url]), code: 5, says: url, "certificate")
            #expect(try foreign.stop() == 0)
        }
    }

    @Test func `a second process on one home`() throws {
        try Programs.withDirectory { directory in
            let net = try Devnet(directory + "/net", validators: 1)
            let running = try net.start(0)
            try net.waitUntilReady()
            for command in ["run", "check"] {
                expect(
                    try validator(command, net.validator(0)), code: 1,
                    says: "is in use by process \(running.identifier)")
            }
            let lock = try WalletLock(WalletHome(path: net.hospital(0)))
            expect(try net.wallet(["staff", "list"]), code: 1, says: "another program is using \(net.hospital(0))")
            withExtendedLifetime(lock) {}
            #expect(try running.stop() == 0)
        }
    }

    @Test func `a wrong passphrase, none at all, and a missing keystore`() throws {
        try Programs.withDirectory { directory in
            let net = try Devnet(directory + "/net", validators: 1)
            let hospital = ["whoami", "--home", net.hospital(0)]
            let wrong = "the passphrase does not open the keystore"
            expect(try Programs.run("careledger-wallet", hospital, passphrase: "wrong"), code: 1, says: wrong)
            expect(try verify(net.auditor, passphrase: "wrong"), code: 1, says: wrong)
            let file = directory + "/empty"
            try Data("\n".utf8).write(to: URL(filePath: file))
            expect(
                try Programs.run("careledger-wallet", hospital + ["--passphrase-file", file]), code: 1,
                says: "begins with an empty line")
            for home in [net.hospital(0), net.auditor] {
                chmod(home + "/keystore.cbor", 0o644)
            }
            expect(try net.wallet(["whoami"]), code: 1, says: "keystore.cbor", "chmod 600")
            expect(try verify(net.auditor), code: 1, says: "keystore.cbor", "chmod 600")
            for home in [net.hospital(0), net.auditor] {
                try FileManager.default.removeItem(atPath: home + "/keystore.cbor")
            }
            expect(try net.wallet(["whoami"]), code: 1, says: "there is no identity in", "careledger-wallet init")
            expect(try verify(net.auditor), code: 1, says: "there is no auditor in", "careledger-auditor init")
        }
    }

    @Test func `a transaction that is expired, for another chain, altered, or submitted again`() throws {
        try Programs.withDirectory { directory in
            let net = try Devnet(directory + "/net", validators: 1)
            let running = try net.start(0)
            try net.waitUntilReady()
            for name in ["a", "b", "c"] { #expect(try net.register(name).code == 0) }
            let home = WalletHome(path: net.hospital(0))
            let keystore = try Keystore.open(home, password: SecretBytes(copying: Devnet.passphrase.utf8))
            guard case .organization(let keys) = keystore.identity, let organization = keys.organization else {
                Issue.record("a hospital's home holds an organisation")
                return
            }
            let genesis = try home.loadGenesis()
            func file(_ chain: ChainID, validUntil: UInt64) throws -> String {
                let staff = RegisterStaff(
                    organization: organization, role: .clinician, pseudonym: "d", registrationHash: .sha256([1]),
                    deviceKey: SigningKey.random().publicKey, receivingKey: SigningKey.random().publicKey,
                    sealingKey: keys.sealing.publicKey, expires: Timestamp(rawValue: 4_000_000_000_000),
                    needsCosignature: true)
                let body = TransactionBody(
                    chain: chain, nonce: SystemRandom.bytes(TransactionBody.nonceLength),
                    validUntil: Height(rawValue: validUntil), operations: [.registerStaff(staff)])
                let path = directory + "/transaction.cbor"
                _ = try TransactionFile(writing: Transaction(body, signedBy: [keys.signing[0]]), to: path)
                return path
            }
            let expired = try file(genesis.chain, validUntil: 1)
            expect(
                try net.wallet(["transaction", "submit", expired]), code: 4, says: "never be included",
                "transaction-expired")
            let foreign = try file(ChainID(.zero), validUntil: 100)
            expect(try net.wallet(["transaction", "submit", foreign]), code: 4, says: "chain")
            expect(try net.wallet(["transaction", "sign", foreign]), code: 1, says: "it is for another chain")
            let good = try file(genesis.chain, validUntil: 100)
            // The same one again is not done again: the answer is the first one's receipt.
            let runs = try (0..<2).map { _ in try net.wallet(["transaction", "submit", good, "--output", "json"]) }
            #expect(runs[0].code == 0 && runs[0].output == runs[1].output)
            var bytes = try Data(contentsOf: URL(filePath: good))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(filePath: good))
            expect(try net.wallet(["transaction", "submit", good]), code: 1, says: good, "a signature does not hold")
            #expect(try running.stop() == 0)
        }
    }

    @Test func `nobody there`() throws {
        try Programs.withDirectory { directory in
            let net = try Devnet(directory + "/net", validators: 1)
            expect(try net.wallet(["staff", "list"]), code: 5, says: "no node answered", "connection refused")
            expect(try verify(net.auditor), code: 5, says: "no node answered", "connection refused")
            expect(try validator("status", net.validator(0)), code: 5, says: "no node answered")
        }
    }

    @Test func `a node's address that is none, and a devnet of another size, are usage errors`() throws {
        try Programs.withDirectory { directory in
            let net = try Devnet(directory + "/net", validators: 1)
            for node in ["http://127.0.0.1:1", "nonsense"] {
                #expect(try net.wallet(["staff", "list", "--node", node]).code == 64)
                let status = ["status", "--home", net.validator(0), "--node", node]
                #expect(try Programs.run("careledger-validator", status).code == 64)
            }
            let larger = ["devnet", "--home", net.path, "--validators", "4", "--prepare-only"]
            #expect(try Programs.run("careledger-validator", larger).code == 64)
            #expect(
                try Programs.run("careledger-validator", ["devnet", "--home", net.path, "--prepare-only"]).code == 0)
        }
    }
}
