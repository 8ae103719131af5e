import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: incidents")
struct IncidentTests {
    let story: Story
    var ledger: TestLedger { story.ledger }

    init() throws { story = try Story() }

    private func freeze(_ target: FreezeTarget, by officer: Member? = Cast.officer) throws -> [Outcome] {
        try ledger.run(
            .freeze(Freeze(target: target, officer: officer?.id, reason: 1)),
            by: officer.map { [$0.device] } ?? Cast.north.signers)
    }

    private func unfreeze(_ target: FreezeTarget, by keys: [SigningKey] = Cast.north.signers) throws -> [Outcome] {
        try ledger.run(.unfreeze(Unfreeze(target: target, reason: 2)), by: keys)
    }

    private func commit(_ name: String) -> Transaction {
        ledger.transaction([.commitDocument(Story.document(name))], by: [Cast.author.device])
    }

    @Test func `frozen staff act to the end of the block and not in the next, until the block after the thaw`() throws {
        let freeze = ledger.transaction(
            [.freeze(Freeze(target: .staff(Cast.author.id), officer: Cast.officer.id, reason: 1))],
            by: [Cast.officer.device])
        let same = try ledger.commit([freeze, commit("in the same block")])
        #expect(same.receipts.map(\.outcomes) == [[.applied], [.applied]])
        #expect(try ledger.commit([commit("next")]).receipts[0].outcomes == [.refused(.staffFrozen)])
        let thaw = ledger.transaction(
            [.unfreeze(Unfreeze(target: .staff(Cast.author.id), reason: 1))], by: Cast.north.signers)
        let thawing = try ledger.commit([thaw, commit("thawing")])
        #expect(thawing.receipts.map(\.outcomes) == [[.applied], [.refused(.staffFrozen)]])
        #expect(try ledger.commit([commit("after")]).receipts[0].outcomes == [.applied])
    }

    @Test func `thawed and frozen again in one block, they never act`() throws {
        #expect(try freeze(.staff(Cast.author.id)) == [.applied])
        let transactions = [
            ledger.transaction(
                [.unfreeze(Unfreeze(target: .staff(Cast.author.id), reason: 1))], by: Cast.north.signers),
            ledger.transaction(
                [.freeze(Freeze(target: .staff(Cast.author.id), reason: 2))], by: Cast.north.signers),
            commit("between"),
        ]
        let execution = try ledger.commit(transactions)
        #expect(execution.receipts.map(\.outcomes) == [[.applied], [.applied], [.refused(.staffFrozen)]])
    }

    @Test func `a frozen device key signs nothing, and its attempts to open are on record`() throws {
        let key = KeyID(Cast.reader.device.publicKey)
        try ledger.run(.freeze(Freeze(target: .key(key), reason: 1)), by: Cast.south.signers)
        #expect(try ledger.run(.requestAccess(story.request()), by: Story.readers) == [.refused(.keyFrozen)])
        #expect(ledger.histories[.scope(Cast.scope.id)]?.last?.outcome == .refused(.keyFrozen))
        #expect(Requester(key: key, over: ledger, at: ledger.block) == nil)
    }

