import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("Patient flows: scopes over time, restrictions, shares", .timeLimit(.minutes(10)), .serialized)
struct ScopeLifeFlowTests {
    @Test
    func `after a rotation old grants open old documents, renewed ones open new documents, old cards write nothing`()
        async throws
    {
        try await PatientCast.with { cast in
            let oldCard = try await cast.desk.card(of: cast.scope.id)
            let first = try await cast.commit("first", titled: "first")
            let old = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            // Whoever has left by then gets nothing anew, and keeps nobody else from it.
            let leaver = try await cast.register("leaver")
            var leaving = try cast.terms()
            leaving.grantee = .staff(try #require(leaver.registration).staff)
            let left = try await cast.consent.grant(leaving, of: cast.scope).grant
            try await cast.desk.end(try #require(leaver.registration).staff)

            let next = cast.patient.keys(of: cast.scope, at: 1)
            try await cast.consent.rotate(to: next)
            #expect(next.id == cast.scope.id)
            // Before the renewal nobody writes.
            await #expect(throws: ClientFailure.self) {
                try await cast.commit("x", titled: "x", with: oldCard)
            }
            let renewal = try await cast.consent.renew(next, now: try cast.terms().notBefore)
            #expect(renewal.authors == [cast.desk.organization])
            #expect(renewal.grants.map(\.old) == [old] && renewal.left == [left])
            let new = try #require(renewal.grants.first?.new.grant)
            // Again, there is nothing left to do.
            let again = try await cast.consent.renew(next, now: try cast.terms().notBefore)
            #expect(again.authors.isEmpty && again.grants.isEmpty && again.left == [left])

            let card = try await cast.desk.card(of: cast.scope.id)
            #expect(card.epoch == 1 && card.delegatingKey != oldCard.delegatingKey)
            let second = try await cast.commit("second", titled: "second")
            #expect(try await cast.read(first, under: old) == "first")
            #expect(try await cast.read(second, under: new) == "second")
            #expect(try await cast.refusal(of: [second], under: old) == .documentNotInScope)
            #expect(try await cast.refusal(of: [first], under: new) == .documentNotInScope)
            #expect(try await cast.own(first, of: next) == "first")
            #expect(try await cast.own(second, of: next) == "second")
        }
    }

    @Test func `a closed scope refuses new requests, and validators refuse those that were made before`() async throws {
        try await PatientCast.with { cast in
            let document = try await cast.commit("x", titled: "x")
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            let request = try await cast.access().request([document], under: grant, purpose: .treatment)
            try await cast.consent.close(cast.scope)
            #expect(try await cast.refusal(of: [document], under: grant) == .scopeClosed)
            await #expect(throws: (any Error).self) { try await cast.access().open(request) }
            await #expect(throws: ClientFailure.self) { try await cast.commit("y", titled: "y") }
            await #expect(throws: ClientFailure.self) {
                try await cast.consent.grant(try cast.terms(), of: cast.scope)
            }
            // What the patient has, the patient keeps.
            #expect(try await cast.own(document, of: cast.scope) == "x")
            // Each validator deletes its fragment and says so.
            try await cast.eventually("the fragments are confirmed to be gone") {
                try await cast.ledger.erasure(of: .grant(grant), signedBy: cast.scope.signing).missing.isEmpty
            }
        }
    }

    @Test func `a denied organisation is refused through an older grant too, until the denial is lifted`() async throws
    {
        try await PatientCast.with { cast in
            let document = try await cast.commit("x", titled: "x")
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            let request = try await cast.access().request([document], under: grant, purpose: .treatment)
            try await cast.consent.deny(cast.desk.organization, in: cast.scope)
            #expect(try await cast.refusal(of: [document], under: grant) == .organizationDenied)
            await #expect(throws: (any Error).self) { try await cast.access().open(request) }
            await #expect(throws: ClientFailure.self) {
                try await cast.consent.grant(try cast.terms(), of: cast.scope)
            }
            let events = try await cast.consent.events(of: cast.scope)
            #expect(events.denied == [cast.desk.organization] && events.authors.isEmpty)
            let denied = try await cast.consent.explanation(
                of: grant, in: cast.scope, now: try cast.terms().notBefore.advanced(byMilliseconds: 60_000))
            #expect(denied.text.contains("may never read them"))

            try await cast.consent.lift(cast.desk.organization, in: cast.scope)
            #expect(try await cast.read(document, under: grant) == "x")
        }
    }

    @Test func `a grant with a window opens documents of its time only, and says so in plain words`() async throws {
        try await PatientCast.with { cast in
            let first = try await cast.commit("first", titled: "first")
            let time = try await cast.ledger.document(first, signedBy: cast.scope.signing).record.time
            let second = try await cast.commit("second", titled: "second")
            let terms = try cast.terms(until: time)
            let preview = try await cast.consent.explanation(of: terms, in: cast.scope)
            #expect(preview.text.contains("reader at hospital") && preview.text.contains("Nothing is signed yet."))
            let grant = try await cast.consent.grant(terms, of: cast.scope).grant
            #expect(try await cast.consent.window(of: grant, in: cast.scope)?.until == time)
            #expect(try await cast.read(first, under: grant) == "first")
            #expect(try await cast.refusal(of: [second], under: grant) == .documentOutsideWindow)

            let now = terms.notBefore.advanced(byMilliseconds: 60_000)
            let standing = try await cast.consent.explanation(of: grant, in: cast.scope, now: now)
            #expect(standing.text.contains("This holds now.") && standing.text.contains("up to"))
            try await cast.consent.revoke(grant, of: cast.scope)
            let revoked = try await cast.consent.explanation(of: grant, in: cast.scope, now: now)
            #expect(revoked.text.contains("You took this back."))
        }
    }

    @Test func `one document is granted alone, and its reader gets the author's very content and nothing else`()
        async throws
    {
        try await PatientCast.with { cast in
            let content = String(repeating: "what the doctor saw ", count: 10_000)
            let document = try await cast.commit(content, titled: "knee")
            let other = try await cast.commit("private", titled: "other")
            let target = cast.patient.keys(of: try #require(PatientKeys.ScopeName(category: "knee for Dr Sam")))
            try await cast.open(target)
            let share = try await cast.consent.share(document, of: cast.scope, into: target)
            let grant = try await cast.consent.grant(try cast.terms(), of: target).grant

            #expect(try await cast.read(share, under: grant) == content)
            #expect(try await cast.own(share, of: target) == content)
            #expect(try await cast.refusal(of: [other], under: grant) == .documentNotInScope)
            #expect(try await cast.refusal(of: [document], under: grant) == .documentNotInScope)
            let record = try await cast.ledger.document(share, signedBy: target.signing)
            let original = try await cast.ledger.document(document, signedBy: cast.scope.signing)
            #expect(record.record.manifest == original.record.manifest && record.share?.source == document)
            let card = try await cast.access().card(of: grant)
            let title = try await cast.records(cast.reader.device, for: share)
                .metadata(of: record.record, scopeSecret: card.secret).title
            #expect(title == "knee")

            // With the original goes the share.
            try await cast.consent.erase(document, of: cast.scope, sharedInto: [target])
            #expect(try await cast.refusal(of: [share], under: grant) == .documentErased)
        }
    }
}
