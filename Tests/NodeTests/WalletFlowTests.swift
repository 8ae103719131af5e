import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

/// The main job through four real validators: a hospital, two of its clinicians and a patient, each with a home.
@Suite("Wallet flows: four validators on loopback", .timeLimit(.minutes(10)), .serialized)
struct WalletFlowTests {
    /// What everybody needs to act.
    private struct Cast {
        let ledger: LedgerClient
        let desk: OrganizationDesk
        let consent: ConsentKeeper
        let scope: ScopeKeys
        let author: StaffKeys
        let reader: StaffKeys
        let home: WalletHome

        init(_ consortium: TestConsortium, directory: String) async throws {
            ledger = try LedgerClient(consortium.genesis)
            home = WalletHome(path: directory + "/wallet")
            try home.prepare(consortium.genesis)
            desk = try OrganizationDesk(
                ledger,
                OrganizationKeys(
                    signing: [GenesisSample.hospitalKey], receiving: GenesisSample.hospitalReceiving,
                    sealing: GenesisSample.hospitalSealing))
            consent = ConsentKeeper(ledger, home: home)
            scope = try #require(Self.patient().scope(named: "imaging"))
            author = try await Self.registered("author", desk, ledger)
            reader = try await Self.registered("reader", desk, ledger)
        }

        private static func patient() throws -> PatientKeys {
            let mnemonic = try #require(Mnemonic(entropy: .random(count: 32)))
            return PatientKeys(mnemonic, scopes: [try #require(PatientKeys.ScopeName(category: "imaging"))])
        }

        private static func registered(
            _ name: String, _ desk: OrganizationDesk, _ ledger: LedgerClient
        ) async throws -> StaffKeys {
            var keys = StaffKeys.random()
            #expect(try await keys.findRegistration(ledger) == nil)
            let staff = try await desk.register(
                StaffCard(keys).registration(
                    at: desk.organization, as: .clinician, pseudonym: name, number: name, salt: [1],
                    expires: Timestamp(rawValue: 4_000_000_000_000), needsCosignature: name == "reader"))
            keys.registration = try await keys.findRegistration(ledger)
            #expect(keys.registration == .init(staff: staff, organization: desk.organization))
            return keys
        }

        /// Opens the scope with a voucher, lets the hospital write to it, and passes the card on to the author.
        func enroll() async throws -> ScopeCard {
            #expect(try await consent.record(of: scope) == nil)
            let voucher = desk.issueVoucher(expires: Timestamp(rawValue: 4_000_000_000_000))
            try await consent.open(scope, with: voucher)
            #expect(try await consent.record(of: scope)?.sponsor == desk.organization)
            try await consent.authorize(desk.organization, in: scope)
            let staff = try #require(author.registration).staff
            let box = CardBox(home)
            try box.keep(try await desk.passCard(of: scope.id, to: staff))
            return try box.card(of: scope.id).open(with: author.sealing, on: ledger.chain)
        }

        /// Seals, uploads and commits a document.
        func commit(_ content: Data, titled title: String, with card: ScopeCard) async throws -> DocumentID {
            let registration = try #require(author.registration)
            let path = home.path + "/" + title
            try content.write(to: URL(filePath: path))
            let records = RecordKeeper(
                home: home.path, transport: NodeContentTransport(ledger.nodes, signedBy: author.device))
            let metadata = DocumentMetadata(title: title, type: "test", date: "2026-01-01", mediaType: "text/plain")
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

        func terms() throws -> GrantTerms {
            let now = Timestamp(rawValue: UInt64(SystemClock.seconds()) * 1000)
            return GrantTerms(
                to: .staff(try #require(reader.registration).staff), for: [.treatment],
                notBefore: Timestamp(rawValue: now.rawValue - 60_000),
                notAfter: now.advanced(byMilliseconds: 30 * 86_400_000))
        }

        func read(_ document: OpenedDocument) async throws -> Data {
            let transport = NodeContentTransport(
                ledger.nodes, signedBy: reader.device, entitlement: .document(document.id))
            let records = RecordKeeper(home: home.path, transport: transport)
            let opened = try await records.open(
                document.record, with: RecordSecrets(keySeed: document.keySeed, scopeSecret: document.scopeSecret))
            try await opened.download(to: home.path + "/opened")
            return try Data(contentsOf: URL(filePath: home.path + "/opened"))
        }
    }

    private func withCast(_ body: (Cast, TestConsortium) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            let cast = try await Cast(consortium, directory: directory)
            let result: Result<Void, any Error>
            do { result = .success(try await body(cast, consortium)) } catch { result = .failure(error) }
            await cast.ledger.shutDown()
            try? await consortium.stopAll()
            try result.get()
        }
    }

    @Test func `a document is written, granted, opened, and closed again; and the patient sees who opened it`()
        async throws
    {
        try await withCast { cast, _ in
            let card = try await cast.enroll()
            let content = Data("what the doctor saw".utf8)
            let document = try await cast.commit(content, titled: "report", with: card)
            var status = try await cast.consent.grant(try cast.terms(), of: cast.scope)
            // Each delivery waits a moment by itself; on a busy machine the last validator takes longer.
            let deadline = ContinuousClock.now.advanced(by: .seconds(120))
            while status.summary != "4 of 4 hold it", ContinuousClock.now < deadline {
                status = try await cast.consent.deliver(status.grant, of: cast.scope)
            }
            #expect(status.summary == "4 of 4 hold it")
            #expect(status.missing.isEmpty)

            let access = try AccessKeeper(cast.ledger, cast.reader)
            #expect(try await access.grants().map(\.id) == [status.grant])
            #expect(try await access.documents(in: cast.scope.id).map(\.document) == [document])
            // A clinician's device alone is not enough.
            await #expect(throws: ClientFailure.self) {
                try await access.request([document], under: status.grant, purpose: .treatment)
            }
            let request = try await access.request(
                [document], under: status.grant, purpose: .treatment, cosignedBy: [GenesisSample.hospitalKey])
            let opened = try await access.open(request)
            #expect(opened.map(\.id) == [document])
            #expect(try await cast.read(try #require(opened.first)) == content)

            try await cast.consent.revoke(status.grant, of: cast.scope)
            await #expect(throws: ClientFailure.self) {
                try await access.request(
                    [document], under: status.grant, purpose: .treatment, cosignedBy: [GenesisSample.hospitalKey])
            }
            let disclosures = try await cast.consent.events(of: cast.scope).disclosures
            #expect(
                disclosures.map(\.entry.outcome) == [
                    .refused(.organizationSignatureMissing), .applied, .refused(.grantRevoked),
                ])
            #expect(try await cast.consent.grants(of: cast.scope).first?.record.revoked != nil)
        }
    }

