import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: numbers of refusals in hospitals")
struct HospitalRefusalTests {
    @Test func `names and numbers are stable`() {
        let list = Refusal.allCases.filter { (130..<160).contains($0.rawValue) }.map { "\($0.rawValue) \($0.name)" }
        #expect(
            list == [
                "130 second-staff-signature-missing", "131 second-staff-not-different", "132 emergency-not-declared",
                "133 grant-not-for-emergencies", "134 emergency-terms-invalid", "135 review-overdue",
                "136 too-many-open-reviews", "137 unknown-emergency", "138 already-reviewed",
                "139 key-not-freezable", "140 already-frozen", "141 not-frozen", "142 staff-frozen", "143 key-frozen",
                "144 organization-frozen", "145 validator-frozen", "146 too-few-keys-left", "147 unknown-incident",
                "148 notice-addressee-invalid", "149 notice-dates-invalid", "150 notice-late",
                "151 operation-not-permitted", "152 purpose-not-in-policy", "153 too-many-documents",
                "154 staff-limit-reached",
            ])
    }
}

/// How each refusal about emergencies comes about.
extension RefusalTests {
    static func provokeEmergency(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .secondStaffSignatureMissing:
            try declaration(in: story, by: [Cast.author.device] + Cast.north.signers)
        case .secondStaffNotDifferent: try declaration(in: story) { $0.second = $0.staff }
        case .emergencyNotDeclared:
            (
                .requestAccess(
                    Story.request(
                        try story.prepareEmergency().grant, [story.document.document], .emergencyTreatment,
                        expires: story.ledger.block.height.rawValue + 50, staff: Cast.author.id)),
                [Cast.author.device]
            )
        case .grantNotForEmergencies: try ordinaryGrant(in: story)
        case .emergencyTermsInvalid: (.grantConsent(mixedGrant), [Cast.scope.key])
        case .reviewOverdue: try overdue(in: story)
        case .tooManyOpenReviews: try busyHospital(in: story)
        case .unknownEmergency:
            (
                .reviewEmergency(
                    ReviewEmergency(
                        emergency: AccessID(Seeded.digest("nothing")), officer: Cast.officer.id, isJustified: true,
                        reason: 0)),
                [Cast.officer.device]
            )
        case .alreadyReviewed: try reviewed(in: story)
        default: try provokeIncident(refusal, in: story)
        }
    }

    private static func declaration(
        in story: Story, by keys: [SigningKey] = Cast.rescuers, _ change: (inout DeclareEmergency) -> Void = { _ in }
    ) throws -> Attempt {
        var emergency = story.emergency(under: try story.prepareEmergency())
        change(&emergency)
        return (.declareEmergency(emergency), keys)
    }

    private static func ordinaryGrant(in story: Story) throws -> Attempt {
        let grant = Story.grant(
            "house", to: .organization(Cast.northID), receiving: Cast.north.receivingKey, from: Cast.start)
        try story.ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        return try declaration(in: story) { $0.grant = grant.grant }
    }

    private static var mixedGrant: GrantConsent {
        var grant = Story.emergencyGrant()
        grant.purposes = [.emergencyTreatment, .treatment]
        return grant
    }

    private static func overdue(in story: Story) throws -> Attempt {
        let grant = try story.prepareEmergency()
        try story.ledger.run(.declareEmergency(story.emergency(under: grant)), by: Cast.rescuers)
        try story.ledger.pass(milliseconds: DeclareEmergency.reviewPeriod + 1)
        return (.declareEmergency(story.emergency(under: grant, reason: 8)), Cast.rescuers)
    }

    private static func busyHospital(in story: Story) throws -> Attempt {
        let grant = try story.prepareEmergency(documentsPerDay: 100)
        for reason in 1...UInt32(ReviewDutiesRecord.maximumDuties) {
            let emergency = story.emergency(under: grant, reason: reason)
            try story.ledger.run(.declareEmergency(emergency), by: Cast.rescuers)
        }
        return (.declareEmergency(story.emergency(under: grant, reason: 1000)), Cast.rescuers)
    }

    private static func reviewed(in story: Story) throws -> Attempt {
        let review = Operation.reviewEmergency(Story.review(try story.declaredEmergency()))
        try story.ledger.run(review, by: [Cast.officer.device])
        return (review, [Cast.officer.device])
    }
}
