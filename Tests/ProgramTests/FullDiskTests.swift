import Foundation
import Glibc
import Testing

@Suite("Programs: a full disk", .serialized)
struct FullDiskTests {
    /// Gives a file system of its own, which takes a superuser; without one the test says so and does nothing.
    private func withDisk(megabytes: Int, _ body: (String) throws -> Void) throws {
        try Programs.withDirectory { directory in
            guard mount("careledger", directory, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
                print("not run: a file system cannot be mounted here (\(String(cString: strerror(errno))))")
                return
            }
            defer { umount2(directory, Int32(MNT_DETACH)) }
            try body(directory)
        }
    }

    /// Fills a file system to the last byte. Returns the file that does.
    private func fill(_ directory: String) -> String {
        let path = directory + "/filler"
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        for size in [1 << 20, 1 << 12, 1] {
            let block = [UInt8](repeating: 1, count: size)
            while write(descriptor, block, size) == size {}
        }
        return path
    }

    private static let sentence = "No space left on device"

    @Test func `a validator says so and ends by itself, and goes on when there is room`() throws {
        try withDisk(megabytes: 40) { disk in
            try Programs.withDirectory { directory in
                let net = try Devnet(disk + "/net", validators: 1)
                var running = try net.start(0, log: directory + "/log")
                try net.waitUntilReady()
                #expect(try net.register("before").code == 0)
                // The clinician's and the hospital's homes must not be what fails.
                let hospital = directory + "/hospital"
                try FileManager.default.copyItem(atPath: net.hospital(0), toPath: hospital)
                let filler = fill(disk)
                var number = 0
                let ended = try Wait.until {
                    number += 1
                    let staff = ["--home", "\(directory)/\(number)"]
                    _ = try Programs.run("careledger-wallet", ["init", "--staff"] + staff)
                    let card = try Programs.run("careledger-wallet", ["whoami", "--output", "json"] + staff)
                    _ = try Programs.run(
                        "careledger-wallet",
                        [
                            "staff", "register", "--home", hospital, "--card", try #require(try card.field("card")),
                            "--role", "clinician", "--pseudonym", "x", "--number", "\(number)",
                        ], passphrase: Devnet.passphrase)
                    return !running.isRunning
                }
                #expect(ended)
                #expect(try running.end() == 1)
                let last = running.printed.split(separator: "\n").last ?? ""
                #expect(
                    last.contains(Self.sentence) && last.hasPrefix("careledger-validator: cannot write to"), "\(last)")
                #expect(!running.printed.contains("Fatal error"))
                // It does not start either, and says why.
                let again = try Programs.run("careledger-validator", ["run", "--home", net.validator(0)])
                #expect(again.code == 1)
                #expect(again.errors.contains(Self.sentence), "\(again.errors)")
                #expect(!again.errors.contains("Fatal error"))
                try FileManager.default.removeItem(atPath: filler)
                running = try net.start(0, log: directory + "/log")
                try net.waitUntilReady()
                #expect(try net.register("after").code == 0)
                #expect(try running.stop() == 0)
                #expect(try Programs.run("careledger-validator", ["check", "--home", net.validator(0)]).code == 0)
            }
        }
    }

    @Test func `new homes and files are refused in a sentence`() throws {
        try withDisk(megabytes: 4) { disk in
            try Programs.withDirectory { directory in
                let net = try Devnet(directory + "/net", validators: 1)
                _ = fill(disk)
                let runs = [
                    try Programs.run("careledger-wallet", ["init", "--home", disk + "/wallet"]),
                    try Programs.run("careledger-auditor", ["init", "--home", disk + "/auditor"]),
                    try Programs.run("careledger-validator", ["devnet", "--home", disk + "/net", "--prepare-only"]),
                    try Programs.run(
                        "careledger-validator",
                        [
                            "init", "--home", disk + "/validator", "--organization", "x", "--peer", "127.0.0.1:7400",
                            "--api", "https://127.0.0.1:7443",
                        ]),
                    try Programs.run(
                        "careledger-wallet", ["init", "--home", disk + "/second", "--genesis", net.genesis]),
                ]
                for run in runs {
                    #expect(run.code == 1)
                    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
                    #expect(run.errors.contains("cannot be written") || run.errors.contains(Self.sentence))
                    #expect(!run.errors.contains("Error Domain"), "\(run.errors)")
                }
            }
        }
    }
}
