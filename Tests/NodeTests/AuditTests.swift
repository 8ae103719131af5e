import API
import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Audits: evidence and reports of four validators", .toldStory, .timeLimit(.minutes(10)), .serialized)
struct AuditTests {
    private func story() throws -> AuditStory { try #require(ToldStory.current) }

    @Test func `evidence of every sort of subject is judged offline, and comes through its file unchanged`()
        async throws
    {
        let story = try story()
        for subject in story.subjects {
            let evidence = try await story.evidence(subject)
            let read = try Evidence(decoding: evidence.encoded)
            #expect(read == evidence)
            let audit = try AccessAudit(read, trust: story.trust)
            #expect(audit.history.subject == subject)
            #expect(audit.findings.isEmpty, "\(subject.kind)")
            #expect(!audit.history.events.isEmpty || subject.kind == .validator)
        }
    }

    @Test func `a phrase alone finds its scopes again, with all that is in them`() async throws {
        let story = try story()
        try await story.withAuditor { ledger in
            let home = WalletHome(path: story.directory + "/restored")
            let search = ScopeSearch(ledger, home: home)
            let categories = ["dental", "imaging", "imaging"] + ScopeSearch.commonCategories.prefix(3)
            let found = try await search.find(PatientKeys(story.mnemonic), categories: categories)
            #expect(found.map(\.keys.id) == [story.scope.id])
            #expect(found.map(\.keys.name.category) == ["imaging"])
            #expect(found.map(\.documents) == [2] && found.map(\.grants) == [1])
            let stranger = try #require(Mnemonic(entropy: .random(count: 16)))
            #expect(try await search.find(PatientKeys(stranger), categories: ["imaging"]).isEmpty)
        }
    }

    @Test(arguments: [(1, 5), (2, 5), (4, 5), (3, 3), (3, 4), (3, 6)])
    func `evidence of another version or another length is refused`(version: UInt64, items: Int) async throws {
        let story = try story()
        let evidence = try await story.evidence(.document(story.documents[0]))
        var writer = CBORWriter()
        writer.beginArray(items)
        writer.write(version)
        var body = evidence.encoded.dropFirst(2)
        #expect(evidence.encoded.prefix(2) == [0x85, 3] && writer.bytes == [0x80 | UInt8(items), UInt8(version)])
        if items == 6 { body.append(0xf6) }
        #expect(throws: DecodingFailure.self) { try Evidence(decoding: writer.bytes + body) }
    }

    @Test func `a document's evidence proves every denial of its scope, and says so where it does not`() async throws {
        let story = try story()
        let document = Subject.document(story.documents[0])
        for subject in [document, .scope(story.scope.id)] {
            let denials = try #require(try await story.audit(subject).denials)
            #expect(denials.map(\.organization) == [story.hospital])
            let lifted = try #require(denials.first?.lifted)
            #expect(try #require(denials.first).since.height < lifted.height)
        }
        let alone = try await story.evidence(document, .alone)
        #expect(try AccessAudit(alone, trust: story.trust).denials == nil)
        #expect(
            alone.encoded.prefix(2) == [0x85, 2] && !alone.histories.contains { $0[0].history.subject.kind == .scope })
        #expect(try await story.audit(.grant(story.grant)).denials == nil)
    }

    @Test func `a scope's history that ends before an access, or another scope's, hides no denial`() async throws {
        let story = try story()
        let evidence = try await story.evidence(.document(story.documents[0]))
        func judged(_ scope: [EvidenceReply]) throws -> AccessAudit {
            let histories = evidence.histories.map { $0[0].history.subject.kind == .scope ? scope : $0 }
            return try AccessAudit(
                Evidence(chain: evidence.chain, histories: histories, registrations: evidence.registrations),
                trust: story.trust)
        }
        let early = try judged(story.earlyScopeHistory)
        #expect(early.findings.count == 2)
        #expect(early.findings.allSatisfy { $0.text == "the access does not stand in its scope's history" })
        let scope = try #require(evidence.histories.first { $0[0].history.subject.kind == .scope })
        var page = scope[0]
        page = EvidenceReply(
            history: HistoryReply(
                finality: page.history.finality, subject: page.history.subject, proof: page.history.proof, from: 0,
                entries: Array(page.history.entries.dropLast())), transactions: page.transactions)
        #expect(throws: ProofFailure.wrongHistory) { try judged([page]) }
        // A grant has no scope's history beside it.
        let grant = try await story.evidence(.grant(story.grant))
        let beside = Evidence(
            chain: grant.chain, histories: grant.histories + [scope], registrations: grant.registrations)
        #expect(throws: ProofFailure.wrongSubject) { try AccessAudit(beside, trust: story.trust) }
    }

