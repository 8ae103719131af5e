import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

/// A small story on four running validators that auditors look back on: a patient's scope, two documents, a grant to a
/// clinician, what the clinician asked for, and the end of the grant.
struct AuditStory: Sendable {
    let consortium: TestConsortium
    let directory: String
    /// The patient's phrase alone.
    let mnemonic: Mnemonic
    let scope: ScopeKeys
    let author: StaffID
    let reader: StaffID
    let documents: [DocumentID]
    let grant: GrantID
    /// The grant's history as it was before anybody asked for anything under it.
    let earlyGrantHistory: [EvidenceReply]
    /// The scope's as it was then.
    let earlyScopeHistory: [EvidenceReply]

    var genesis: Genesis { consortium.genesis }
    var trust: TrustAnchor { TrustAnchor(genesis) }
    var hospital: OrganizationID { genesis.organizations[0].id }

    /// Every sort of subject that has a history.
    var subjects: [Subject] {
        [
            .document(documents[0]), .scope(scope.id), .grant(grant), .staff(reader), .organization(hospital),
            .validator(genesis.validators[0].id),
        ]
    }

    /// Does something as the auditor.
    func withAuditor<Value>(
        urls: [String] = [], home: WalletHome? = nil, _ body: (LedgerClient) async throws -> Value
    ) async throws -> Value {
        let ledger = try LedgerClient(genesis, urls: urls, home: home)
        let result: Result<Value, any Error>
        do { result = .success(try await body(ledger)) } catch { result = .failure(error) }
        await ledger.shutDown()
        return try result.get()
    }

    /// Evidence as all four validators together give it.
    func evidence(_ subject: Subject, _ extent: EvidenceExtent = .subject) async throws -> Evidence {
        try await withAuditor { try await $0.evidence(about: subject, extent, signedBy: GenesisSample.auditorKey) }
    }

    func audit(_ subject: Subject, _ extent: EvidenceExtent = .subject) async throws -> AccessAudit {
        try AccessAudit(try await evidence(subject, extent), trust: trust)
    }
}

extension AuditStory {
    /// Tells the story.
    init(on consortium: TestConsortium, in directory: String) async throws {
        let ledger = try LedgerClient(consortium.genesis)
        do {
            self = try await Self.tell(consortium, directory, ledger)
            await ledger.shutDown()
        } catch {
            await ledger.shutDown()
            throw error
        }
    }

    private static func tell(
        _ consortium: TestConsortium, _ directory: String, _ ledger: LedgerClient
    ) async throws -> AuditStory {
        let home = WalletHome(path: directory + "/wallet")
        try home.prepare(consortium.genesis)
        let hospital = OrganizationKeys(
            signing: [GenesisSample.hospitalKey], receiving: GenesisSample.hospitalReceiving,
            sealing: GenesisSample.hospitalSealing)
        let desk = try OrganizationDesk(ledger, hospital)
        let consent = ConsentKeeper(ledger, home: home)
        let author = try await register("author", at: desk, ledger, needsCosignature: false)
        let reader = try await register("=reader", at: desk, ledger, needsCosignature: true)
        let mnemonic = try #require(Mnemonic(entropy: .random(count: 16)))
        let category = try #require(PatientKeys.ScopeName(category: "imaging"))
        let scope = PatientKeys(mnemonic, scopes: [category]).keys(of: category)
        try await consent.open(scope, with: desk.issueVoucher(expires: Timestamp(rawValue: 4_000_000_000_000)))
        try await consent.authorize(desk.organization, in: scope)
        var documents: [DocumentID] = []
        for title in ["report", "image"] {
            documents.append(try await commit(title, into: scope, by: author, ledger, home))
        }
        let grant = try await consent.grant(terms(for: reader), of: scope).grant
        let early = try await ledger.evidence(about: .grant(grant), signedBy: GenesisSample.auditorKey).histories[0]
        let earlyScope = try await ledger.evidence(about: .scope(scope.id), signedBy: GenesisSample.auditorKey)
        let access = try AccessKeeper(ledger, reader)
        let key = GenesisSample.hospitalKey
        _ = try await access.request(documents, under: grant, purpose: .treatment, cosignedBy: [key])
        _ = try await access.request([documents[0]], under: grant, purpose: .research, cosignedBy: [key])
        try await refused { try await access.request([documents[0]], under: grant, purpose: .treatment) }
        try await consent.revoke(grant, of: scope)
        try await refused {
            try await access.request([documents[0]], under: grant, purpose: .treatment, cosignedBy: [key])
        }
        for isInForce in [true, false] {
            let denial = RestrictScope(
                scope: scope.id, restriction: .never(desk.organization), isInForce: isInForce)
            try await ledger.apply(.restrictScope(denial), signedBy: [scope.signing])
        }
        return AuditStory(
            consortium: consortium, directory: directory, mnemonic: mnemonic, scope: scope,
            author: try #require(author.registration).staff, reader: try #require(reader.registration).staff,
            documents: documents, grant: grant, earlyGrantHistory: early,
            earlyScopeHistory: earlyScope.histories[0])
    }