    @Test func `a frozen key of the hospital counts no more, and enough have to be left`() throws {
        func freezeKey(_ index: Int) throws -> [Outcome] {
            try ledger.run(
                .freeze(Freeze(target: .key(KeyID(Cast.south.keys[index].publicKey)), reason: 1)),
                by: Cast.south.signers)
        }
        #expect(try freezeKey(2) == [.applied])
        #expect(try freezeKey(0) == [.refused(.tooFewKeysLeft)])
        let registration = Operation.registerStaff(Member("Rita", of: Cast.southID).registration)
        #expect(
            try ledger.run(registration, by: [Cast.south.keys[0], Cast.south.keys[2]]) == [.refused(.keyFrozen)])
        #expect(try ledger.run(registration, by: [Cast.south.keys[0], Cast.south.keys[1]]) == [.applied])
        var voucher = Voucher.unsigned()
        for index in [0, 2] { voucher.endorse(with: Cast.south.keys[index], on: ledger.chain) }
        let opening = Scope("new").opening(sponsor: Cast.southID, voucher: voucher)
        #expect(try ledger.run(.openScope(opening), by: [Scope("new").key]) == [.refused(.voucherInvalid)])
    }

    @Test func `a frozen hospital adds, opens and enrols nothing, and can still repair`() throws {
        #expect(try freeze(.organization(Cast.northID)) == [.refused(.roleNotPermitted)])
        #expect(try freeze(.organization(Cast.northID), by: nil) == [.applied])
        let scope = Scope("new")
        let stopped: [(Operation, [SigningKey])] = [
            (.commitDocument(Story.document("x")), [Cast.author.device]),
            (.registerStaff(Member("Rita", of: Cast.northID).registration), Cast.north.signers),
            (.openScope(scope.opening(sponsor: Cast.northID)), [scope.key] + Cast.north.signers),
            (
                .requestAccess(
                    Story.request(
                        story.grant.grant, [story.document.document], expires: ledger.block.height.rawValue + 40,
                        staff: Cast.author.id)),
                [Cast.author.device]
            ),
        ]
        for (operation, keys) in stopped {
            #expect(try ledger.run(operation, by: keys) == [.refused(.organizationFrozen)], "\(operation.code)")
        }
        #expect(try freeze(.staff(Cast.author.id)) == [.applied])
        #expect(try ledger.run(.endStaff(EndStaff(staff: Cast.author.id)), by: Cast.north.signers) == [.applied])
        #expect(try unfreeze(.organization(Cast.northID)) == [.applied])
        #expect(
            try ledger.run(
                .registerStaff(Member("Rita", of: Cast.northID).registration), by: Cast.north.signers) == [.applied])
    }

    @Test func `a frozen hospital's clinicians read nothing from nodes, its officers and keys do`() throws {
        func reads(_ key: SigningKey) -> Bool {
            Requester(key: KeyID(key.publicKey), over: ledger, at: ledger.block) != nil
        }
        #expect(reads(Cast.author.device))
        try freeze(.organization(Cast.northID), by: nil).forEach { #expect($0 == .applied) }
        #expect(!reads(Cast.author.device) && reads(Cast.officer.device) && reads(Cast.north.keys[0]))
    }

    @Test func `a frozen validator takes no fragment`() throws {
        #expect(try freeze(.validator(Cast.validators[1])) == [.applied])
        let south = try ledger.run(
            .freeze(Freeze(target: .validator(Cast.validators[3]), reason: 1)), by: Cast.south.signers)
        #expect(south == [.applied])
        let outcome = try ledger.run(
            Story.acknowledgement(of: story.grant, by: 3), by: [Cast.validatorKeys[3]])
        #expect(outcome == [.refused(.validatorFrozen)])
    }

    @Test func `one freezes one's own and nobody else's, and nobody thaws themselves`() throws {
        // North's officer and keys against South's staff; an auditor, a clinician, a registrar against North's.
        #expect(try freeze(.staff(Cast.reader.id)) == [.refused(.wrongOrganization)])
        #expect(try freeze(.staff(Cast.reader.id), by: nil) == [.refused(.organizationSignatureMissing)])
        #expect(try freeze(.staff(Cast.author.id), by: Cast.registrar) == [.refused(.roleNotPermitted)])
        let byAuditor = try ledger.run(
            .freeze(Freeze(target: .staff(Cast.author.id), reason: 1)), by: [Cast.auditorKey])
        #expect(byAuditor == [.refused(.organizationSignatureMissing)])
        #expect(try freeze(.staff(Cast.author.id)) == [.applied])
        #expect(
            try unfreeze(.staff(Cast.author.id), by: [Cast.officer.device])
                == [.refused(.organizationSignatureMissing)])
    }

    @Test func `a freeze stands in the histories of what it stops`() throws {
        #expect(try freeze(.key(KeyID(Cast.author.device.publicKey))) == [.applied])
        for subject in [Subject.staff(Cast.author.id), .organization(Cast.northID), .staff(Cast.officer.id)] {
            let last = try #require(ledger.histories[subject]?.last)
            #expect(last.outcome == .applied && last.height == ledger.block.height)
        }
    }
}