    @Test func `the accounting of disclosures says when, to whom, what and what for, and leaves refusals out`()
        async throws
    {
        let story = try story()
        let report = try DisclosureReport(try await story.audit(.scope(story.scope.id)))
        #expect(report.rows.map(\.purpose) == [.treatment, .research])
        #expect(report.rows.map(\.documents.count) == [2, 1])
        #expect(report.rows.map(\.exemption) == ["164.528(a)(1)(i)", nil])
        for row in report.rows {
            #expect(row.recipient.staff == story.reader && row.recipient.pseudonym == "=reader")
            #expect(row.recipient.organization == story.hospital && row.grant == story.grant)
        }
    }

    @Test func `each report comes out the same of the file that it was made of`() async throws {
        let story = try story()
        func both(_ subject: Subject, _ extent: EvidenceExtent = .subject) async throws -> [AccessAudit] {
            let evidence = try await story.evidence(subject, extent)
            return try [evidence, Evidence(decoding: evidence.encoded)].map {
                try AccessAudit($0, trust: story.trust)
            }
        }
        let disclosures = try await both(.scope(story.scope.id)).map { try DisclosureReport($0) }
        #expect(disclosures[0] == disclosures[1] && !disclosures[0].rows.isEmpty)
        for subject in [Subject.staff(story.reader), .organization(story.hospital)] {
            let accesses = try await both(subject).map { try AccessReport($0) }
            #expect(accesses[0] == accesses[1] && !accesses[0].rows.isEmpty)
        }
        let erasures = try await both(.scope(story.scope.id), .withErasures).map { try ErasureReport($0) }
        #expect(erasures[0] == erasures[1] && !erasures[0].rows.isEmpty)
    }

    @Test func `what happened before the window is left out of a report`() async throws {
        let story = try story()
        let audit = try await story.audit(.scope(story.scope.id))
        let basis = ReportBasis(audit.history, years: 6)
        #expect(basis.header.time.rawValue - basis.since.rawValue == 6 * 31_557_600_000)
        #expect(ReportBasis(audit.history, years: nil).since == Timestamp(rawValue: 0))
        #expect(ReportBasis(audit.history, years: .max).since == Timestamp(rawValue: 0))
        #expect(try DisclosureReport(audit, years: 0).rows.isEmpty)
    }

    @Test func `a report of access lists what was refused, of a person and of their organisation alike`() async throws {
        let story = try story()
        let person = try AccessReport(try await story.audit(.staff(story.reader)))
        #expect(
            person.rows.map(\.entry.outcome) == [
                .applied, .applied, .refused(.organizationSignatureMissing), .refused(.grantRevoked),
            ])
        #expect(person.rows.allSatisfy { $0.scope == story.scope.id && $0.person.pseudonym == "=reader" })
        let everybody = try AccessReport(try await story.audit(.organization(story.hospital)))
        #expect(everybody.rows.map(\.request) == person.rows.map(\.request))
    }

    @Test func `a report is not made of evidence about something else, or without those who asked`() async throws {
        let story = try story()
        let document = try await story.audit(.document(story.documents[0]))
        #expect(throws: ReportFailure.wrongSubject(expected: "scope")) { try DisclosureReport(document) }
        #expect(throws: ReportFailure.wrongSubject(expected: "member of staff or an organisation")) {
            try AccessReport(document)
        }
        let evidence = try await story.evidence(.scope(story.scope.id))
        let anonymous = Evidence(chain: evidence.chain, histories: evidence.histories)
        #expect(throws: ReportFailure.unknownStaff(story.reader)) {
            try DisclosureReport(try AccessAudit(anonymous, trust: story.trust))
        }
    }

    @Test func `an organisation's evidence without one of its staff, or with a history twice, is found out`()
        async throws
    {
        let story = try story()
        let evidence = try await story.evidence(.organization(story.hospital), .withStaff)
        let without = evidence.histories.filter { $0[0].history.subject != .staff(story.author) }
        let audit = try AccessAudit(Evidence(chain: evidence.chain, histories: without), trust: story.trust)
        #expect(audit.findings.map(\.text) == ["the history of a member of staff is not in the evidence"])
        let twice = Evidence(chain: evidence.chain, histories: evidence.histories + [evidence.histories[1]])
        #expect(throws: ProofFailure.wrongSubject) { try AccessAudit(twice, trust: story.trust) }
    }
}