    @Test func `with one validator down a grant works, and it gets its fragment later`() async throws {
        try await withCast { cast, consortium in
            let card = try await cast.enroll()
            let document = try await cast.commit(Data("x".utf8), titled: "report", with: card)
            try await consortium.stop(3)
            var status = try await cast.consent.grant(try cast.terms(), of: cast.scope)
            let deadline = ContinuousClock.now.advanced(by: .seconds(120))
            while status.summary != "3 of 4 hold it", ContinuousClock.now < deadline {
                status = try await cast.consent.deliver(status.grant, of: cast.scope)
            }
            #expect(status.summary == "3 of 4 hold it")
            #expect(status.missing.map(\.validator) == [consortium.genesis.validators[3].id])

            let access = try AccessKeeper(cast.ledger, cast.reader)
            let request = try await access.request(
                [document], under: status.grant, purpose: .treatment, cosignedBy: [GenesisSample.hospitalKey])
            #expect(try await access.open(request).count == 1)

            try await consortium.start(3)
            let end = ContinuousClock.now.advanced(by: .seconds(120))
            var later = try await cast.consent.deliver(status.grant, of: cast.scope)
            // Each delivery waits a moment by itself; on a busy machine the validator is longer in catching up.
            while later.summary != "4 of 4 hold it", ContinuousClock.now < end {
                later = try await cast.consent.deliver(status.grant, of: cast.scope)
            }
            #expect(later.summary == "4 of 4 hold it")
        }
    }

    @Test func `evidence of a document is checked offline, and no byte of it can be another`() async throws {
        try await withCast { cast, consortium in
            let card = try await cast.enroll()
            let document = try await cast.commit(Data("x".utf8), titled: "report", with: card)
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            let access = try AccessKeeper(cast.ledger, cast.reader)
            _ = try await access.request(
                [document], under: grant, purpose: .treatment, cosignedBy: [GenesisSample.hospitalKey])
            let evidence = try await cast.ledger.evidence(
                about: .document(document), signedBy: GenesisSample.auditorKey)

            let trust = TrustAnchor(consortium.genesis)
            let audit = try AccessAudit(evidence, trust: trust)
            #expect(audit.findings.isEmpty)
            #expect(audit.accesses.map(\.request.grant) == [grant])
            #expect(audit.history.events.first?.operation.code == .commitDocument)

            let bytes = evidence.encoded
            for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
                var damaged = bytes
                damaged[offset] ^= 1
                #expect(throws: (any Error).self, "byte \(offset)") {
                    let audit = try AccessAudit(try Evidence(decoding: damaged), trust: trust)
                    try #require(audit.findings.isEmpty)
                }
            }
        }
    }

    @Test func `evidence without the grant of an access, or with a page left out, is no proof`() async throws {
        try await withCast { cast, consortium in
            let card = try await cast.enroll()
            let document = try await cast.commit(Data("x".utf8), titled: "report", with: card)
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            _ = try await AccessKeeper(cast.ledger, cast.reader).request(
                [document], under: grant, purpose: .treatment, cosignedBy: [GenesisSample.hospitalKey])
            let evidence = try await cast.ledger.evidence(
                about: .document(document), signedBy: GenesisSample.auditorKey)
            let trust = TrustAnchor(consortium.genesis)

            let lone = Evidence(chain: evidence.chain, histories: [evidence.histories[0]])
            #expect(
                try AccessAudit(lone, trust: trust).findings.map(\.text) == [
                    "the grant of this access is not in the evidence"
                ])
            let history = evidence.histories[0][0].history
            let shortened = HistoryReply(
                finality: history.finality, subject: history.subject, proof: history.proof, from: 0,
                entries: Array(history.entries.dropLast()))
            let trimmed = Evidence(
                chain: evidence.chain,
                histories: [[EvidenceReply(history: shortened, transactions: evidence.histories[0][0].transactions)]])
            #expect(throws: ProofFailure.wrongHistory) { try AccessAudit(trimmed, trust: trust) }
        }
    }
}
