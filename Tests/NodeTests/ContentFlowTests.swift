import API
import Client
import Cryptography
import Foundation
import HTTPTypes
import Ledger
import Node
import Synchronization
import Testing

@Suite("Content: real nodes that keep and repair it", .timeLimit(.minutes(10)), .serialized)
struct ContentFlowTests {
    private func withConsortium(
        scrubInterval: Duration? = nil, _ body: (TestConsortium, String) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory, scrubInterval: scrubInterval)
            try await consortium.startAll()
            do { try await body(consortium, directory) } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
        }
    }

    private func file(_ id: ContentID, at index: Int, in consortium: TestConsortium) -> URL {
        let text = id.description
        let shard = (0...255).map { [UInt8($0)].hex }
        let root = "\(consortium.directory)/\(index)/content"
        let path = shard.map { "\(root)/\($0)/\(text)" }.first { FileManager.default.fileExists(atPath: $0) }
        return URL(filePath: path ?? "\(root)/none")
    }

    @Test func `a block that is damaged on a disk is found by the scrub and fetched from another node`() async throws {
        try await withConsortium(scrubInterval: .milliseconds(200)) { consortium, _ in
            let bytes = SystemRandom.bytes(50_000)
            let id = ContentID(of: bytes)
            let stored = try await RawClient(consortium: consortium, index: 0).send(
                .put, "/v1/content/\(id)", body: bytes, type: "application/octet-stream",
                signedBy: GenesisSample.hospitalKey)
            try #require(stored.status == 201)
            let holder = try #require(
                (0..<4).map { file(id, at: $0, in: consortium) }.first {
                    FileManager.default.fileExists(atPath: $0.path)
                })
            let whole = try Data(contentsOf: holder)
            for offset in [0, whole.count / 2, whole.count - 1] {
                var damaged = whole
                damaged[offset] ^= 1
                try damaged.write(to: holder)
                let deadline = ContinuousClock.now.advanced(by: .seconds(120))
                while try Data(contentsOf: holder) != whole, ContinuousClock.now < deadline { await Task.yield() }
                #expect(try Data(contentsOf: holder) == whole, "byte \(offset)")
            }
        }
    }

    @Test func `an upload that is cut off goes on through another node until all of it is there`() async throws {
        try await withConsortium { consortium, directory in
            let path = directory + "/scan"
            try Data(SystemRandom.bytes(5_000_000)).write(to: URL(filePath: path))
            let key = GenesisSample.hospitalKey
            let first = try consortium.client(of: 0)
            let cut = CutTransport(NodeContentTransport(first.nodes, signedBy: key), after: 2)
            let keeper = RecordKeeper(home: directory + "/wallet", transport: cut)
            let scope = AuthorScope(
                scope: SigningKey.random().publicKey, epoch: 0, delegatingKey: DelegatingKey.random().publicKey,
                secret: .random(count: 32))
            let metadata = try #require(
                DocumentMetadata(title: "scan", type: "imaging", date: "2026-01-01", mediaType: "image/png"))
            let record = try keeper.seal(
                file: path, metadata: metadata, into: scope, organization: consortium.genesis.organizations[0].id,
                staff: StaffID(.sha256([1])))
            await #expect(throws: CutTransport.Cut.self) { try await keeper.upload(record) }
            await first.shutDown()

            let second = try consortium.client(of: 1)
            let counting = CutTransport(NodeContentTransport(second.nodes, signedBy: key), after: .max)
            let again = RecordKeeper(home: directory + "/wallet", transport: counting)
            let pending = try #require(again.pending().first)
            #expect(pending.document == record.document)
            #expect(try await again.upload(pending) == 2)
            // What both sent is the whole: the blocks, the metadata and the manifest.
            let contents = record.manifest.blocks + [record.operation.metadata, record.operation.manifest]
            #expect(try await NodeContentTransport(second.nodes, signedBy: key).missing(among: contents).isEmpty)
            // Of the first pieces, those in flight when the way broke may not have been acknowledged.
            #expect(cut.sent.count <= 2)
            #expect(cut.sent.union(counting.sent) == Set(contents))
            #expect(try await again.upload(pending) == nil)
            await second.shutDown()
        }
    }
}

/// A way to the nodes that breaks after a number of pieces.
private final class CutTransport: ContentTransport {
    struct Cut: Error {}

    private let transport: NodeContentTransport
    private let limit: Int
    private let state = Mutex<(begun: Int, sent: Set<ContentID>)>((0, []))

    init(_ transport: NodeContentTransport, after limit: Int) {
        self.transport = transport
        self.limit = limit
    }

    /// What was acknowledged.
    var sent: Set<ContentID> { state.withLock { $0.sent } }
    var sources: Int { transport.sources }

    func missing(among ids: [ContentID]) async throws -> [ContentID] { try await transport.missing(among: ids) }

    func put(_ bytes: [UInt8], named id: ContentID) async throws -> Int {
        let isCut = state.withLock { state in
            state.begun += 1
            return state.begun > limit
        }
        if isCut { throw Cut() }
        let count = try await transport.put(bytes, named: id)
        state.withLock { _ = $0.sent.insert(id) }
        return count
    }

    func get(_ id: ContentID, range: Range<Int>?, from source: Int?) async throws -> [UInt8] {
        try await transport.get(id, range: range, from: source)
    }
}
