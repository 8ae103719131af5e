import ChainStorage
import Foundation
import Testing

@Suite("Journal")
struct JournalFileTests {
    private let directory: TemporaryDirectory
    private let path: String
    private let records: [[UInt8]] = [
        [1], [], [UInt8](repeating: 0, count: 40), (0..<700).map { UInt8(truncatingIfNeeded: $0 | 1) }, [7, 0, 0],
    ]

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("journal")
    }

    private func open() throws -> (journal: JournalFile, records: [[UInt8]]) {
        try JournalFile.open(path: path, allocating: 2048)
    }

    /// A journal file with ``records`` and where each of them ends.
    private func write() throws -> (bytes: [UInt8], ends: [Int]) {
        var (journal, found) = try open()
        #expect(found == [])
        let ends = records.map { record in
            journal.append([record])
            return journal.length
        }
        (journal, found) = try open()
        #expect(found == records)
        #expect(journal.length == ends.last)
        return (Array(try Data(contentsOf: URL(filePath: path)).prefix((ends.last ?? 0) + 64)), ends)
    }

    private func reopened(_ bytes: [UInt8]) throws -> [[UInt8]] {
        try Data(bytes).write(to: URL(filePath: path))
        return try open().records
    }

    @Test func `records come back in order, and more can be added`() throws {
        _ = try write()
        try open().journal.append([[8], [9]])
        #expect(try open().records == records + [[8], [9]])
    }

    @Test func `a record longer than the space ahead is kept whole`() throws {
        let long = [UInt8](repeating: 3, count: 5000)
        let journal = try open().journal
        journal.append([long])
        journal.append([[1], long])
        #expect(try open().records == [long, [1], long])
    }

    @Test func `a file that ends at any byte gives the records before it`() throws {
        let (bytes, ends) = try write()
        for count in 16..<bytes.count {
            let whole = ends.count { $0 <= count }
            let found = try reopened(Array(bytes[..<count]))
            // The padding and the closing byte are not missed: the record is all there.
            #expect(found.count >= whole && found == Array(records[..<found.count]), "cut at \(count)")
            #expect(found.count <= whole + 1)
        }
    }

    @Test func `a record that was torn at any byte, zeros behind, is cut off, and appending goes on`() throws {
        let (bytes, ends) = try write()
        let last = ends[ends.count - 3]..<ends[ends.count - 2]
        for tear in last {
            var torn = Array(bytes[..<tear])
            torn += [UInt8](repeating: 0, count: bytes.count - tear)
            let found = try reopened(torn)
            #expect(found == Array(records.prefix(found.count)) && (3...4).contains(found.count), "torn at \(tear)")
            try open().journal.append([[5]])
            #expect(try open().records == found + [[5]], "torn at \(tear)")
        }
    }

    @Test func `a record that lost a sector is cut off`() throws {
        var (bytes, ends) = try write()
        bytes = Array(bytes[..<ends[3]])
        for index in 512..<min(1024, bytes.count) { bytes[index] = 0 }
        #expect(try reopened(bytes) == Array(records[..<3]))
    }

    @Test func `a flipped byte anywhere in the records is refused, the last record included`() throws {
        let (bytes, ends) = try write()
        var random = SystemRandomNumberGenerator()
        for offset in 0..<(ends.last ?? 0) {
            var flipped = bytes
            flipped[offset] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            #expect(throws: JournalFailure.self, "byte \(offset)") { try reopened(flipped) }
        }
    }

    @Test func `zeros that were written are not taken for a sector that was lost`() throws {
        let journal = try open().journal
        journal.append([[UInt8](repeating: 0, count: 3000), [1]])
        let bytes = Array(try Data(contentsOf: URL(filePath: path)).prefix(journal.length + 64))
        #expect(try reopened(bytes) == [[UInt8](repeating: 0, count: 3000), [1]])
        for offset in stride(from: 16, to: journal.length, by: 7) {
            var flipped = bytes
            flipped[offset] ^= 1 << UInt8(offset % 8)
            #expect(throws: JournalFailure.self, "byte \(offset)") { try reopened(flipped) }
        }
    }

    /// Both made by an implementation that is not ours.
    @Test func `the bytes are locked, and records without a mask are still read`() throws {
        let plain =
            "434c4a31010000008e3346180000000003000000b0e17f41e9bc72c97265636f010203a5000000000000000000000000"
        #expect(try reopened(Self.bytes(plain)) == [[1, 2, 3]])
        let masked =
            "434c4a31010000008e3346180000000003000000ec67931654bb5f6d7265634f1b9e5ca5000000000000000000000000"
            + "14000000777cf7df405e68a472656342f6d44fde47307c9bb75d89f414b562204df8f920a50000000000000000000000"
            + "01000000c2a2489079402081726563454ca50000000000000000000000000000"
        try FileManager.default.removeItem(atPath: path)
        let journal = try open().journal
        journal.append([[1, 2, 3]])
        journal.append([[UInt8](repeating: 0, count: 20), [7]])
        let written = Array(try Data(contentsOf: URL(filePath: path)).prefix(journal.length))
        #expect(written == Self.bytes(masked))
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    @Test func `a torn record with good ones behind it is refused and named`() throws {
        var (bytes, ends) = try write()
        for index in ends[1]..<ends[2] { bytes[index] = 0 }
        #expect(throws: JournalFailure.damagedRecord(path: path, index: 2, offset: ends[1])) { try reopened(bytes) }
    }

    @Test func `whichever sector an append of several records loses, what stands before is kept`() throws {
        let first = try open().journal
        first.append([[1, 2, 3]])
        let start = first.length
        let batch = (1...4).map { [UInt8](repeating: UInt8($0), count: 400) }
        first.append(batch)
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        for sector in stride(from: start / 512 * 512, to: first.length, by: 512) {
            var torn = bytes
            for index in max(sector, start)..<min(sector + 512, first.length) { torn[index] = 0 }
            let found = try reopened(torn)
            #expect(found.first == [1, 2, 3])
            #expect(found.count < 5)
            #expect(Array(([[1, 2, 3]] + batch).prefix(found.count)) == found)
            #expect(try open().records == found)
        }
    }

    @Test func `a record that is missing below a later append is refused`() throws {
        let journal = try open().journal
        let batch = (1...3).map { [UInt8](repeating: UInt8($0), count: 600) }
        journal.append(batch)
        let end = journal.length
        journal.append([[9], [10]])
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        for index in (end - 512) / 512 * 512..<end { bytes[index] = 0 }
        #expect(throws: JournalFailure.self) { try reopened(bytes) }
    }

    @Test func `records of an earlier generation are not taken for records`() throws {
        let (bytes, ends) = try write()
        try open().journal.rewrite([records[0]])
        var mixed = Array(try Data(contentsOf: URL(filePath: path)))
        #expect(try open().records == [records[0]])
        // The bytes of the old second record, where the new journal ends.
        mixed.replaceSubrange(ends[0]..<ends[1], with: bytes[ends[0]..<ends[1]])
        #expect(throws: JournalFailure.self) { try reopened(mixed) }
    }

    @Test func `a rewriting leaves the given records and goes on behind them`() throws {
        _ = try write()
        let journal = try open().journal
        try journal.rewrite([[1], [2]])
        journal.append([[3]])
        #expect(try open().records == [[1], [2], [3]])
    }

    @Test func `what a crash left of an unfinished rewriting is ignored`() throws {
        _ = try write()
        try Data([1, 2, 3]).write(to: URL(filePath: path + ".new"))
        #expect(try open().records == records)
        try open().journal.rewrite([[4]])
        #expect(try open().records == [[4]])
    }

    @Test func `a file that is no journal is refused`() {
        #expect(throws: JournalFailure.damagedHead(path: path)) { try reopened([1, 2, 3]) }
    }
}

@Suite("Home lock")
struct HomeLockTests {
    @Test func `a home has one holder, and is free when that goes away`() throws {
        let directory = try TemporaryDirectory()
        do {
            let lock = try HomeLock(home: directory.path)
            let process = "\(ProcessInfo.processInfo.processIdentifier)"
            #expect(throws: HomeLock.Held(home: directory.path, process: process)) {
                try HomeLock(home: directory.path)
            }
            withExtendedLifetime(lock) {}
        }
        _ = try HomeLock(home: directory.path)
    }
}
