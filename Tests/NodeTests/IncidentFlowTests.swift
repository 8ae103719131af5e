import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("Incidents: four validators on loopback", .timeLimit(.minutes(10)), .serialized)
struct IncidentFlowTests {
    @Test func `a stolen device is frozen, what it could do is listed, and the patient is told`() async throws {
        try await HospitalScene.with { scene in
            let start = try await scene.ledger.tip().time
            let grant = try await scene.grant(for: [.treatment])
            let access = try AccessKeeper(scene.ledger, scene.doctor)
            let doctor = try #require(scene.doctor.registration).staff
            let first = try await access.request([scene.document], under: grant, purpose: .treatment)
            // Final before the freeze, fetched after it: no validator helps any more.
            let second = try await access.request([scene.document], under: grant, purpose: .treatment, reason: 2)
            _ = try await access.open(first, asOneOf: [scene.recipient])

            let officer = IncidentActor.officer(scene.officer, try #require(scene.officer.registration))
            let keeper = IncidentKeeper(scene.ledger, as: officer)
            let (incident, freeze) = try await keeper.prepareFreeze(.staff(doctor), reason: 2)
            try await scene.ledger.apply(freeze)
            await #expect(throws: (any Error).self) { try await access.open(second, asOneOf: [scene.recipient]) }
            let (_, attempt) = try await access.prepareRequest(
                for: [scene.document], under: grant, purpose: .treatment, reason: 3)
            await #expect(throws: ClientFailure.refused(attempt.id, .staffFrozen)) {
                try await scene.ledger.apply(attempt)
            }

            let now = try await scene.ledger.tip().time
            let radius = try await scene.ledger.blastRadius(
                of: doctor, in: start...now, signedBy: GenesisSample.auditorKey)
            #expect(radius.exposures.map(\.document) == [scene.document])
            #expect(radius.exposures.first?.opened.count == 2 && radius.refused == 1)
            #expect(radius.openedScopes == [scene.scope.id] && radius.written.isEmpty)
            let before = try await scene.ledger.blastRadius(
                of: doctor, in: Timestamp(rawValue: 0)...Timestamp(rawValue: 1), signedBy: GenesisSample.auditorKey)
            #expect(before.exposures.isEmpty && before.active == nil)

            let contents = NoticeContents(
                occurredFrom: start, occurredTo: now, discovered: start, nature: [.confidentiality],
                information: [.diagnoses], consequences: [.disclosure], measures: [.staffFrozen],
                advice: [.revokeGrants], contacts: [.email], people: 1, records: 1)
            let text = Array("Somebody used a stolen device.".utf8)
            let (_, notice) = try await keeper.prepareNotice(
                of: .incident(incident), to: scene.scope.id, saying: contents, text: text)
            try await scene.ledger.apply(notice)
            let told = try #require(try await scene.consent.events(of: scene.scope).notices.first)
            let read = try await NoticeText(scene.ledger, of: scene.desk.organization).open(
                told.notice, as: .scope(scene.scope.id), with: scene.scope.sealing, askedBy: scene.scope.signing)
            #expect(read == text && told.notice.contents == contents)

            let known = try #require(try await keeper.incidents().first)
            #expect(known.people(at: now) == .done(isLate: false))
            #expect(known.authority(at: now) == .due(start.advanced(byMilliseconds: PublishNotice.authorityPeriod)))

            let thaw = try await IncidentKeeper(
                scene.ledger, as: .organization(scene.organization, scene.desk.organization)
            ).prepareUnfreeze(.staff(doctor), reason: 1)
            try await scene.ledger.apply(thaw)
            #expect(try await access.open(second, asOneOf: [scene.recipient]).count == 1)
        }
    }

    @Test func `an officer states the family names of requests, once, and the namesake is found`() async throws {
        try await HospitalScene.with { scene in
            let grant = try await scene.grant(for: [.treatment])
            for keys in [scene.doctor, scene.nurse] {
                let access = try AccessKeeper(scene.ledger, keys)
                _ = try await access.request([scene.document], under: grant, purpose: .treatment)
            }
            let doctor = try #require(scene.doctor.registration).staff
            let officer = IncidentActor.officer(scene.officer, try #require(scene.officer.registration))
            let keeper = IncidentKeeper(scene.ledger, as: officer)
            let key = try scene.home.nameKey()
            #expect(try scene.home.nameKey() == key)
            // Of the nurse no name is known: nothing is stated of her request.
            for name in ["MEIER-Lang", "Meyer"] {
                let names = FamilyNames(staff: [doctor: "Meier"], grants: [grant: name], documents: [:])
                let prepared = try await keeper.prepareNames(names, under: key)
                // The second name comes too late: what was stated is not stated otherwise.
                guard let (statement, transaction) = prepared.first else {
                    #expect(name == "Meyer")
                    continue
                }
                #expect(prepared.count == 1 && statement.pairs.map(\.isSame) == [true])
                try await scene.ledger.apply(transaction)
            }
            let events = try await scene.ledger.events(
                of: .organization(scene.desk.organization), signedBy: scene.officer.device)
            #expect(events.observedRequests.map(\.isSameName) == [true, false])
            let findings = MisuseDetection.findings(in: events.observedRequests)
            #expect(findings.map(\.rule) == [.sameName] && findings.map(\.staff) == [doctor])
        }
    }
}
