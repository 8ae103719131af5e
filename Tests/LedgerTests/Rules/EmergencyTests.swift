import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: emergencies")
struct EmergencyTests {
    static let threeDays: UInt64 = 72 * 3_600_000

    let story: Story
    let grant: GrantConsent
    var ledger: TestLedger { story.ledger }

    init() throws { (story, grant) = try Story.withEmergencyGrant() }

    @Test func `two clinicians and their hospital break the glass, and validators find an access`() throws {
        let emergency = story.emergency(under: grant)
        #expect(try ledger.run(.declareEmergency(emergency), by: Cast.rescuers) == [.applied])
        let access: AccessRecord = try #require(ledger.record(emergency.access))
        #expect(access.purpose == .emergencyTreatment && access.staff == Cast.author.id)
        #expect(access.documents == [story.document.document] && access.grant == grant.grant)
        #expect(access.replyKeyDigest == emergency.replyKeyDigest && access.expires == emergency.expires)
        let record: EmergencyRecord = try #require(ledger.record(emergency.access))
        #expect(record.second == Cast.nurse.id && record.reason == 7 && !record.isDrill && record.review == nil)
        #expect(record.reviewDue == ledger.block.time.advanced(byMilliseconds: Self.threeDays))
        let disclosure: DisclosureRecord? = ledger.record(
            DisclosureRecord.ID(document: story.document.document, staff: Cast.author.id))
        #expect(disclosure?.access == emergency.access)
        let used: GrantRecord = try #require(ledger.record(grant.grant))
        #expect(used.documentsThatDay == 1)
    }

    @Test func `an emergency and its review stand in the history of everybody whom they concern`() throws {
        let emergency = story.emergency(under: grant)
        let concerned: Set<Subject> = [
            .grant(grant.grant), .staff(Cast.author.id), .staff(Cast.nurse.id), .organization(Cast.northID),
            .scope(Cast.scope.id), .document(story.document.document),
        ]
        try ledger.run(.declareEmergency(emergency), by: Cast.rescuers)
        #expect(try grown { _ in } == [])
        let reviewed = try grown {
            try $0.run(.reviewEmergency(Story.review(emergency)), by: [Cast.officer.device])
        }
        #expect(reviewed == concerned.union([.staff(Cast.officer.id)]))
        let again = story.emergency(under: grant, reason: 8)
        #expect(try grown { try $0.run(.declareEmergency(again), by: Cast.rescuers) } == concerned)
    }

    @Test func `a refused emergency is recorded, but not in the name of a colleague who did not sign`() throws {
        let emergency = Operation.declareEmergency(story.emergency(under: grant))
        let grown = try grown { ledger in
            let outcome = try ledger.run(emergency, by: [Cast.author.device] + Cast.north.signers)
            #expect(outcome == [.refused(.secondStaffSignatureMissing)])
        }
        #expect(grown.contains(.scope(Cast.scope.id)) && grown.contains(.staff(Cast.author.id)))
        #expect(!grown.contains(.staff(Cast.nurse.id)))
        let forged = try self.grown { ledger in
            try ledger.run(emergency, by: [Cast.nurse.device] + Cast.north.signers)
        }
        #expect(forged.isEmpty)
    }

