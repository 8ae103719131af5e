import Foundation
import Testing

@Suite("Programs: backup and restore", .serialized)
struct BackupTests {
    private func validator(_ arguments: [String]) throws -> Programs.Run {
        try Programs.run("careledger-validator", arguments + ["--output", "json"])
    }

    @Test func `a running validator is backed up by one command, and the copy passes the check`() throws {
        try Programs.withDirectory { directory in
            // Longer than the address of a socket may be.
            let deep = directory + "/" + String(repeating: "deep", count: 30)
            try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
            let net = try Devnet(deep + "/net", validators: 1)
            let running = try net.start(0)
            try net.waitUntilReady()
            #expect(try net.register("first").code == 0)
            let made = try validator(["backup", "--home", net.validator(0), "--to", directory])
            #expect(made.code == 0, "\(made.errors)")
            let file = try #require(try made.field("file"))
            #expect(try made.field("keys") == "no" && made.field("checksum")?.count == 64)
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            let again = try validator(["backup", "--home", net.validator(0), "--to", file])
            #expect(again.code == 1 && again.errors.contains("is not replaced"), "\(again.errors)")
            #expect(try running.stop() == 0)
            // The same of a home in which nothing runs, keys included.
            let whole = directory + "/whole.backup"
            let stopped = try validator(["backup", "--home", net.validator(0), "--to", whole, "--keys"])
            #expect(stopped.code == 0, "\(stopped.errors)")
            #expect(try stopped.field("keys") == "yes")
            let copy = directory + "/copy"
            let other = try validator([
                "restore", "--from", whole, "--home", copy, "--chain", String(repeating: "0", count: 64),
            ])
            #expect(other.code == 1 && other.errors.contains("not of chain"), "\(other.errors)")
            #expect(!FileManager.default.fileExists(atPath: copy + "/chain"))
            let restored = try validator(["restore", "--from", whole, "--home", copy])
            #expect(restored.code == 0, "\(restored.errors)")
            let checked = try validator(["check", "--home", copy])
            #expect(checked.code == 0, "\(checked.errors)")
            #expect(try checked.field("height") == stopped.field("height"))
            // Without the keys the command says what is missing.
            let bare = try validator(["restore", "--from", file, "--home", directory + "/bare"])
            #expect(bare.code == 0 && bare.output.contains("put the key files into"), "\(bare.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/bare").contains("chain"))
        }
    }
}
