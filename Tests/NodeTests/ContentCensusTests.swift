import Codec
import ContentStorage
import Cryptography
import Ledger
import Node
import Synchronization
import Testing

/// A short chain that names a document, and a store with more in it.
private final class Shelf: Sendable {
    struct State {
        var blocks: [Block] = []
        var manifests: [ContentID: Manifest] = [:]
        /// What becomes final once somebody has seen the tip.
        var blocksAfterFirstLook: [Block] = []
    }

    let store = InMemoryContentStore()
    let state = Mutex(State())

    var census: ContentCensus {
        ContentCensus(
            store: store,
            block: { height in
                self.state.withLock { state in
                    let index = Int(height.rawValue) - 1
                    guard !state.blocks.indices.contains(index) else { return state.blocks[index] }
                    state.blocks += state.blocksAfterFirstLook
                    state.blocksAfterFirstLook = []
                    return nil
                }
            }, manifest: { id in self.state.withLock { $0.manifests[id] } })
    }

    /// What a pass removed; nothing if it did not come to that.
    func removed(by census: ContentCensus) async throws -> Int? {
        if case .collected(let report) = try await census.collect() { report.removed } else { nil }
    }

    /// Stores something that nothing names yet.
    func put(_ byte: UInt8) throws -> ContentID {
        let content = try Content([byte])
        store.put([content])
        return content.id
    }

    /// Seals, stores and commits a document.
    func commit(_ byte: UInt8, keepsManifest: Bool = true) throws -> [ContentID] {
        let encapsulation = Encapsulation(for: SigningKey.random().publicKey)
        let scope = SigningKey.random().publicKey
        let organization = OrganizationID(.zero)
        var content: [UInt8] = [byte]
        var sealer = try DocumentSealer(
            contentSize: 1, key: DocumentKey(.random(count: 32)),
            context: DocumentContext(scope: scope, author: organization.digest)
        ) { buffer in
            let count = min(buffer.count, content.count)
            buffer.copyBytes(from: content.prefix(count))
            content.removeFirst(count)
            return count
        }
        var stored: [Content] = []
        while let block = try sealer.nextBlock() { stored.append(try Content(block.bytes)) }
        let manifest = sealer.finish()
        stored.append(try Content(manifest.encoded, format: .dagCBOR))
        let metadata = try Content([byte, byte])
        stored.append(metadata)
        store.put(stored)
        let terms = DocumentTerms(
            scope: ScopeID(scope), epoch: 0, organization: organization, staff: StaffID(.zero), manifest: manifest.id,
            paddedSize: manifest.layout.size, capsule: encapsulation.capsule, keyCommitment: manifest.commitment,
            replaces: nil, metadata: metadata.id)
        let body = TransactionBody(
            chain: ChainID(.zero), nonce: [UInt8](repeating: byte, count: 16), validUntil: Height(rawValue: 9),
            operations: [.commitDocument(CommitDocument(terms) { encapsulation.bind($0) })])
        append(Transaction(body, signedBy: [SigningKey.random()]))
        if keepsManifest { state.withLock { $0.manifests[manifest.id] = manifest } }
        return stored.map(\.id)
    }

    private func append(_ transaction: Transaction) {
        state.withLock { state in
            let header = BlockHeader(
                chain: ChainID(.zero), height: Height(rawValue: UInt64(state.blocks.count) + 1), epoch: 0,
                time: Timestamp(rawValue: 1), parent: BlockHash(.zero), ancestryRoot: .zero, transactionsRoot: .zero,
                receiptsRoot: .zero, stateRoot: .zero, validatorsHash: .zero, nextValidatorsHash: .zero, proposer: 0)
            state.blocks.append(Block(header: header, transactions: [transaction]))
        }
    }

    func age() { store.advance(by: GarbageCollection.defaultGrace) }
}

@Suite("Content census")
struct ContentCensusTests {
    @Test func `what a document consists of stays, what nothing names goes`() async throws {
        let shelf = Shelf()
        let named = try shelf.commit(1)
        let abandoned = try shelf.put(9)
        shelf.age()
        let young = try shelf.put(10)
        #expect(try await shelf.removed(by: shelf.census) == 1)
        #expect(named.allSatisfy { shelf.store.contains($0) })
        #expect(!shelf.store.contains(abandoned))
        #expect(shelf.store.contains(young))
    }

    @Test func `a later pass knows what has been committed since`() async throws {
        let shelf = Shelf()
        let census = shelf.census
        _ = try shelf.commit(1)
        shelf.age()
        #expect(try await shelf.removed(by: census) == 0)
        let later = try shelf.commit(2)
        shelf.age()
        #expect(try await shelf.removed(by: census) == 0)
        #expect(later.allSatisfy { shelf.store.contains($0) })
    }

    @Test func `what is committed while the pass goes on stays`() async throws {
        let shelf = Shelf()
        // Judged in the order of shards: the first candidate's removal is when the chain is looked at again.
        let hidden = try shelf.commit(1)
        let block = shelf.state.withLock { $0.blocks.removeLast() }
        for byte in UInt8(100)...110 { _ = try shelf.put(byte) }
        shelf.age()
        shelf.state.withLock { $0.blocksAfterFirstLook = [block] }
        try await shelf.census.collect()
        #expect(hidden.allSatisfy { shelf.store.contains($0) })
    }

    @Test func `while a manifest cannot be had, nothing goes, for a week of passes`() async throws {
        let shelf = Shelf()
        let census = shelf.census
        let document = try shelf.commit(1, keepsManifest: false)
        let abandoned = try shelf.put(9)
        shelf.age()
        for _ in 0..<6 { #expect(try await census.collect() == .manifestsMissing(1)) }
        #expect(shelf.store.contains(abandoned))
        #expect(try await shelf.removed(by: census) != nil)
        #expect(!shelf.store.contains(abandoned))
        // The manifest itself is named by the chain; its blocks were named by nothing else.
        #expect(document.map { shelf.store.contains($0) } == [false, true, true])
    }
}
