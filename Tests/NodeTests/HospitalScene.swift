import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

/// A hospital with two clinicians and a privacy officer, a patient with a scope that holds one document, and four
/// validators: where the hospital's own stories begin.
struct HospitalScene {
    let consortium: TestConsortium
    let ledger: LedgerClient
    let home: WalletHome
    let desk: OrganizationDesk
    let organization: OrganizationKeys
    let consent: ConsentKeeper
    let scope: ScopeKeys
    let doctor: StaffKeys
    let nurse: StaffKeys
    let officer: StaffKeys
    let document: DocumentID

    static let content = Data("blood group and allergies".utf8)
    static let desk = [GenesisSample.hospitalKey]

    /// Runs a story and stops everything afterwards.
    static func with(_ body: (HospitalScene) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            let ledger = try LedgerClient(consortium.genesis)
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(try await HospitalScene(consortium, ledger, directory)))
            } catch {
                result = .failure(error)
            }
            await ledger.shutDown()
            try? await consortium.stopAll()
            try result.get()
        }
    }

    private init(_ consortium: TestConsortium, _ ledger: LedgerClient, _ directory: String) async throws {
        self.consortium = consortium
        self.ledger = ledger
        home = WalletHome(path: directory + "/wallet")
        try home.prepare(consortium.genesis)
        organization = OrganizationKeys(
            signing: Self.desk, receiving: GenesisSample.hospitalReceiving, sealing: GenesisSample.hospitalSealing)
        desk = try OrganizationDesk(ledger, organization)
        consent = ConsentKeeper(ledger, home: home)
        let mnemonic = try #require(Mnemonic(entropy: .random(count: 32)))
        let patient = PatientKeys(mnemonic, scopes: [try #require(PatientKeys.ScopeName(category: "summary"))])
        scope = try #require(patient.scope(named: "summary"))
        doctor = try await Self.registered("doctor", as: .clinician, desk, ledger)
        nurse = try await Self.registered("nurse", as: .clinician, desk, ledger)
        officer = try await Self.registered("officer", as: .privacyOfficer, desk, ledger)
        try await consent.open(scope, with: desk.issueVoucher(expires: Timestamp(rawValue: 4_000_000_000_000)))
        try await consent.authorize(desk.organization, in: scope)
        let card = try await desk.card(of: scope.id)
        document = try await Self.commit(Self.content, with: card, by: nurse, ledger, home)
    }

    /// Registers somebody else.
    func register(_ name: String, as role: Role, needsCosignature: Bool) async throws -> StaffKeys {
        try await Self.registered(name, as: role, desk, ledger, needsCosignature: needsCosignature)
    }

    private static func registered(
        _ name: String, as role: Role, _ desk: OrganizationDesk, _ ledger: LedgerClient, needsCosignature: Bool = false
    ) async throws -> StaffKeys {
        var keys = StaffKeys.random()
        _ = try await desk.register(
            StaffCard(keys).registration(
                at: desk.organization, as: role, pseudonym: name, number: name, salt: [1],
                expires: Timestamp(rawValue: 4_000_000_000_000), needsCosignature: needsCosignature))
        keys.registration = try await keys.findRegistration(ledger)
        return keys
    }

    private static func commit(
        _ content: Data, with card: ScopeCard, by author: StaffKeys, _ ledger: LedgerClient, _ home: WalletHome
    ) async throws -> DocumentID {
        let registration = try #require(author.registration)
        let path = home.path + "/document"
        try content.write(to: URL(filePath: path))
        let records = RecordKeeper(
            home: home.path, transport: NodeContentTransport(ledger.nodes, signedBy: author.device))
        let metadata = DocumentMetadata(title: "summary", type: "test", date: "2026-01-01", mediaType: "text/plain")
        let pending = try records.seal(
            file: path, metadata: try #require(metadata),
            into: AuthorScope(
                scope: card.scope, epoch: card.epoch, delegatingKey: card.delegatingKey, secret: card.secret),
            organization: registration.organization, staff: registration.staff)
        _ = try await records.upload(pending)
        try await ledger.apply(.commitDocument(pending.operation), signedBy: [author.device])
        pending.discard()
        return pending.document
    }

    /// A grant of the patient's to the hospital, for a month.
    func grant(for purposes: [Purpose], flags: GrantConsent.Flags = []) async throws -> GrantID {
        let now = Timestamp(rawValue: UInt64(SystemClock.seconds()) * 1000)
        let terms = GrantTerms(
            to: .organization(desk.organization), for: purposes,
            notBefore: Timestamp(rawValue: now.rawValue - 60_000),
            notAfter: now.advanced(byMilliseconds: 30 * 86_400_000), flags: flags)
        return try await consent.grant(terms, of: scope).grant
    }

    /// The hospital as the one whom a grant is for.
    var recipient: GrantRecipient { GrantRecipient(organization, desk.organization) }

    /// Downloads and decrypts as a member of staff.
    func read(_ document: OpenedDocument, as staff: StaffKeys) async throws -> Data {
        let transport = NodeContentTransport(
            ledger.nodes, signedBy: staff.device, entitlement: .document(document.id))
        let opened = try await RecordKeeper(home: home.path, transport: transport).open(
            document.record, with: RecordSecrets(keySeed: document.keySeed, scopeSecret: document.scopeSecret))
        try await opened.download(to: home.path + "/opened")
        return try Data(contentsOf: URL(filePath: home.path + "/opened"))
    }
}
