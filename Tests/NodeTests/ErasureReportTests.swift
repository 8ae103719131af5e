import API
import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Audits: the report of erasures", .timeLimit(.minutes(10)), .serialized)
struct ErasureReportTests {
    private func evidence(of subject: Subject, _ cast: PatientCast) async throws -> Evidence {
        let evidence = try await cast.ledger.evidence(
            about: subject, .withErasures, signedBy: GenesisSample.auditorKey)
        return try Evidence(decoding: evidence.encoded)
    }

    private func report(_ evidence: Evidence, _ cast: PatientCast, days: UInt64 = 30) throws -> ErasureReport {
        try ErasureReport(try AccessAudit(evidence, trust: TrustAnchor(cast.consortium.genesis)), days: days)
    }

    @Test func `who has not deleted is named and overdue, until they do; a grant whose time is over counts too`()
        async throws
    {
        try await PatientCast.with { cast in
            let scope = Subject.scope(cast.scope.id)
            let absent = cast.consortium.genesis.validators[3].id
            let document = try await cast.commit("x", titled: "x")
            _ = try await cast.commit("y", titled: "y")
            try await cast.consortium.stop(3)
            var terms = try cast.terms()
            let revoked = try await cast.consent.grant(terms, of: cast.scope).grant
            // Long enough for it to be granted on a slow machine.
            terms.notAfter = Timestamp(rawValue: UInt64(SystemClock.seconds()) * 1000).advanced(byMilliseconds: 40_000)
            let expiring = try await cast.consent.grant(terms, of: cast.scope).grant
            try await cast.consent.revoke(revoked, of: cast.scope)
            try await cast.consent.erase(document, of: cast.scope)
            try await cast.eventually("three validators delete the document, and both grants' holders the fragments") {
                let report = try report(try await evidence(of: scope, cast), cast)
                return report.rows.count == 3
                    && report.rows.allSatisfy { $0.missing == ($0.subject.kind == .document ? [absent] : []) }
            }

            let proofs = try await evidence(of: scope, cast)
            let pending = try report(proofs, cast)
            #expect(pending.findings.isEmpty)
            #expect(Set(pending.rows.map(\.subject)) == [.document(document), .grant(revoked), .grant(expiring)])
            let expired = try #require(pending.rows.first { $0.subject == .grant(expiring) })
            #expect(expired.cause == .expiry && expired.requested == terms.notAfter && !expired.confirmations.isEmpty)
            #expect(try await cast.ledger.erasure(of: .grant(expiring), signedBy: cast.scope.signing).isComplete)
            let overdue = try report(proofs, cast, days: 0)
            #expect(overdue.rows.filter(\.isOverdue).map(\.subject) == [.document(document)])
            #expect(overdue.findings.count == 1)
            #expect(overdue.findings[0].text.hasPrefix("1 custodian has not confirmed the erasure of document"))

            // The author organisation's report tells of the same erasure; a document's of its own.
            let hospital = try report(try await evidence(of: .organization(cast.desk.organization), cast), cast)
            #expect(hospital.rows.contains { $0.subject == .document(document) && $0.cause == .patient })
            #expect(
                try report(try await evidence(of: .document(document), cast), cast).rows.map(\.missing) == [[absent]])

            // Without one of the histories it is no report.
            let cut = Evidence(
                chain: proofs.chain,
                histories: proofs.histories.filter { $0[0].history.subject != .document(document) },
                registrations: proofs.registrations)
            #expect(throws: ReportFailure.missingHistory(.document(document))) { try report(cut, cast) }

            try await cast.consortium.start(3)
            try await cast.eventually("the fourth deletes too") {
                let complete = try report(try await evidence(of: scope, cast), cast, days: 0)
                return complete.findings.isEmpty && complete.rows.allSatisfy(\.isComplete)
            }
        }
    }
}
