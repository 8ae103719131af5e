import API
import ChainStorage
import Codec
import Cryptography
import Ledger
import Node
import Testing

@Suite("Custody after the patient changes their mind")
struct CustodyEndTests {
    let world: Consortium

    init() throws { world = try Consortium() }

    private var rotation: RotateScope {
        RotateScope(
            scope: world.scope, epoch: 1, delegatingKey: SigningKey.random().publicKey,
            sealingKey: SealingKey.random().publicKey)
    }

    @Test func `a closed scope's fragments are neither taken, used nor acknowledged, and are swept`() throws {
        try world.activate()
        let access = try world.request()
        try world.ledger.run(.closeScope(CloseScope(scope: world.scope)), by: [world.scopeKey])
        #expect(throws: CustodyRefusal.grantEnded(.scopeClosed)) { try world.deposit(3) }
        #expect(throws: ServiceRefusal.fragment(.grantEnded(.scopeClosed))) { try world.answer(0, access) }
        #expect(try world.custody(0).unacknowledged(over: world.ledger, tip: world.ledger.tip).isEmpty)
        #expect(try world.custody(0).sweep(over: world.ledger, tip: world.ledger.tip) == [world.grant.grant])
        #expect(try world.custody(0).held().isEmpty)
    }

    @Test func `after a rotation fragments of the ended epoch are taken, checked under its key, and used`() throws {
        try world.activate()
        try world.ledger.run(.rotateScope(rotation), by: [world.scopeKey])
        #expect(try world.deposit(3) != nil)
        let access = try world.request()
        let reply = try world.answer(0, access)
        for fragment in reply.fragments { _ = try world.open(fragment, from: reply.validator, for: access) }
        #expect(reply.fragments.count == 2)
    }

    @Test func `no validator helps with an erased document`() throws {
        try world.activate()
        let (both, one) = (try world.request(), try world.request([world.documents[1]]))
        try world.ledger.run(
            .eraseDocument(EraseDocument(document: world.documents[0])), by: [world.scopeKey])
        #expect(throws: ServiceRefusal.erasedDocument(world.documents[0])) { try world.answer(0, both) }
        #expect(try world.answer(0, one).fragments.map(\.document) == [world.documents[1]])
    }

    @Test func `no validator helps a denied organisation, or beyond a window, though the request was final`() throws {
        try world.activate()
        let access = try world.request()
        func restrict(_ restriction: ScopeRestriction, _ isInForce: Bool) throws {
            let operation = RestrictScope(scope: world.scope, restriction: restriction, isInForce: isInForce)
            try world.ledger.run(.restrictScope(operation), by: [world.scopeKey])
        }
        let hospital = world.genesis.organizations[0].id
        try restrict(.never(hospital), true)
        #expect(throws: ServiceRefusal.staff(.organizationDenied)) { try world.answer(0, access) }
        try restrict(.never(hospital), false)
        let window = ScopeRestriction.documents(world.grant.grant, from: nil, until: Consortium.start)
        try restrict(window, true)
        #expect(throws: ServiceRefusal.grant(.documentOutsideWindow)) { try world.answer(0, access) }
        try restrict(window, false)
        #expect(try world.answer(0, access).fragments.count == 2)
    }
}

@Suite("Erasure log")
struct ErasureLogTests {
    private static let document = Subject.document(DocumentID(.sha256([1])))
    private static let grant = Subject.grant(GrantID(.sha256([2])))

    @Test func `what is to be deleted is remembered with the block that said so, and survives a crash`() throws {
        let database = InMemoryDatabase()
        try ErasureLog(database: database).note([Self.grant, Self.document], upTo: Height(rawValue: 300))
        let log = ErasureLog(database: database.afterCrash(losing: 0))
        #expect(try log.height() == Height(rawValue: 300))
        #expect(try log.entries().map(\.subject) == [Self.document, Self.grant])
        #expect(try log.entries().allSatisfy { $0.kept == nil })
    }

    @Test func `reading a block again does not undo a deletion, and finishing forgets`() throws {
        let log = ErasureLog(database: InMemoryDatabase())
        try log.note([Self.document], upTo: Height(rawValue: 3))
        log.settle(Self.document, kept: 70_000)
        try log.note([Self.document], upTo: Height(rawValue: 3))
        #expect(try log.entries().map(\.kept) == [70_000])
        log.remove(Self.document)
        #expect(try log.entries().isEmpty)
    }

