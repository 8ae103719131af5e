import ChildProcess
import Cryptography
import Foundation
import Testing

@Suite("Age files: for one X25519 recipient")
struct AgeTests {
    private static let program = "/usr/bin/age"
    private static let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

    @Test func `a recipient is read, and one with another prefix, letter, length or case is not`() {
        #expect(AgeRecipient(Self.recipient) != nil)
        let changed = String(Self.recipient.dropLast()) + "q"
        for text in [
            changed, Self.recipient.uppercased(), String(Self.recipient.dropLast()), Self.recipient + "q", "", "age1",
            "age1qqqqqq", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
        ] {
            #expect(AgeRecipient(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 131_072])
    func `a file is its header, a nonce and chunks of 64 KiB with a tag each`(_ count: Int) throws {
        let recipient = try #require(AgeRecipient(Self.recipient))
        let file = try Self.sealed([UInt8](repeating: 7, count: count), to: recipient, inPiecesOf: 10_000)
        let text = String(decoding: file.prefix(400), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "age-encryption.org/v1")
        #expect(lines[1].hasPrefix("-> X25519 ") && lines[1].utf8.count == 10 + 43)
        #expect(lines[2].utf8.count == 43 && lines[3].hasPrefix("--- ") && lines[3].utf8.count == 4 + 43)
        let header = lines[0].utf8.count + lines[1].utf8.count + lines[2].utf8.count + lines[3].utf8.count + 4
        let chunks = max(1, (count + 65_535) / 65_536)
        #expect(file.count == header + 16 + count + 16 * chunks)
        // Nothing of it is the same a second time.
        #expect(try Self.sealed([UInt8](repeating: 7, count: count), to: recipient, inPiecesOf: 10_000) != file)
    }

    @Test func `a recipient that is a point of low order is refused`() throws {
        // 32 zero bytes.
        let zero = try #require(AgeRecipient("age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"))
        #expect(throws: SealFailure.unusableKey) { try AgeWriter(to: zero) }
    }

    private static func sealed(
        _ bytes: [UInt8], to recipient: AgeRecipient, inPiecesOf length: Int
    ) throws -> [UInt8] {
        var writer = try AgeWriter(to: recipient)
        var file: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: length) {
            file += writer.write(bytes[start..<min(bytes.count, start + length)])
        }
        return file + writer.finish()
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: program), "the program age is not installed"),
        arguments: [0, 1, 65_536, 65_537, 200_000])
    func `the program age opens it, and not when it is cut or changed`(_ count: Int) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "age-\(SystemRandom.bytes(8).hex)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (identity, file) = (directory.appending(path: "key").path, directory.appending(path: "file").path)
        #expect(try Self.run("/usr/bin/age-keygen", "-o", identity).code == 0)
        let line = try String(contentsOfFile: identity, encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("# public key: ") }
        let recipient = try #require(line.flatMap { AgeRecipient(String($0.dropFirst("# public key: ".count))) })
        let plaintext = SystemRandom.bytes(count)
        let sealed = try Self.sealed(plaintext, to: recipient, inPiecesOf: 33_333)
        try Data(sealed).write(to: URL(filePath: file))
        let opened = try Self.run(Self.program, "--decrypt", "-i", identity, file)
        #expect(opened.code == 0 && opened.output == plaintext)
        try Data(sealed.dropLast()).write(to: URL(filePath: file))
        #expect(try Self.run(Self.program, "--decrypt", "-i", identity, file).code != 0)
        var changed = sealed
        changed[changed.count - 1] ^= 1
        try Data(changed).write(to: URL(filePath: file))
        #expect(try Self.run(Self.program, "--decrypt", "-i", identity, file).code != 0)
    }

    private static func run(_ program: String, _ arguments: String...) throws -> (code: Int32, output: [UInt8]) {
        let finished = try ChildProcess.run(program, arguments)
        return (finished.code, finished.output)
    }
}
