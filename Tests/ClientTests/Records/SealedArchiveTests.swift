import ChildProcess
import Client
import Cryptography
import Foundation
import Testing

@Suite("Sealed archives: an export in one age file")
struct SealedArchiveTests {
    private static let isInstalled = ["/usr/bin/age", "/usr/bin/age-keygen", "/usr/bin/tar"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private func run(_ program: String, _ arguments: String...) throws -> (code: Int32, output: String) {
        let finished = try ChildProcess.run(program, arguments)
        return (finished.code, String(decoding: finished.output, as: UTF8.self))
    }

    @Test(.enabled(if: isInstalled, "age or tar is not installed"))
    func `age and tar give every file back, also those with long names and letters of all languages`() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "archive-\(SystemRandom.bytes(8).hex)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let files: [String: [UInt8]] = [
            "index.json": Array("[]".utf8), "imaging/empty": [], "imaging/block": SystemRandom.bytes(512),
            "imaging/\(String(repeating: "a", count: 64))-\(String(repeating: "b", count: 90))": SystemRandom.bytes(
                513),
            "Röntgen/Befund – März": SystemRandom.bytes(200_000),
        ]
        let source = root.appending(path: "export")
        for (name, bytes) in files {
            let path = source.appending(path: name)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: path)
        }
        let identity = root.appending(path: "key").path
        #expect(try run("/usr/bin/age-keygen", "-o", identity).code == 0)
        let text = try String(contentsOfFile: identity, encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("# public key: ") }
        let recipient = try #require(line.flatMap { AgeRecipient(String($0.dropFirst("# public key: ".count))) })
        let sealed = root.appending(path: "export.tar.age").path
        let size = try SealedArchive(to: recipient).seal(directory: source.path, into: sealed)
        #expect(try FileManager.default.attributesOfItem(atPath: sealed)[.size] as? Int == Int(size))

        let archive = root.appending(path: "export.tar").path
        #expect(try run("/usr/bin/age", "--decrypt", "-i", identity, "-o", archive, sealed).code == 0)
        let target = root.appending(path: "opened")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        #expect(try run("/usr/bin/tar", "-x", "-f", archive, "-C", target.path).code == 0)
        for (name, bytes) in files {
            #expect(try Data(contentsOf: target.appending(path: name)) == Data(bytes), "\(name)")
        }
    }

    @Test func `a file that cannot be written is an error`() throws {
        let recipient = try #require(
            AgeRecipient("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"))
        #expect(throws: (any Error).self) {
            try SealedArchive(to: recipient).seal(directory: "/nowhere", into: "/nowhere/file.age")
        }
    }
}