    @Test func `more than a page of entries is read whole`() throws {
        let log = ErasureLog(database: InMemoryDatabase())
        let subjects = (0..<600).map { Subject.document(DocumentID(.sha256([UInt8($0 / 256), UInt8($0 % 256)]))) }
        try log.note(subjects, upTo: Height(rawValue: 1))
        #expect(Set(try log.entries().map(\.subject)) == Set(subjects))
    }
}

/// Some leaves of a ledger, as they were.
private struct SavedState: LedgerReader, Sendable {
    private var values: [StateKey: [UInt8]] = [:]

    init(_ ledger: MemoryLedger, _ keys: [StateKey]) { for key in keys { values[key] = ledger.value(key) } }

    func value(_ key: StateKey) -> [UInt8]? { values[key] }

    func contains(_ transaction: TransactionID) -> Bool { false }
}

@Suite("Which content other documents still name")
struct NamedContentTests {
    let world: Consortium

    init() throws { world = try Consortium() }

    /// A sealed document of one byte.
    private func manifest(for scope: PublicKey) throws -> Manifest {
        let context = DocumentContext(scope: scope, author: world.genesis.organizations[0].id.digest)
        var content: [UInt8] = [1]
        var sealer = try DocumentSealer(
            contentSize: 1, key: DocumentKey(.random(count: 32)), context: context
        ) { buffer in
            let count = min(buffer.count, content.count)
            buffer.copyBytes(from: content.prefix(count))
            content.removeFirst(count)
            return count
        }
        while try sealer.nextBlock() != nil {}
        return sealer.finish()
    }

    private func commit(_ manifest: ContentID, metadata: UInt8) throws -> (CommitDocument, [Transaction]) {
        let made = Encapsulation(for: world.delegatingKey.publicKey)
        let terms = DocumentTerms(
            scope: world.scope, epoch: 0, organization: world.genesis.organizations[0].id, staff: world.staff,
            manifest: manifest, paddedSize: 1024, capsule: made.capsule, keyCommitment: .sha256([]), replaces: nil,
            metadata: ContentID(of: [metadata]))
        let binding = made.bind(terms.boundMessage)
        let document = CommitDocument(terms) { _ in binding }
        return (document, try world.ledger.run(.commitDocument(document), by: [world.device]).transactions)
    }

    private func named(
        _ candidates: [ContentID], _ transactions: [Transaction], _ documents: [DocumentID], _ manifests: [Manifest]
    ) async throws -> Set<ContentID> {
        let header = BlockHeader(
            chain: world.ledger.chain, height: Height(rawValue: 1), epoch: 0, time: Timestamp(rawValue: 1),
            parent: BlockHash(.zero), ancestryRoot: .zero, transactionsRoot: .zero, receiptsRoot: .zero,
            stateRoot: .zero, validatorsHash: .zero, nextValidatorsHash: .zero, proposer: 0)
        let block = Block(header: header, transactions: transactions)
        let state = SavedState(world.ledger, documents.map { DocumentRecord.key($0) })
        return try await NamedContent(
            block: { $0 == Height(rawValue: 1) ? block : nil }, state: state,
            manifest: { id in manifests.first { $0.id == id } }
        ).named(among: Set(candidates))
    }

    @Test func `what a document names stays until that document is erased`() async throws {
        let manifest = try manifest(for: world.scopeKey.publicKey)
        let (document, transactions) = try commit(manifest.id, metadata: 9)
        let candidates = manifest.blocks + [manifest.id, document.metadata, ContentID(of: [77])]
        let before = try await named(candidates, transactions, [document.document], [manifest])
        #expect(before == Set(candidates.dropLast()))
        try world.ledger.run(.eraseDocument(EraseDocument(document: document.document)), by: [world.scopeKey])
        #expect(try await named(candidates, transactions, [document.document], [manifest]).isEmpty)
    }

    @Test func `a second document keeps what both name`() async throws {
        let manifest = try manifest(for: world.scopeKey.publicKey)
        let (first, one) = try commit(manifest.id, metadata: 9)
        let (second, two) = try commit(manifest.id, metadata: 10)
        try world.ledger.run(.eraseDocument(EraseDocument(document: first.document)), by: [world.scopeKey])
        let candidates = manifest.blocks + [manifest.id, first.metadata]
        let kept = try await named(candidates, one + two, [first.document, second.document], [manifest])
        #expect(kept == Set(manifest.blocks + [manifest.id]))
    }

    @Test func `naming a manifest of another scope keeps nothing from being erased`() async throws {
        let foreign = try manifest(for: SigningKey.random().publicKey)
        let (document, transactions) = try commit(foreign.id, metadata: 9)
        let kept = try await named(
            foreign.blocks + [foreign.id], transactions, [document.document], [foreign])
        #expect(kept.isEmpty)
    }
}
