import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("Emergencies: four validators on loopback", .timeLimit(.minutes(10)), .serialized)
struct EmergencyFlowTests {
    @Test
    func `two clinicians break the glass and read; the patient sees it, the officer reviews it, evidence proves it`()
        async throws
    {
        try await HospitalScene.with { scene in
            let grant = try await scene.grant(for: [.emergencyTreatment], flags: .emergency)
            let access = try AccessKeeper(scene.ledger, scene.doctor)
            let emergencies = try EmergencyKeeper(scene.ledger, scene.doctor)
            let nurse = try #require(scene.nurse.registration).staff

            // Behind glass, a clinician neither lists the documents nor opens one in the ordinary way.
            await #expect(throws: (any Error).self) { try await access.documents(in: scene.scope.id) }
            await #expect(throws: ClientFailure.self) {
                try await access.request([scene.document], under: grant, purpose: .emergencyTreatment)
            }
            // One device and the hospital are not enough.
            let (_, alone) = try await emergencies.prepareDeclaration(
                for: [scene.document], under: grant, with: nurse, reason: 7, cosignedBy: HospitalScene.desk)
            await #expect(throws: ClientFailure.self) { try await scene.ledger.apply(alone) }

            let (emergency, transaction) = try await emergencies.prepareDeclaration(
                for: [scene.document], under: grant, with: nurse, reason: 8,
                cosignedBy: [scene.nurse.device] + HospitalScene.desk)
            try await scene.ledger.apply(transaction)
            let opened = try await access.open(emergency, asOneOf: [scene.recipient])
            #expect(try await scene.read(try #require(opened.first), as: scene.doctor) == HospitalScene.content)

            let disclosures = try await scene.consent.events(of: scene.scope).disclosures
            #expect(disclosures.map(\.request.isEmergency) == [false, true, true])
            #expect(
                disclosures.map(\.entry.outcome) == [
                    .refused(.emergencyNotDeclared), .refused(.secondStaffSignatureMissing), .applied,
                ])
            let review = try await EmergencyKeeper(scene.ledger, scene.officer).prepareReview(
                of: emergency, isJustified: true, reason: 3)
            try await scene.ledger.apply(review)
            let known = try await EmergencyKeeper(scene.ledger, scene.officer).emergencies()
            let now = try await scene.ledger.tip().time
            #expect(known.last?.state(at: now) == .reviewed(isJustified: true, isLate: false))
            #expect(
                try await scene.consent.events(of: scene.scope).emergencies.last?.state(at: now)
                    == .reviewed(isJustified: true, isLate: false))

            let evidence = try await scene.ledger.evidence(
                about: .document(scene.document), signedBy: GenesisSample.auditorKey)
            let audit = try AccessAudit(evidence, trust: TrustAnchor(scene.consortium.genesis))
            #expect(audit.findings.isEmpty)
            #expect(audit.accesses.filter(\.event.isApplied).map(\.request.access) == [emergency])
        }
    }

    @Test func `a watcher alarms on an emergency that nobody has reviewed in time, and clears it once somebody has`()
        async throws
    {
        try await HospitalScene.with { scene in
            let grant = try await scene.grant(for: [.emergencyTreatment], flags: .emergency)
            func declare(isDrill: Bool) async throws -> AccessID {
                let (emergency, transaction) = try await EmergencyKeeper(scene.ledger, scene.doctor).prepareDeclaration(
                    for: [scene.document], under: grant, with: try #require(scene.nurse.registration).staff, reason: 8,
                    isDrill: isDrill, cosignedBy: [scene.nurse.device] + HospitalScene.desk)
                try await scene.ledger.apply(transaction)
                return emergency
            }
            _ = try await declare(isDrill: true)
            let emergency = try await declare(isDrill: false)
            let auditor = try LedgerClient(scene.consortium.genesis, isStrict: true)
            let patient = ChainWatcher(auditor, stall: .seconds(600), readingAs: GenesisSample.auditorKey)
            let strict = ChainWatcher(
                auditor, stall: .seconds(600), readingAs: GenesisSample.auditorKey, reviewPeriod: 0)
            let seen = try await unreviewed(strict, scene)
            #expect(seen.map(\.id) == [emergency] && seen.map(\.organization) == [scene.desk.organization])
            // Within its 72 hours it is no reason for an alarm.
            let alarms = await patient.look().filter { if case .alarm = $0 { true } else { false } }
            #expect(alarms.isEmpty)
            try await scene.ledger.apply(
                try await EmergencyKeeper(scene.ledger, scene.officer).prepareReview(
                    of: emergency, isJustified: true, reason: 3))
            var cleared: [WatchEvent] = []
            while cleared.isEmpty {
                cleared = await strict.look().filter { if case .cleared(.unreviewed) = $0 { true } else { false } }
            }
            #expect(cleared.count == 1)
            #expect(await !strict.isAlarmed)
            await auditor.shutDown()
        }
    }

    /// Looks until there is an alarm; blocks have to come for time to pass.
    private func unreviewed(
        _ watcher: ChainWatcher, _ scene: HospitalScene
    ) async throws -> [(id: AccessID, organization: OrganizationID)] {
        while true {
            _ = try await scene.ledger.submit(scene.consortium.registration())
            let found = await watcher.look().compactMap { event -> (id: AccessID, organization: OrganizationID)? in
                guard case .alarm(.unreviewed(let id, let organization, _)) = event else { return nil }
                return (id, organization)
            }
            if !found.isEmpty { return found }
        }
    }

    @Test func `a drill is on record for the patient and no validator helps with it`() async throws {
        try await HospitalScene.with { scene in
            let grant = try await scene.grant(for: [.emergencyTreatment], flags: .emergency)
            let (drill, transaction) = try await EmergencyKeeper(scene.ledger, scene.doctor).prepareDeclaration(
                for: [scene.document], under: grant, with: try #require(scene.nurse.registration).staff, reason: 1,
                isDrill: true, cosignedBy: [scene.nurse.device] + HospitalScene.desk)
            try await scene.ledger.apply(transaction)
            await #expect(throws: (any Error).self) {
                try await AccessKeeper(scene.ledger, scene.doctor).open(drill, asOneOf: [scene.recipient])
            }
            let seen = try await scene.consent.events(of: scene.scope).disclosures
            #expect(seen.map(\.entry.outcome) == [.applied] && seen.map(\.isApplied) == [false])
            let now = try await scene.ledger.tip().time
            #expect(try await scene.consent.events(of: scene.scope).emergencies.map { $0.state(at: now) } == [.drill])
        }
    }
}
