import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

/// A hospital, an author, a reader and a patient on four running validators, with the patient's scope enrolled.
struct PatientCast {
    static let far = Timestamp(rawValue: 4_000_000_000_000)

    let consortium: TestConsortium
    let ledger: LedgerClient
    let home: WalletHome
    let desk: OrganizationDesk
    let consent: ConsentKeeper
    let patient: PatientKeys
    let author: StaffKeys
    let reader: StaffKeys

    var scope: ScopeKeys { patient.allKeys[0] }

    /// Starts the validators, and stops them when `body` is done.
    ///
    /// - Parameter documentCopies: How many of them keep a document; nothing said, as many as the chain needs at least.
    static func with(
        scrubInterval: Duration? = nil, documentCopies: Int = 0, _ body: (PatientCast) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(
                directory: directory, scrubInterval: scrubInterval, documentCopies: documentCopies)
            try await consortium.startAll()
            let cast = try await PatientCast(consortium, directory: directory)
            let result: Result<Void, any Error>
            do { result = .success(try await body(cast)) } catch { result = .failure(error) }
            await cast.ledger.shutDown()
            try? await consortium.stopAll()
            try result.get()
        }
    }

    /// The same with a validator whose answers are altered on the way.
    static func withLiar(_ body: (PatientCast, TamperingProxy) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory, proxied: [3])
            try await consortium.startAll()
            let result: Result<Void, any Error>
            do {
                result = .success(
                    try await TamperingProxy.with(3, of: consortium) { liar in
                        let cast = try await PatientCast(consortium, directory: directory)
                        let told: Result<Void, any Error>
                        do { told = .success(try await body(cast, liar)) } catch { told = .failure(error) }
                        await cast.ledger.shutDown()
                        try told.get()
                    })
            } catch { result = .failure(error) }
            try? await consortium.stopAll()
            try result.get()
        }
    }

    private init(_ consortium: TestConsortium, directory: String) async throws {
        self.consortium = consortium
        ledger = try LedgerClient(consortium.genesis)
        home = WalletHome(path: directory + "/wallet")
        try home.prepare(consortium.genesis)
        desk = try OrganizationDesk(
            ledger,
            OrganizationKeys(
                signing: [GenesisSample.hospitalKey], receiving: GenesisSample.hospitalReceiving,
                sealing: GenesisSample.hospitalSealing))
        consent = ConsentKeeper(ledger, home: home)
        let mnemonic = try #require(Mnemonic(entropy: .random(count: 32)))
        patient = PatientKeys(mnemonic, scopes: [try #require(PatientKeys.ScopeName(category: "imaging"))])
        author = try await Self.registered("author", desk, ledger)
        reader = try await Self.registered("reader", desk, ledger)
        try await open(patient.allKeys[0])
        try await consent.authorize(desk.organization, in: patient.allKeys[0])
    }

    private static func registered(
        _ name: String, _ desk: OrganizationDesk, _ ledger: LedgerClient
    ) async throws -> StaffKeys {
        var keys = StaffKeys.random()
        _ = try await desk.register(
            StaffCard(keys).registration(
                at: desk.organization, as: .clinician, pseudonym: name, number: name, salt: [1], expires: far,
                needsCosignature: false))
        keys.registration = try await keys.findRegistration(ledger)
        return keys
    }

    /// One more clinician of the hospital.
    func register(_ name: String) async throws -> StaffKeys { try await Self.registered(name, desk, ledger) }

    func open(_ scope: ScopeKeys) async throws {
        try await consent.open(scope, with: desk.issueVoucher(expires: Self.far))
    }

    /// Seals, uploads and commits a document with the card that the hospital has.
    func commit(_ content: String, titled title: String) async throws -> DocumentID {
        try await commit(content, titled: title, with: try await desk.card(of: scope.id))
    }

    func commit(_ content: String, titled title: String, with card: ScopeCard) async throws -> DocumentID {
        let registration = try #require(author.registration)
        let path = home.path + "/source-" + SystemRandom.bytes(4).hex
        try Data(content.utf8).write(to: URL(filePath: path))
        let records = records(author.device)
        let metadata = DocumentMetadata(title: title, type: "test", date: "2026-01-01", mediaType: "text/plain")
        let pending = try records.seal(
            file: path, metadata: try #require(metadata),
            into: AuthorScope(
                scope: card.scope, epoch: card.epoch, delegatingKey: card.delegatingKey, secret: card.secret),
            organization: registration.organization, staff: registration.staff)
        defer { pending.discard() }
        _ = try await records.upload(pending)
        try await ledger.apply(.commitDocument(pending.operation), signedBy: [author.device])
        return pending.document
    }

    /// Grants to the reader.
    func terms(from: Timestamp? = nil, until: Timestamp? = nil) throws -> GrantTerms {
        let now = Timestamp(rawValue: UInt64(SystemClock.seconds()) * 1000)
        return GrantTerms(
            to: .staff(try #require(reader.registration).staff), for: [.treatment],
            notBefore: Timestamp(rawValue: now.rawValue - 60_000),
            notAfter: now.advanced(byMilliseconds: 30 * 86_400_000), documentsFrom: from, documentsUntil: until)
    }

    func access() throws -> AccessKeeper { try AccessKeeper(ledger, reader) }

    /// The reader asks for a document, opens it and reads it.
    func read(_ document: DocumentID, under grant: GrantID) async throws -> String {
        let access = try access()
        let request = try await access.request([document], under: grant, purpose: .treatment)
        let opened = try #require(try await access.open(request).first)
        let content = try await records(reader.device, for: document).open(
            opened.record, share: opened.share,
            with: RecordSecrets(keySeed: opened.keySeed, scopeSecret: opened.scopeSecret))
        return try await text(content)
    }

    /// The patient opens a document of a scope.
    func own(_ document: DocumentID, of scope: ScopeKeys) async throws -> String {
        let (record, share) = try await ledger.document(document, signedBy: scope.signing)
        let keys = patient.keys(of: scope, at: record.epoch)
        let content = try await records(scope.signing, for: document).open(
            record, share: share,
            with: RecordSecrets(keySeed: try keys.delegating.open(record.capsule), scopeSecret: keys.secret))
        return try await text(content)
    }

    /// Why the reader's request is refused; nothing when it is not.
    func refusal(of documents: [DocumentID], under grant: GrantID) async throws -> Refusal? {
        do {
            _ = try await access().request(documents, under: grant, purpose: .treatment)
            return nil
        } catch ClientFailure.refused(_, let refusal) { return refusal }
    }

    func records(_ key: SigningKey, for document: DocumentID? = nil) -> RecordKeeper {
        RecordKeeper(
            home: home.path,
            transport: NodeContentTransport(
                ledger.nodes, signedBy: key, entitlement: document.map { .document($0) }))
    }

    private func text(_ reader: RecordReader) async throws -> String {
        let path = home.path + "/opened-" + SystemRandom.bytes(4).hex
        try await reader.download(to: path)
        return try String(contentsOf: URL(filePath: path), encoding: .utf8)
    }

    /// Waits for what other processes bring about; the deadline is for when they never do.
    func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(180))
        while !(try await condition()) {
            try #require(ContinuousClock.now < deadline, "\(what)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
