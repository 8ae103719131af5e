import Foundation
import Glibc
import Testing

@Suite("Programs: a network on one machine", .serialized)
struct DevnetTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `devnet is one process group, says how to talk to it, and stops with 0`(signal: Int32) throws {
        try Programs.withDirectory { directory in
            let home = directory + "/net"
            let devnet = try RunningProgram(
                "careledger-validator", ["devnet", "--validators", "2", "--home", home], log: directory + "/log")
            try devnet.waitUntilPrinted("careledger-wallet")
            for words in ["--home \(home)/organizations/hospital-0", "CARELEDGER_PASSPHRASE=devnet", "Ctrl-C"] {
                #expect(devnet.printed.contains(words), "\(words)")
            }
            let net = try Devnet(home, validators: 2)
            for index in 0..<2 { try net.waitUntilReady(index) }
            let children = try Self.children(of: devnet.identifier)
            #expect(children.count == 2)
            #expect(Set(children.map { getpgid($0) }) == [getpgid(devnet.identifier)])
            #expect(try net.register("nurse").code == 0)
            devnet.signal(signal)
            #expect(try devnet.end() == 0)
            for child in children { #expect(kill(child, 0) != 0) }
            for index in 0..<2 {
                let check = ["check", "--home", net.validator(index)]
                #expect(try Programs.run("careledger-validator", check).code == 0)
            }
        }
    }

    @Test func `validators do not outlive a devnet that is killed`() throws {
        try Programs.withDirectory { directory in
            let devnet = try RunningProgram(
                "careledger-validator", ["devnet", "--validators", "1", "--home", directory + "/net"],
                log: directory + "/log")
            try devnet.waitUntilPrinted("careledger-wallet")
            let net = try Devnet(directory + "/net", validators: 1)
            try net.waitUntilReady()
            let children = try Self.children(of: devnet.identifier)
            devnet.signal(SIGKILL)
            #expect(try devnet.end() == 128 + SIGKILL)
            // A process that has ended and was given to another parent may be waited for by nobody: it has no command.
            let areGone = Wait.until {
                children.allSatisfy { child in
                    (FileManager.default.contents(atPath: "/proc/\(child)/cmdline") ?? Data()).isEmpty
                }
            }
            #expect(areGone)
        }
    }

    private static func children(of parent: Int32) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { process in
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && Int32(fields[1]) == parent
        }
    }
}
