import API
import Client
import Codec
import Cryptography
import Ledger
import Testing

/// A validator whose answers are altered on the way, with its own certificate in front.
@Suite(
    "Adversarial node: what it omits, reorders, truncates and back-dates", .toldStoryWithLiar, .timeLimit(.minutes(10)),
    .serialized)
struct AdversarialNodeTests {
    struct Setting {
        let story: AuditStory
        let liar: TamperingProxy
        let honest: String
        let lying: String
    }

    func setting() throws -> Setting {
        let story = try #require(ToldStory.current)
        return Setting(
            story: story, liar: try #require(ToldStory.liar), honest: story.genesis.validators[0].apiURL,
            lying: story.genesis.validators[3].apiURL)
    }

    private func altering(_ liar: TamperingProxy, _ lie: Lie) {
        liar.alter { request, bytes in
            guard case .readEvidence = request, let reply = try? EvidenceReply(decoding: bytes),
                !reply.history.entries.isEmpty
            else { return nil }
            return .init(lie.tell(reply))
        }
    }

    @Test(arguments: Lie.entries)
    func `a lie about the entries is refused, for the patient too`(_ lie: Lie) async throws {
        let setting = try setting()
        altering(setting.liar, lie)
        defer { setting.liar.alter(nil) }
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await ledger.events(of: .scope(setting.story.scope.id), signedBy: setting.story.scope.signing)
            }
            #expect(failure?.exitCode == 3)
        }
    }

    @Test(arguments: Lie.entries + Lie.proofs)
    func `the auditor refuses a lie with its reason`(_ lie: Lie) async throws {
        let setting = try setting()
        altering(setting.liar, lie)
        defer { setting.liar.alter(nil) }
        let subject = Subject.scope(setting.story.scope.id)
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await ledger.evidence(about: subject, signedBy: GenesisSample.auditorKey)
            }
            guard case .proof(let reason, let node) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(lie.isFound(reason) && node == setting.lying, "\(reason)")
            #expect(failure?.exitCode == 3)
        }
    }

    @Test func `an honest node beside the liar is asked next, and the liar is named`() async throws {
        let setting = try setting()
        altering(setting.liar, Lie.omissions[1])
        defer { setting.liar.alter(nil) }
        try await setting.story.withAuditor(urls: [setting.lying, setting.honest]) { ledger in
            // The one that answered last is asked first: for this test the liar.
            _ = try await ledger.nodes.send(.readBlock(.latest), to: ledger.nodes.nodes[0], as: FinalityProof.self)
            var doubts: [ClientFailure] = []
            let evidence = try await ledger.evidence(
                about: .scope(setting.story.scope.id), signedBy: GenesisSample.auditorKey, doubt: { doubts.append($0) })
            #expect(try AccessAudit(evidence, trust: setting.story.trust).findings.isEmpty)
            #expect(doubts.allSatisfy { $0 == .proof(.wrongHistory, node: setting.lying) })
        }
    }

    @Test func `an older history is not passed off as the present one`() async throws {
        let setting = try setting()
        let subject = Subject.organization(setting.story.hospital)
        let old = try await setting.story.evidence(subject).histories[0]
        try await setting.story.withAuditor { ledger in
            _ = try await ledger.submit(setting.story.consortium.registration(90))
        }
        setting.liar.alter { request, _ in
            guard case .readEvidence(let asked, let range) = request, asked == subject, range.from == 0 else {
                return nil
            }
            return .init(old[0])
        }
        defer { setting.liar.alter(nil) }
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await ledger.evidence(about: subject, signedBy: GenesisSample.auditorKey)
            }
            guard case .behind = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
        try await setting.story.withAuditor(urls: [setting.lying, setting.honest]) { ledger in
            let evidence = try await ledger.evidence(about: subject, signedBy: GenesisSample.auditorKey)
            #expect(evidence.histories[0].flatMap(\.history.entries).count > old.flatMap(\.history.entries).count)
        }
    }

    @Test func `a node that denies what exists is asked past, and refused when it is alone`() async throws {
        let setting = try setting()
        setting.liar.alter { request, _ in if case .readEvidence = request { .notFound } else { nil } }
        defer { setting.liar.alter(nil) }
        let subject = Subject.document(setting.story.documents[0])
        try await setting.story.withAuditor(urls: [setting.lying, setting.honest]) { ledger in
            let evidence = try await ledger.evidence(about: subject, signedBy: GenesisSample.auditorKey)
            #expect(evidence.subject == subject)
        }
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await ledger.evidence(about: subject, signedBy: GenesisSample.auditorKey)
            }
            #expect(failure?.exitCode == 1)
        }
    }

    @Test func `a grant's history that ends before the access hides nothing`() async throws {
        let setting = try setting()
        let evidence = try await setting.story.evidence(.document(setting.story.documents[0]))
        let histories = evidence.histories.map { pages in
            pages[0].history.subject.kind == .grant ? setting.story.earlyGrantHistory : pages
        }
        let audit = try AccessAudit(
            Evidence(chain: evidence.chain, histories: histories, registrations: evidence.registrations),
            trust: setting.story.trust)
        #expect(!audit.findings.isEmpty)
        #expect(
            audit.findings.allSatisfy { $0.text == "the access does not stand in its grant's history" })
    }
}