@Suite("Ledger: notices")
struct NoticeTests {
    let story: Story
    let incident: IncidentID
    var ledger: TestLedger { story.ledger }

    init() throws {
        story = try Story()
        incident = try story.incident()
    }

    private func publish(_ notice: PublishNotice) throws -> [Outcome] {
        try ledger.run(.publishNotice(notice), by: [Cast.officer.device])
    }

    @Test func `a patient finds the notice in the history of the scope`() throws {
        let notice = story.notice(of: .incident(incident), to: Cast.scope.id)
        #expect(try publish(notice) == [.applied])
        let record: NoticeRecord = try #require(ledger.record(notice.notice))
        #expect(record.scope == Cast.scope.id && !record.isLate && record.text == notice.text)
        #expect(ledger.histories[.scope(Cast.scope.id)]?.last?.height == ledger.block.height)
        let reader = try #require(
            Requester(key: Cast.scope.id.key, over: ledger, at: ledger.block))
        let stranger = try #require(
            Requester(key: Cast.otherScope.id.key, over: ledger, at: ledger.block))
        #expect(Authorization.mayRead(record, by: reader) && !Authorization.mayRead(record, by: stranger))
    }

    @Test func `72 hours for the authority and 60 days for people, to the millisecond`() throws {
        for (scope, period) in [(nil, 72 * 3_600_000), (Cast.scope.id, 60 * 86_400_000)] as [(ScopeID?, UInt64)] {
            let notice = story.notice(of: .incident(incident), to: scope)
            #expect(notice.due == notice.contents.discovered.advanced(byMilliseconds: period))
            let transaction = ledger.transaction([.publishNotice(notice)], by: [Cast.officer.device])
            let left = notice.due.rawValue - ledger.block.time.rawValue
            let inTime = try ledger.execute([transaction], after: left)
            #expect(inTime.receipts[0].outcomes == [.applied])
            let late = try ledger.execute([transaction], after: left + 1)
            #expect(late.receipts[0].outcomes == [.refused(.noticeLate)])
            var explained = notice
            explained.contents.delay = .factsInPhases
            let reason = ledger.transaction([.publishNotice(explained)], by: [Cast.officer.device])
            #expect(try ledger.execute([reason], after: left + 1).receipts[0].outcomes == [.applied])
        }
    }

    @Test func `nobody discovers later than they froze, nor before it happened`() throws {
        let frozen = try #require(ledger.record(incident, as: IncidentRecord.self)).time
        var notice = story.notice(of: .incident(incident), to: nil)
        notice.contents.discovered = frozen.advanced(byMilliseconds: 1)
        #expect(try publish(notice) == [.refused(.noticeDatesInvalid)])
        notice.contents.discovered = Timestamp(rawValue: notice.contents.occurredFrom.rawValue - 1)
        #expect(try publish(notice) == [.refused(.noticeDatesInvalid)])
        notice.contents.discovered = frozen
        notice.contents.occurredTo = ledger.block.time.advanced(byMilliseconds: 1_000_000)
        #expect(try publish(notice) == [.refused(.noticeDatesInvalid)])
        notice.contents.occurredTo = frozen
        #expect(try publish(notice) == [.applied])
    }

    @Test func `an emergency is told of to its own patient`() throws {
        let story = try Story()
        let emergency = try story.declaredEmergency()
        func publish(to scope: Scope) throws -> [Outcome] {
            let notice = story.notice(of: .emergency(emergency.access), to: scope.id)
            return try story.ledger.run(.publishNotice(notice), by: [Cast.officer.device])
        }
        #expect(try publish(to: Cast.otherScope) == [.refused(.noticeAddresseeInvalid)])
        #expect(try publish(to: Cast.scope) == [.applied])
    }

    @Test func `a notice without an item that the law asks for is not decoded`() throws {
        var notice = story.notice(of: .incident(incident), to: nil)
        notice.contents.measures = []
        #expect(throws: DecodingFailure.invalid(field: "measures")) {
            try Operation(decoding: Operation.publishNotice(notice).encoded)
        }
    }
}
