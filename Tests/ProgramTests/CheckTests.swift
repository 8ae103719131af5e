import Cryptography
import Foundation
import Testing

/// A home in which a document was stored and granted, so that each of its stores holds something.
@Suite("Programs: check", .serialized)
struct CheckTests {
    @Test func `a flipped byte in any store of a stopped validator is found, and its file named`() throws {
        try Programs.withDirectory { directory in
            let net = try Devnet(directory + "/net", validators: 1)
            try Self.fillStores(net, directory)
            let home = net.validator(0)
            let sound = try check(home)
            #expect(sound.code == 0, "\(sound.errors)")
            #expect(Int(try sound.field("contents") ?? "") ?? 0 >= 3)
            for (store, files) in try stores(of: home) {
                #expect(!files.isEmpty, "\(store) has files")
                for file in files {
                    let url = URL(filePath: file)
                    let whole = try Data(contentsOf: url)
                    // What lies behind the journal's records is allocated ahead and empty.
                    let end = store == "journal" ? (whole.lastIndex { $0 != 0 } ?? 0) + 1 : whole.count
                    // A log that was begun just now is empty.
                    for offset in Set([0, end / 2, end - 1]) where end > 0 {
                        var flipped = whole
                        flipped[offset] ^= 0x10
                        try flipped.write(to: url)
                        let run = try check(home)
                        #expect(run.code == 3, "\(file) byte \(offset): \(run.errors)")
                        let name = store == "content" ? url.lastPathComponent : "/\(store)"
                        #expect(run.errors.contains(name), "\(file) byte \(offset): \(run.errors)")
                        #expect(run.errors.split(separator: "\n").count == 1)
                    }
                    try whole.write(to: url)
                }
            }
            #expect(try check(home).code == 0)
        }
    }

    private func check(_ home: String) throws -> Programs.Run {
        try Programs.run("careledger-validator", ["check", "--home", home, "--output", "json"])
    }

    /// The files with data in each store.
    private func stores(of home: String) throws -> [(name: String, files: [String])] {
        // A text for people, an empty file, and names that a lock needs.
        let empty: Set = ["LOG", "LOG.old", "LOCK", "lock"]
        return try ["chain", "state", "custody", "content"].map { store in
            let all = try FileManager.default.subpathsOfDirectory(atPath: "\(home)/\(store)")
            let files = all.filter { path in
                var isDirectory: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(home)/\(store)/\(path)", isDirectory: &isDirectory)
                return !isDirectory.boolValue && !empty.contains(path)
            }
            return (store, files.sorted().map { "\(home)/\(store)/\($0)" })
        } + [("journal", ["\(home)/journal"])]
    }

    /// Runs the network for as long as it takes to store a document and to grant it.
    private static func fillStores(_ net: Devnet, _ directory: String) throws {
        let running = try net.start(0)
        try net.waitUntilReady()
        let staff = try #require(try net.register("clinician").field("staff"))
        let patient = directory + "/patient"
        func wallet(_ home: String, _ arguments: [String]) throws -> Programs.Run {
            let run = try Programs.run(
                "careledger-wallet", arguments + ["--home", home, "--output", "json"], passphrase: Devnet.passphrase)
            try #require(run.code == 0, "\(arguments): \(run.errors)")
            return run
        }
        _ = try wallet(patient, ["init", "--genesis", net.genesis])
        let voucher = try #require(try net.wallet(["enroll", "issue", "--output", "json"]).field("voucher"))
        let scope = try wallet(patient, ["scope", "open", "imaging", "--voucher", voucher]).field("scope")
        _ = try wallet(patient, ["author", "authorize", "imaging", "hospital-0"])
        let file = directory + "/scan"
        try Data(SystemRandom.bytes(100_000)).write(to: URL(filePath: file))
        _ = try wallet(
            "\(net.path)/clinician",
            ["document", "add", file, "--scope", try #require(scope), "--cosign", net.hospital(0)])
        _ = try wallet(patient, ["grant", "create", "imaging", "--to", staff, "--purpose", "TREAT", "--days", "1"])
        #expect(try running.stop() == 0)
    }
}
