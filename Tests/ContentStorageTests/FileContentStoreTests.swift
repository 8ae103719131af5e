import ContentStorage
import Cryptography
import Foundation
import Testing

/// A directory that goes when the test does.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "content-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ id: ContentID) -> String { "\(path)/\(id.digest.hex.prefix(2))/\(id)" }

    /// Overwrites a file behind the store's back.
    func damage(_ id: ContentID) throws { try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file(id))) }

    /// Makes a file look as if it had been put a while ago.
    func age(_ id: ContentID, by seconds: TimeInterval) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: file(id))
    }
}

func content(_ number: Int, size: Int = 100) throws -> Content {
    try Content((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number &* 7) } + Array("\(number)".utf8))
}

@Suite("Content store: files")
struct FileContentStoreTests {
    private let directory: TemporaryDirectory
    private let store: FileContentStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try FileContentStore(root: directory.path)
    }

    @Test func `what was put is given, also after a restart`() async throws {
        let root = try TemporaryDirectory()
        let contents = [try content(1), try content(2, size: 1_048_832), try Content([])]
        do {
            let store = try FileContentStore(root: root.path)
            try await store.put(contents)
        }
        let restarted = try FileContentStore(root: root.path)
        for content in contents {
            #expect(try await restarted.get(content.id)?.bytes == content.bytes)
            #expect(FileManager.default.fileExists(atPath: root.file(content.id)))
        }
        #expect(try await restarted.missing(among: contents.map(\.id) + [content(3).id]) == [content(3).id])
    }

    @Test func `many writers at once each find all of theirs stored`() async throws {
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<20 {
                group.addTask {
                    let contents = try (0..<10).map { try content(writer * 10 + $0) }
                    try await store.put(contents)
                    for content in contents { #expect(try await store.get(content.id)?.bytes == content.bytes) }
                }
            }
            try await group.waitForAll()
        }
        var listed = 0
        for shard in UInt8.min...UInt8.max { listed += try await store.list(shard: shard).count }
        #expect(listed == 200)
    }

    @Test func `bytes under another name or above the bound are refused`() throws {
        let id = try content(1).id
        #expect(throws: ContentFailure.wrongContent(id)) { try Content([1], named: id) }
        let longest = [UInt8](repeating: 0, count: Content.maximumLength)
        #expect(throws: Never.self) { try Content(longest) }
        #expect(throws: ContentFailure.tooLong(limit: 4 << 20)) { try Content(longest + [0]) }
        #expect(throws: ContentFailure.tooLong(limit: 4 << 20)) { try Content(longest + [0], named: id) }
    }

    @Test func `damage is reported, never given, and put mends it`() async throws {
        let content = try content(1)
        try await store.put([content])
        try directory.damage(content.id)
        await #expect(throws: ContentFailure.damaged(content.id)) { try await store.get(content.id) }
        try await store.put([content])
        #expect(try await store.get(content.id)?.bytes == content.bytes)
    }

    @Test func `a nearly full disk takes nothing`() async throws {
        let root = try TemporaryDirectory()
        let store = try FileContentStore(root: root.path, reserve: .max)
        let content = try content(1)
        await #expect(throws: ContentFailure.full) { try await store.put([content]) }
        #expect(try await store.get(content.id) == nil)
    }

    @Test func `a second store in one directory is refused`() throws {
        #expect(throws: ContentFailure.inUse) { try FileContentStore(root: directory.path) }
    }

    @Test func `what a killed process left unfinished is cleared away`() async throws {
        let root = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: root.path + "/incoming", withIntermediateDirectories: false)
        try Data([1]).write(to: URL(fileURLWithPath: root.path + "/incoming/3"))
        try Data([1]).write(to: URL(fileURLWithPath: root.path + "/notes"))
        let store = try FileContentStore(root: root.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: root.path + "/incoming") == [])
        for shard in UInt8.min...UInt8.max { #expect(try await store.list(shard: shard) == []) }
    }

    @Test func `removed content is gone, and gone once`() async throws {
        let content = try content(1)
        try await store.put([content])
        #expect(try await store.remove(content.id))
        #expect(try await store.get(content.id) == nil)
        #expect(try await !store.remove(content.id))
    }

    @Test func `content ages until it is put again`() async throws {
        let content = try content(1)
        try await store.put([content])
        #expect(try await !store.remove(content.id, ifOlderThan: .seconds(86_400)))
        try directory.age(content.id, by: 864_000)
        let aged = try await store.list(shard: content.id.bytes[4])
        #expect(aged.first?.age ?? .zero >= .seconds(864_000))
        #expect(aged.map(\.id) == [content.id])
        #expect(aged.map(\.size) == [content.bytes.count])
        try await store.put([content])
        #expect(try await !store.remove(content.id, ifOlderThan: .seconds(86_400)))
        try directory.age(content.id, by: 864_000)
        #expect(try await store.remove(content.id, ifOlderThan: .seconds(86_400)))
    }
}
