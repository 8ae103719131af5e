import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: grants are shared out anew without the patient")
struct ResharingTests {
    private let story: Story

    init() throws { story = try Story() }

    private var id: GrantID { story.grant.grant }

    private func record() throws -> GrantRecord { try #require(story.ledger.record(id)) }

    private func fragments() throws -> GrantFragmentsRecord { try #require(story.ledger.record(id)) }

    private func round() throws -> ResharingRecord { try #require(story.ledger.record(id)) }

    private var newSet: [ValidatorID] {
        [Cast.validators[0], Cast.validators[1], Story.newcomerID, Cast.validators[3]]
    }

    // MARK: Dealing

    @Test func `as many dealings as open a document settle a round, and give what anyone works out from them`() throws {
        try story.replaceValidator()
        #expect(try story.deal([0, 1]) == [.applied, .applied])
        #expect(try round().published == nil)
        #expect(try story.deal([2]) == [.applied], "who has left the set deals what it holds")
        let settled = try round()
        #expect(settled.validators == newSet && settled.threshold == 3 && settled.round == 1)
        let resharing = try Resharing(
            of: story.grant.delegation,
            dealings: settled.dealings.map { (dealer: $0.share.id, commitments: $0.commitments) },
            to: settled.holders(of: id), threshold: 3)
        #expect(settled.published == resharing.published)
        #expect(settled.published?.coefficients[0] == story.grant.delegation.coefficients[0], "the patient's secret")
        #expect(settled.published?.isConsistent == true)
        #expect(settled.resharing == resharing)
    }

    @Test func `who deals twice, late, for another set or another round is refused`() throws {
        try story.acknowledgeAll()
        try story.replaceValidator()
        try story.deal([0])
        #expect(try story.deal([0]) == [.refused(.alreadyExists)])
        #expect(try story.deal([1], round: 2) == [.refused(.resharingOutOfStep)])
        var dealing = try story.dealing(by: Cast.validators[1])
        dealing.set = .zero
        #expect(
            try story.ledger.run(.reshareGrant(dealing), by: [Cast.validatorKeys[1]])
                == [.refused(.resharingOutOfStep)])
        try story.deal([1, 2])
        #expect(try story.deal([3]) == [.refused(.resharingOutOfStep)])
    }

    @Test func `commitments for another number of fragments are refused`() throws {
        try story.replaceValidator()
        for change in [{ (points: inout [Point]) in points.removeLast() }, { $0.append(Story.point("more")) }] {
            let dealing = try story.dealing(by: Cast.validators[0], change: change)
            #expect(
                try story.ledger.run(.reshareGrant(dealing), by: [Cast.validatorKeys[0]])
                    == [.refused(.dealingInvalid)])
        }
    }

    @Test func `a set that changes again begins another round`() throws {
        try story.replaceValidator()
        try story.deal([0, 1])
        let other = Governance.candidate("other", on: story.ledger.chain)
        try Governance.decide(.replaceValidator(Cast.validators[3], other), in: story.ledger)
        #expect(try story.deal([2]) == [.refused(.resharingOutOfStep)])
        #expect(try story.deal([2], round: 2) == [.applied])
        #expect(try round().round == 2 && round().dealings.count == 1)
        #expect(try round().validators == story.ledger.validatorSet.ids)
    }

    // MARK: Holding

    @Test func `the new fragments serve from the answer that makes n - f, and the old ones until then`() throws {
        _ = try story.answerable()
        for validator in [Cast.validators[3], Story.newcomerID] { #expect(try story.answer(validator) == .applied) }
        #expect(story.ledger.generation(of: id) == 0)
        #expect(
            try fragments().validators == Cast.validators && record().acknowledged == Cast.validators.prefix(3).sorted()
        )
        #expect(try story.ledger.run(.requestAccess(story.request()), by: Story.readers) == [.applied])
        #expect(try story.answer(Cast.validators[0]) == .applied)
        #expect(story.ledger.generation(of: id) == 1)
        #expect(try fragments().validators == newSet && fragments().delegation == round().published)
        #expect(
            try record().acknowledged == [Cast.validators[3], Story.newcomerID, Cast.validators[0]].sorted())
        #expect(try record().threshold == 3 && record().isHeld)
        #expect(
            try story.ledger.run(.requestAccess(story.request(.patientRequest)), by: Story.readers) == [.applied])
        #expect(story.ledger.histories[.grant(id)]?.count == 12, "everything is in the grant's history")
    }

    @Test func `the last one's answer counts afterwards; nobody's twice, and no stranger's`() throws {
        try story.reshare()
        #expect(try story.answer(Cast.validators[0]) == .refused(.alreadyAcknowledged))
        #expect(try story.answer(Cast.validators[2]) == .refused(.unknownValidator))
        #expect(try story.answer(Cast.validators[1], failed: Cast.validators[0]) == .refused(.resharingOutOfStep))
        #expect(try story.answer(Cast.validators[1]) == .applied)
        #expect(try record().acknowledged.count == 4)
        #expect(try story.deal([1], round: 2) == [.refused(.resharingOutOfStep)], "everything is where it belongs")
    }

    @Test func `a fragment of the patient's is not acknowledged any more`() throws {
        try story.reshare()
        #expect(
            try story.ledger.run(Story.acknowledgement(of: story.grant, by: 3), by: [Cast.validatorKeys[3]])
                == [.refused(.resharingOutOfStep)])
    }

    @Test func `what was shared out anew is shared out anew again`() throws {
        try story.reshare()
        try story.answer(Cast.validators[1])
        let other = Governance.candidate("other", on: story.ledger.chain)
        try Governance.decide(.replaceValidator(Cast.validators[3], other), in: story.ledger)
        #expect(try story.deal([0, 1, 3], round: 2) == [.applied, .applied, .applied])
        #expect(try round().published?.coefficients[0] == story.grant.delegation.coefficients[0])
        for validator in [Cast.validators[0], Cast.validators[1], Story.newcomerID] {
            #expect(try story.answer(validator, round: 2) == .applied)
        }
        #expect(story.ledger.generation(of: id) == 2)
    }

    @Test func `nobody answers a round that is not settled`() throws {
        try story.replaceValidator()
        try story.deal([0, 1])
        #expect(try story.answer(Story.newcomerID) == .refused(.resharingOutOfStep))
    }

    // MARK: Dealers that fail

    @Test func `a dealer that failed is left out of the next round, which begins with its failure`() throws {
        try story.acknowledgeAll()
        try story.replaceValidator()
        try story.deal([0, 1, 2])
        try story.answer(Cast.validators[1])
        #expect(try story.answer(Story.newcomerID, failed: Cast.validators[0]) == .applied)
        #expect(try round().round == 2 && round().excluded == [Cast.validators[0]] && round().holders.isEmpty)
        #expect(try story.deal([0], round: 2) == [.refused(.notAFragmentHolder)])
        #expect(try story.deal([1, 2, 3], round: 2) == [.applied, .applied, .applied])
        #expect(
            try story.answer(Story.newcomerID, round: 2, failed: Cast.validators[1]) == .refused(.tooFewDealers))
        #expect(try story.answer(Story.newcomerID, round: 2, failed: Story.newcomerID) == .refused(.notAFragmentHolder))
        #expect(try story.answer(Story.newcomerID, round: 2) == .applied)
    }

    // MARK: Ends

    @Test func `a grant that has ended, or whose grantee is stopped, is shared out no more`() throws {
        let end: [(Refusal, (Story) throws -> Void)] = [
            (
                .grantRevoked,
                { try $0.ledger.run(.revokeConsent(RevokeConsent(grant: $0.grant.grant)), by: [Cast.scope.key]) }
            ),
            (.grantExpired, { try $0.ledger.pass(milliseconds: 31 * 86_400_000) }),
            (.scopeClosed, { try $0.ledger.run(.closeScope(CloseScope(scope: Cast.scope.id)), by: [Cast.scope.key]) }),
            (
                .staffFrozen,
                {
                    try $0.ledger.run(
                        .freeze(Freeze(target: .staff(Cast.reader.id), officer: nil, reason: 1)), by: Cast.south.signers
                    )
                }
            ),
            (
                .organizationFrozen,
                {
                    try $0.ledger.run(
                        .freeze(Freeze(target: .organization(Cast.southID), officer: nil, reason: 1)),
                        by: Cast.south.signers)
                }
            ),
        ]
        for (refusal, end) in end {
            let dealing = try Story()
            try dealing.replaceValidator()
            try end(dealing)
            try dealing.ledger.pass(milliseconds: 1000)
            #expect(try dealing.deal([0]) == [.refused(refusal)])
            let answering = try Story()
            let answer = try answering.answerable()
            try end(answering)
            try answering.ledger.pass(milliseconds: 1000)
            #expect(try answering.answer(answer.validator) == .refused(refusal))
        }
    }

    @Test func `a frozen validator neither deals nor answers`() throws {
        try story.replaceValidator()
        let freeze = Freeze(target: .validator(Cast.validators[0]), officer: nil, reason: 1)
        let organization: ValidatorRecord = try #require(story.ledger.record(Cast.validators[0]))
        let signers = organization.organization == Cast.northID ? Cast.north.signers : Cast.south.signers
        #expect(try story.ledger.run(.freeze(freeze), by: signers) == [.applied])
        #expect(try story.deal([0]) == [.refused(.validatorFrozen)])
        #expect(try story.answer(Cast.validators[0]) == .refused(.validatorFrozen))
    }

    @Test func `a block settles sixteen rounds and no more; the next one goes on`() throws {
        let last = try story.lastOfMany()
        let first = try story.rest(before: last)
        let busy = story.ledger.transaction([.reshareGrant(last)], by: [Cast.validatorKeys[2]])
        let execution = try story.ledger.commit([first, busy])
        #expect(
            execution.receipts[0].outcomes.allSatisfy { $0 == .applied } && execution.receipts[0].outcomes.count == 16)
        #expect(execution.receipts[1].outcomes == [.refused(.resharingBusy)])
        #expect(try story.ledger.run(.reshareGrant(last), by: [Cast.validatorKeys[2]]) == [.applied])
    }
}