    @Test func `an emergency grant opens nothing without an emergency, and an ordinary grant nothing in one`() throws {
        let request = Story.request(
            grant.grant, [story.document.document], .emergencyTreatment,
            expires: ledger.block.height.rawValue + 9, staff: Cast.author.id)
        #expect(
            try ledger.run(.requestAccess(request), by: [Cast.author.device]) == [.refused(.emergencyNotDeclared)])
        let ordinary = Story.grant(
            "house", to: .organization(Cast.northID), receiving: Cast.north.receivingKey, from: Cast.start)
        try ledger.run(.grantConsent(ordinary), by: [Cast.scope.key])
        let emergency = story.emergency(under: ordinary)
        #expect(
            try ledger.run(.declareEmergency(emergency), by: Cast.rescuers) == [.refused(.grantNotForEmergencies)])
    }

    @Test func `a drill is recorded and opens nothing, owes no review and uses up no documents`() throws {
        let drill = story.emergency(under: grant, isDrill: true)
        #expect(try ledger.run(.declareEmergency(drill), by: Cast.rescuers) == [.applied])
        #expect(ledger.record(drill.access, as: EmergencyRecord.self)?.isDrill == true)
        #expect(ledger.record(drill.access, as: AccessRecord.self) == nil)
        let disclosure = DisclosureRecord.ID(document: story.document.document, staff: Cast.author.id)
        #expect(ledger.record(disclosure, as: DisclosureRecord.self) == nil)
        #expect(ledger.record(grant.grant, as: GrantRecord.self)?.documentsThatDay == 0)
        #expect(ledger.histories[.scope(Cast.scope.id)]?.last?.outcome == .applied)
        try ledger.pass(milliseconds: Self.threeDays + 1)
        #expect(try ledger.run(.declareEmergency(story.emergency(under: grant)), by: Cast.rescuers) == [.applied])
        #expect(try ledger.run(.reviewEmergency(Story.review(drill)), by: [Cast.officer.device]) == [.applied])
    }

    @Test func `a review that is overdue by a millisecond blocks the next emergency until it is done`() throws {
        let first = story.emergency(under: grant)
        try ledger.run(.declareEmergency(first), by: Cast.rescuers)
        let second = story.emergency(under: grant, reason: 8)
        // In the last moment for the review, nothing is overdue yet.
        let inTime = try ledger.execute(
            [ledger.transaction([.declareEmergency(second)], by: Cast.rescuers)], after: Self.threeDays)
        #expect(inTime.receipts[0].outcomes == [.applied])
        try ledger.pass(milliseconds: Self.threeDays - 1000)
        #expect(
            try ledger.run(.declareEmergency(second), by: Cast.rescuers, after: 1001) == [.refused(.reviewOverdue)])
        #expect(try ledger.run(.reviewEmergency(Story.review(first)), by: [Cast.officer.device]) == [.applied])
        #expect(try ledger.run(.declareEmergency(second), by: Cast.rescuers) == [.applied])
    }

    @Test func `only a privacy officer of the hospital reviews, once`() throws {
        let emergency = story.emergency(under: grant)
        try ledger.run(.declareEmergency(emergency), by: Cast.rescuers)
        func outcome(_ officer: Member) throws -> [Outcome] {
            let review = ReviewEmergency(
                emergency: emergency.access, officer: officer.id, isJustified: false, reason: 0)
            return try ledger.run(.reviewEmergency(review), by: [officer.device])
        }
        #expect(try outcome(Cast.author) == [.refused(.roleNotPermitted)])
        #expect(try outcome(Cast.colleague) == [.refused(.wrongOrganization)])
        #expect(try outcome(Cast.officer) == [.applied])
        #expect(try outcome(Cast.officer) == [.refused(.alreadyReviewed)])
        let record: EmergencyRecord = try #require(ledger.record(emergency.access))
        #expect(record.review?.isJustified == false && record.review?.officer == Cast.officer.id)
    }

    @Test func `the second must be another clinician of the same hospital`() throws {
        func outcome(_ second: Member) throws -> [Outcome] {
            let emergency = story.emergency(under: grant, second: second.id)
            return try ledger.run(
                .declareEmergency(emergency), by: [Cast.author.device, second.device] + Cast.north.signers)
        }
        #expect(try outcome(Cast.author) == [.refused(.secondStaffNotDifferent)])
        #expect(try outcome(Cast.colleague) == [.refused(.wrongOrganization)])
        #expect(try outcome(Cast.officer) == [.refused(.roleNotPermitted)])
        #expect(try outcome(Cast.registrar) == [.refused(.roleNotPermitted)])
        try ledger.run(.endStaff(EndStaff(staff: Cast.nurse.id)), by: Cast.north.signers)
        #expect(try outcome(Cast.nurse) == [.refused(.staffEnded)])
    }

    @Test func `an emergency grant is for an organisation and for emergency treatment alone`() throws {
        var toStaff = Story.grant("x", from: Cast.start)
        toStaff.purposes = [.emergencyTreatment]
        toStaff.flags = .emergency
        var forMore = Story.emergencyGrant("y")
        forMore.purposes = [.emergencyTreatment, .treatment]
        for grant in [toStaff, forMore] {
            #expect(
                try ledger.run(.grantConsent(grant), by: [Cast.scope.key]) == [.refused(.emergencyTermsInvalid)])
        }
    }

    @Test func `a declaration without a reason is not decoded`() throws {
        var bytes = Operation.declareEmergency(story.emergency(under: grant)).encoded
        let documents = [story.document.document].reduce(into: CBORWriter()) { $0.write($1) }.bytes
        let end = try #require((0..<bytes.count).first { bytes[$0...].starts(with: documents) }) + documents.count
        #expect(bytes[end] == 7)
        bytes[end] = 0
        #expect(throws: DecodingFailure.invalid(field: "reason")) { try Operation(decoding: bytes) }
    }

    @Test func `what lies behind glass is seen by the privacy officer, and by who broke it while it opens`() throws {
        func sees(_ member: Member) throws -> Bool {
            let key = KeyID(member.device.publicKey)
            let requester = try #require(Requester(key: key, over: ledger, at: ledger.block))
            return Authorization.mayReadHistory(
                of: .scope(Cast.scope.id), by: requester, over: ledger, at: ledger.block)
        }
        #expect(try !sees(Cast.author) && !sees(Cast.nurse) && sees(Cast.officer))
        try ledger.run(.declareEmergency(story.emergency(under: grant)), by: Cast.rescuers)
        #expect(try sees(Cast.author) && !sees(Cast.nurse))
        for _ in 0..<50 { try ledger.pass(milliseconds: 1000) }
        #expect(try !sees(Cast.author))
    }

    /// Whose histories grow by what is done.
    private func grown(_ body: (TestLedger) throws -> Void) throws -> Set<Subject> {
        let before = ledger.histories
        try body(ledger)
        return Set(ledger.histories.filter { $0.value.count > before[$0.key]?.count ?? 0 }.keys)
    }
}
