import ChainStorage
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Backup: records and their checksum")
struct BackupStreamTests {
    private static let records: [BackupRecord] = [
        .begin(ChainID(.sha256([1])), Height(rawValue: 7), BlockHash(.sha256([2]))),
        .file(path: "node.json", [1, 2, 3]),
        .entries(.chain, [DatabaseEntry(key: [1], value: []), DatabaseEntry(key: [2], value: [3, 4])]),
        .entries(.state, [DatabaseEntry(key: [0x11], value: [5])]), .content(ContentID(of: [9]), [9]),
    ]

    private static var whole: [UInt8] {
        var encoder = BackupEncoder()
        return BackupEncoder.head + records.flatMap { encoder.frame($0) } + encoder.end()
    }

    private func decode(_ bytes: [UInt8]) throws -> [BackupRecord] {
        var rest = bytes[...]
        var decoder = try BackupDecoder { count in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        var records: [BackupRecord] = []
        while let record = try decoder.next() { records.append(record) }
        return records
    }

    @Test func `what was written is read again`() throws { #expect(try decode(Self.whole) == Self.records) }

    @Test func `cut short anywhere, or altered in any byte, it is refused`() throws {
        let whole = Self.whole
        for count in whole.indices {
            #expect(throws: BackupFailure.self, "\(count) bytes") { try decode(Array(whole[..<count])) }
            var altered = whole
            altered[count] ^= 0x20
            #expect(throws: BackupFailure.self, "byte \(count)") { try decode(altered) }
        }
        #expect(throws: BackupFailure.self) { try decode(whole + [0]) }
    }

    @Test func `a record that is left out, doubled or moved is missed at the end`() throws {
        var encoder = BackupEncoder()
        let frames = Self.records.map { encoder.frame($0) }
        let end = encoder.end()
        for other in [
            [frames[0]] + frames.dropFirst(2), frames + [frames[4]],
            [frames[0], frames[2], frames[1], frames[3], frames[4]],
        ] {
            #expect(throws: BackupFailure.self) { try decode(BackupEncoder.head + other.joined() + end) }
        }
    }

    @Test func `the format is locked`() {
        #expect(Digest.sha256(Self.whole).hex.prefix(16) == "f6f387d7e013d798")
    }
}

@Suite("Backup: the databases at one moment")
struct StoreCutTests {
    @Test func `a copy is whole and has nothing of what was written after the cut`() throws {
        let directory = try TemporaryDirectory()
        let chain = try LevelDB(path: directory.file("chain"))
        let state = try LevelDB(path: directory.file("state"))
        let hospital = try Hospital()
        let store = try LedgerStore(chain: chain, state: state, genesis: hospital.genesis)
        store.commit([try hospital.block(over: store)])
        let cut = try StoreCut(chain: chain, state: state, custody: nil)
        store.commit([try hospital.block(over: store)])
        #expect(cut.tip.height.rawValue == 1)
        let (copiedChain, copiedState) = (InMemoryDatabase(), InMemoryDatabase())
        while let record = try cut.next() {
            guard case .entries(let part, let entries) = record else { continue }
            var batch = WriteBatch()
            for entry in entries { batch.put(entry.key, entry.value) }
            (part == .chain ? copiedChain : copiedState).write(batch, isSynced: true)
        }
        let copy = try LedgerStore(chain: copiedChain, state: copiedState, genesis: hospital.genesis)
        #expect(copy.height.rawValue == 1 && store.height.rawValue == 2)
    }
}
