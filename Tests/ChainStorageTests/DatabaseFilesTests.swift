import ChainStorage
import Cryptography
import Foundation
import Testing

@Suite("Integrity: LevelDB's files")
struct DatabaseFilesTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("db")
        var options = LevelDB.Options.small
        options.writeBuffer = 64 << 10
        // The first opening leaves tables, the second a log of more than one block with records longer than one.
        for numbers in [0..<60, 60..<100] {
            let database = try LevelDB(path: path, options: options)
            options = .small
            for number in numbers {
                var batch = WriteBatch()
                let value = (0..<(number % 70 == 3 ? 1100 : 8)).flatMap { _ in Digest.sha256([UInt8(number)]).bytes }
                batch.put([UInt8(number % 90), 1], value)
                if number % 7 == 0 { batch.delete([UInt8(number / 2), 1]) }
                database.write(batch, isSynced: false)
            }
        }
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { !["LOG", "LOG.old", "LOCK"].contains($0) }
    }

    @Test func `a closed database is whole`() throws {
        #expect(IntegrityCheck.checkFiles(of: path) == nil)
        let names = try files()
        #expect(names.contains { $0.hasSuffix(".ldb") } && names.contains { $0.hasSuffix(".log") })
        let logs = try names.filter { $0.hasSuffix(".log") }.map {
            try Data(contentsOf: URL(filePath: "\(path)/\($0)")).count
        }
        #expect((logs.max() ?? 0) > 32768)
    }

    @Test func `a flipped byte in any file is found, and the file named`() throws {
        for name in try files() {
            let url = URL(filePath: "\(path)/\(name)")
            let bytes = try Data(contentsOf: url)
            // Every byte of the small files and of the foot that no checksum covers, some of the rest.
            for offset in bytes.indices
            where bytes.count < 400 || offset < 16 || offset >= bytes.count - 48 || offset % 499 == 0 {
                var flipped = bytes
                flipped[offset] ^= [0x01, 0x80, 0xff][offset % 3]
                try flipped.write(to: url)
                let finding = IntegrityCheck.checkFiles(of: path)
                #expect(finding.map { "\($0)".contains(path) } == true, "\(name) byte \(offset)")
            }
            try bytes.write(to: url)
        }
        #expect(IntegrityCheck.checkFiles(of: path) == nil)
    }

    @Test func `a missing file is named`() throws {
        for name in try files() {
            let moved = directory.file("moved")
            try FileManager.default.moveItem(atPath: "\(path)/\(name)", toPath: moved)
            #expect(IntegrityCheck.checkFiles(of: path) != nil, "\(name)")
            try FileManager.default.moveItem(atPath: moved, toPath: "\(path)/\(name)")
        }
    }

    @Test func `a log that a crash cut short is no damage`() throws {
        let name = try #require(try files().last { $0.hasSuffix(".log") })
        let url = URL(filePath: "\(path)/\(name)")
        let bytes = try Data(contentsOf: url)
        for cut in stride(from: 1, to: 700, by: 9) {
            try bytes.dropLast(cut).write(to: url)
            #expect(IntegrityCheck.checkFiles(of: path) == nil, "cut by \(cut)")
        }
    }
}
