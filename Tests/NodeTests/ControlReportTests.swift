import API
import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Report of controls: four validators", .toldStory, .timeLimit(.minutes(10)), .serialized)
struct ControlReportTests {
    private func story() throws -> AuditStory { try #require(ToldStory.current) }

    private func evidence(_ story: AuditStory, urls: [String] = []) async throws -> ControlEvidence {
        try await story.withAuditor(urls: urls) { ledger in
            let now = Timestamp(rawValue: UInt64(SystemClock.seconds()) * 1000)
            return try await ledger.controlEvidence(signedBy: GenesisSample.auditorKey, now: now)
        }
    }

    @Test func `every paragraph has a mechanism and a command, and what can be measured is measured`() async throws {
        let story = try story()
        let evidence = try await evidence(story)
        let report = try ControlReport(evidence, genesis: story.genesis)
        #expect(report.rows.map(\.control) == Control.all && report.isAppointed)
        for row in report.rows {
            #expect(!row.control.mechanism.isEmpty && !row.control.command.isEmpty)
            #expect(row.measurements.map(\.check) == row.control.checks, "\(row.control.paragraph)")
        }
        // The one clinician who acts alone is found, whatever else holds.
        let authentication = try #require(report.rows.first { $0.control.paragraph == "45 CFR 164.312(d)" })
        #expect(authentication.holds == false)
        #expect(authentication.measurements.first?.detail == "1 of 2 clinicians may act alone")
        let audit = try #require(report.rows.first { $0.control.paragraph == "45 CFR 164.312(b)" })
        #expect(audit.holds == true && audit.measurements.last?.detail == "2 refused requests in the histories")
        for check in [ControlCheck.pinnedTransport, .unsignedRefused, .strangerRefused, .nodesAgree, .quorumReady] {
            let found = evidence.observations.measurements.first { $0.check == check }
            #expect(found?.holds == true, "\(check): \(found?.detail ?? "not measured")")
        }
    }

    @Test func `the report comes out the same of its file, and no byte of the file can be another`() async throws {
        let story = try story()
        let evidence = try await evidence(story)
        let bytes = evidence.encoded
        let report = try ControlReport(evidence, genesis: story.genesis)
        #expect(try ControlReport(ControlEvidence(decoding: bytes), genesis: story.genesis) == report)
        for offset in Array(stride(from: 0, to: bytes.count, by: max(1, bytes.count / 61))) + [bytes.count - 1] {
            var damaged = bytes
            damaged[offset] ^= 1
            #expect(throws: (any Error).self, "byte \(offset)") {
                try ControlReport(ControlEvidence(decoding: damaged), genesis: story.genesis)
            }
        }
    }

    @Test func `what a stranger says they saw is not an auditor's word`() async throws {
        let story = try story()
        let now = Timestamp(rawValue: 1)
        let own = try await evidence(story)
        let stranger = ControlObservations(
            chain: story.genesis.chain, time: now, measurements: own.observations.measurements, signedBy: .random())
        let other = ControlEvidence(
            chain: own.chain, organizations: own.organizations, members: own.members, observer: own.observer,
            observations: stranger)
        #expect(try !ControlReport(other, genesis: story.genesis).isAppointed)
        let none = ControlEvidence(
            chain: own.chain, organizations: [], members: own.members, observer: own.observer, observations: stranger)
        #expect(throws: ProofFailure.self) { try ControlReport(none, genesis: story.genesis) }
    }
}
