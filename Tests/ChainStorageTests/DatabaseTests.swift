import ChainStorage
import Testing

@Suite("Database")
struct DatabaseTests {
    private let directory: TemporaryDirectory
    private let databases: [any Database]

    init() throws {
        directory = try TemporaryDirectory()
        databases = [InMemoryDatabase(), try LevelDB(path: directory.file("db"), options: .small)]
    }

    private func batch(_ changes: [[UInt8]: [UInt8]?]) -> WriteBatch {
        var batch = WriteBatch()
        for (key, value) in changes {
            if let value { batch.put(key, value) } else { batch.delete(key) }
        }
        return batch
    }

    @Test func `a batch puts, replaces and deletes; empty values and zero bytes are values`() throws {
        for database in databases {
            database.write(batch([[1]: [1], [2]: [], [3, 0]: [0, 0]]), isSynced: true)
            database.write(batch([[1]: [9], [3]: [3]]), isSynced: false)
            database.write(batch([[2]: nil, [7]: nil]), isSynced: false)
            #expect(try database.get([1]) == [9])
            #expect(try database.get([2]) == nil)
            #expect(try database.get([3, 0]) == [0, 0])
            let all = try database.scan(from: [], to: nil, limit: .max)
            #expect(all.map(\.key) == [[1], [3], [3, 0]])
        }
    }

    @Test func `a key's last change in a batch counts`() throws {
        for database in databases {
            var batch = WriteBatch()
            batch.put([1], [1])
            batch.delete([1])
            batch.delete([2])
            batch.put([2], [2])
            database.write(batch, isSynced: true)
            #expect(try database.get([1]) == nil)
            #expect(try database.get([2]) == [2])
        }
    }

    @Test func `a scan begins at or after its start, ends before its end and at its limit`() throws {
        for database in databases {
            database.write(
                batch(Dictionary(uniqueKeysWithValues: (0..<20).map { ([4, $0], [$0]) })), isSynced: true)
            database.write(batch([[3]: [], [5]: []]), isSynced: true)
            let keys = { (start: [UInt8], end: [UInt8]?, limit: Int) in
                try database.scan(from: start, to: end, limit: limit).map(\.key)
            }
            #expect(try keys([4], [5], 100).count == 20)
            #expect(try keys([4, 18], nil, 100) == [[4, 18], [4, 19], [5]])
            #expect(try keys([4, 3, 0], [4, 6], 100) == [[4, 4], [4, 5]])
            #expect(try keys([4], [5], 2) == [[4, 0], [4, 1]])
            #expect(try keys([6], nil, 2) == [])
        }
    }

    @Test func `memory loses what was not synced, the later batches first`() {
        let database = InMemoryDatabase()
        database.write(batch([[1]: [1]]), isSynced: false)
        database.write(batch([[2]: [2]]), isSynced: true)
        database.write(batch([[3]: [3]]), isSynced: false)
        database.write(batch([[2]: nil]), isSynced: false)
        #expect(database.unsyncedCount == 2)
        let keys = (0...2).map { lost in
            database.afterCrash(losing: lost).scan(from: [], to: nil, limit: 9).map(\.key)
        }
        #expect(keys == [[[1], [3]], [[1], [2], [3]], [[1], [2]]])
    }

    @Test func `a directory that another object has open is refused, and free when that goes away`() throws {
        let path = directory.file("locked")
        do {
            let first = try LevelDB(path: path, options: .small)
            #expect(throws: DatabaseFailure.inUse(path: path)) { try LevelDB(path: path, options: .small) }
            withExtendedLifetime(first) {}
        }
        _ = try LevelDB(path: path, options: .small)
    }

    @Test func `a missing directory is not created unasked`() {
        var options = LevelDB.Options.small
        options.createsIfMissing = false
        let path = directory.file("missing")
        #expect(throws: DatabaseFailure.missing(path: path)) { try LevelDB(path: path, options: options) }
    }

    @Test func `entries survive a reopening`() throws {
        let path = directory.file("reopened")
        try LevelDB(path: path).write(batch([[1]: [2]]), isSynced: true)
        #expect(try LevelDB(path: path).get([1]) == [2])
    }
}
