import API
import Client
import Codec
import Cryptography
import Ledger
import Testing

/// What a report is made of, and the histories in it that a node may lie about.
enum ReportMaterial: String, CaseIterable, Sendable {
    case disclosures, access, accessOfAll, erasures, controls, document

    fileprivate func subject(_ story: AuditStory) -> Subject {
        switch self {
        case .disclosures, .erasures: .scope(story.scope.id)
        case .access: .staff(story.reader)
        case .accessOfAll, .controls: .organization(story.hospital)
        case .document: .document(story.documents[0])
        }
    }

    fileprivate var extent: EvidenceExtent {
        switch self {
        case .disclosures, .access, .accessOfAll, .document: .subject
        case .erasures: .withErasures
        case .controls: .withStaff
        }
    }

    /// Collects it.
    fileprivate func collect(_ story: AuditStory, _ ledger: LedgerClient) async throws(ClientFailure) {
        guard self == .controls else {
            _ = try await ledger.evidence(about: subject(story), extent, signedBy: GenesisSample.auditorKey)
            return
        }
        _ = try await ledger.controlEvidence(signedBy: GenesisSample.auditorKey, now: Timestamp(rawValue: 1))
    }

    /// Makes the report of what is in a file.
    fileprivate func report(_ evidence: Evidence, _ story: AuditStory) throws -> [AccessAudit.Finding] {
        let audit = try AccessAudit(evidence, trust: story.trust)
        return switch self {
        case .disclosures: try DisclosureReport(audit).findings
        case .access, .accessOfAll: try AccessReport(audit).findings
        case .erasures: try ErasureReport(audit).findings
        case .controls, .document: audit.findings
        }
    }
}

extension AdversarialNodeTests {
    @Test(arguments: ReportMaterial.allCases, Lie.sorts)
    func `a report is not made of a history with something left out, cut off, out of order or of another time`(
        _ material: ReportMaterial, _ lie: Lie
    ) async throws {
        let setting = try setting()
        let subject = material.subject(setting.story)
        setting.liar.alter { request, bytes in
            guard case .readEvidence(let asked, _) = request, asked == subject,
                let reply = try? EvidenceReply(decoding: bytes)
            else { return nil }
            return .init(lie.tell(reply))
        }
        defer { setting.liar.alter(nil) }
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await material.collect(setting.story, ledger)
            }
            guard case .proof(let reason, let node) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(lie.isFound(reason) && node == setting.lying, "\(reason)")
        }
    }

    @Test(arguments: ReportMaterial.allCases)
    func `a report is not made where a node lies about a history beside the subject's`(
        _ material: ReportMaterial
    ) async throws {
        let setting = try setting()
        let subject = material.subject(setting.story)
        setting.liar.alter { request, bytes in
            guard case .readEvidence(let asked, _) = request, asked != subject, asked.kind != .organization,
                let reply = try? EvidenceReply(decoding: bytes), reply.history.entries.count > 1
            else { return nil }
            return .init(Lie.sorts[0].tell(reply))
        }
        defer { setting.liar.alter(nil) }
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await material.collect(setting.story, ledger)
            }
            #expect(failure == .proof(.wrongHistory, node: setting.lying))
        }
    }

    @Test(arguments: ReportMaterial.allCases)
    func `a file without a history that the report rests on makes no report, or says what is missing`(
        _ material: ReportMaterial
    ) async throws {
        let story = try setting().story
        let evidence = try await story.evidence(material.subject(story), material.extent)
        #expect(try material.report(evidence, story).isEmpty)
        for index in evidence.histories.indices.dropFirst() {
            var histories = evidence.histories
            let left = histories.remove(at: index)[0].history.subject
            // Without its scope, a document's evidence does not say that it proves denials.
            guard left.kind != .scope else { continue }
            let less = Evidence(
                chain: evidence.chain, boundaries: evidence.boundaries, histories: histories,
                registrations: evidence.registrations)
            let isRefused: Bool
            do { isRefused = try !material.report(less, story).isEmpty } catch is ReportFailure { isRefused = true }
            #expect(isRefused, "without \(left)")
        }
    }

    @Test func `an older list of members is not passed off as the present one`() async throws {
        let setting = try setting()
        let old = try await setting.story.withAuditor { ledger in
            try await ledger.nodes.send(
                .listOrganizations, signedBy: GenesisSample.auditorKey, as: StateReply.self
            ).value
        }
        try await setting.story.withAuditor { ledger in
            _ = try await ledger.submit(setting.story.consortium.registration(91))
        }
        setting.liar.alter { request, _ in if case .listOrganizations = request { .init(old) } else { nil } }
        defer { setting.liar.alter(nil) }
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await ReportMaterial.controls.collect(setting.story, ledger)
            }
            guard case .behind = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    @Test func `a list of members with something left out makes no report of controls`() async throws {
        let setting = try setting()
        setting.liar.alter { request, bytes in
            guard case .listOrganizations = request, let reply = try? StateReply(decoding: bytes) else { return nil }
            return .init(
                StateReply(
                    finality: reply.finality, leaves: reply.leaves.filter { $0.key != ConsortiumRecord.key(.only) }))
        }
        defer { setting.liar.alter(nil) }
        try await setting.story.withAuditor(urls: [setting.lying]) { ledger in
            let failure = await #expect(throws: ClientFailure.self) {
                try await ReportMaterial.controls.collect(setting.story, ledger)
            }
            #expect(failure?.exitCode == 3)
        }
    }
}