    private static func refused<Value>(_ body: () async throws -> Value) async throws {
        await #expect(throws: ClientFailure.self) { _ = try await body() }
    }

    private static func register(
        _ name: String, at desk: OrganizationDesk, _ ledger: LedgerClient, needsCosignature: Bool
    ) async throws -> StaffKeys {
        var keys = StaffKeys.random()
        _ = try await desk.register(
            StaffCard(keys).registration(
                at: desk.organization, as: .clinician, pseudonym: name, number: name, salt: [1],
                expires: Timestamp(rawValue: 4_000_000_000_000), needsCosignature: needsCosignature))
        keys.registration = try await keys.findRegistration(ledger)
        return keys
    }

    private static func commit(
        _ title: String, into scope: ScopeKeys, by author: StaffKeys, _ ledger: LedgerClient, _ home: WalletHome
    ) async throws -> DocumentID {
        let registration = try #require(author.registration)
        let path = home.path + "/" + title
        try Data(title.utf8).write(to: URL(filePath: path))
        let records = RecordKeeper(
            home: home.path, transport: NodeContentTransport(ledger.nodes, signedBy: author.device))
        let metadata = DocumentMetadata(title: title, type: "test", date: "2026-01-01", mediaType: "text/plain")
        let pending = try records.seal(
            file: path, metadata: try #require(metadata),
            into: AuthorScope(
                scope: scope.signing.publicKey, epoch: scope.name.epoch, delegatingKey: scope.delegating.publicKey,
                secret: scope.secret),
            organization: registration.organization, staff: registration.staff)
        _ = try await records.upload(pending)
        try await ledger.apply(.commitDocument(pending.operation), signedBy: [author.device])
        pending.discard()
        return pending.document
    }

    private static func terms(for reader: StaffKeys) throws -> GrantTerms {
        let now = Timestamp(rawValue: UInt64(SystemClock.seconds()) * 1000)
        return GrantTerms(
            to: .staff(try #require(reader.registration).staff), for: [.treatment, .research],
            notBefore: Timestamp(rawValue: now.rawValue - 60_000), notAfter: now.advanced(byMilliseconds: 86_400_000))
    }
}

/// Gives a suite four running validators on which the story has been told, once.
struct ToldStory: SuiteTrait, TestScoping {
    @TaskLocal static var current: AuditStory?
    /// The proxy in front of the last validator, where there is one.
    @TaskLocal static var liar: TamperingProxy?

    let isRecursive = false
    var hasLiar = false

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory, proxied: hasLiar ? [3] : [])
            try await consortium.startAll()
            do {
                if hasLiar {
                    try await TamperingProxy.with(3, of: consortium) { liar in
                        try await Self.$liar.withValue(liar) { try await tell(consortium, directory, function) }
                    }
                } else {
                    try await tell(consortium, directory, function)
                }
            } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
        }
    }

    private func tell(
        _ consortium: TestConsortium, _ directory: String, _ function: @Sendable () async throws -> Void
    ) async throws {
        let story = try await AuditStory(on: consortium, in: directory)
        try await Self.$current.withValue(story, operation: function)
    }
}

extension Trait where Self == ToldStory {
    static var toldStory: ToldStory { ToldStory() }
    /// The last validator lies when a test says so.
    static var toldStoryWithLiar: ToldStory { ToldStory(hasLiar: true) }
}
