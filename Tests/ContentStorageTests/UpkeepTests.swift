import ContentStorage
import Cryptography
import Testing

@Suite("Content store: scrub")
struct ScrubTests {
    private let directory: TemporaryDirectory
    private let store: FileContentStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try FileContentStore(root: directory.path)
    }

    @Test func `damaged content is fetched from peers, what nobody has is named`() async throws {
        let contents = try (0..<8).map { try content($0) }
        try await store.put(contents)
        for content in contents[..<3] { try directory.damage(content.id) }
        let held = contents[0]
        let lied = contents[1]
        let report = try await Scrub(store) { id in id == held.id ? held.bytes : id == lied.id ? [9] : nil }.run()
        #expect(report.intact == 5)
        #expect(report.intactBytes == contents[3...].reduce(0) { $0 + $1.bytes.count })
        #expect(report.repaired == [held.id])
        #expect(Set(report.lost) == [lied.id, contents[2].id])
        #expect(try await store.get(held.id)?.bytes == held.bytes)
    }

    @Test func `an intact store asks nobody`() async throws {
        try await store.put([content(1), content(2)])
        let report = try await Scrub(store) { id in
            Issue.record("asked for \(id)")
            return nil
        }.run()
        #expect(report.intact == 2)
    }
}

@Suite("Content store: garbage collection")
struct GarbageCollectionTests {
    @Test func `only old content that nothing names goes`() async throws {
        let store = InMemoryContentStore()
        let named = try content(1)
        let abandoned = try content(2)
        let young = try content(3)
        store.put([named, abandoned])
        store.advance(by: GarbageCollection.defaultGrace)
        store.put([young])
        let report = try await GarbageCollection(store).run { $0 == named.id }
        #expect(report.kept == 2)
        #expect(report.removed == 1)
        #expect(report.removedBytes == abandoned.bytes.count)
        #expect(try store.get(abandoned.id) == nil)
        #expect(store.contains(named.id) && store.contains(young.id))
    }

    @Test func `content that is put again while it is judged stays`() async throws {
        let store = InMemoryContentStore()
        let content = try content(1)
        store.put([content])
        store.advance(by: .seconds(1_000_000))
        let report = try await GarbageCollection(store).run { _ in
            store.put([content])
            return false
        }
        #expect(report.removed == 0)
        #expect(store.contains(content.id))
    }

    @Test func `files follow the same rules`() async throws {
        let directory = try TemporaryDirectory()
        let store = try FileContentStore(root: directory.path)
        let contents = try (0..<6).map { try content($0) }
        try await store.put(contents)
        for content in contents[..<4] { try directory.age(content.id, by: 1_000_000) }
        let named = Set(contents[..<2].map(\.id))
        let report = try await GarbageCollection(store).run { named.contains($0) }
        #expect(report.removed == 2)
        #expect(try await store.missing(among: contents.map(\.id)) == contents[2..<4].map(\.id))
    }

    @Test func `when it cannot be told what is named, nothing goes`() async throws {
        struct Unknown: Error {}
        let store = InMemoryContentStore()
        let content = try content(1)
        store.put([content])
        store.advance(by: .seconds(1_000_000))
        await #expect(throws: Unknown.self) { try await GarbageCollection(store).run { _ in throw Unknown() } }
        #expect(store.contains(content.id))
    }
}
