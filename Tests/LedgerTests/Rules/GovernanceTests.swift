import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: what the organisations decide together")
struct GovernanceTests {
    private let ledger: TestLedger

    init() throws { ledger = TestLedger(try Cast.genesis()) }

    private var set: ValidatorSetRecord { ledger.validatorSet }

    private func admitWest() throws -> OrganizationID {
        let entry = Governance.west.entry()
        #expect(try Governance.decide(.admitOrganization(entry), in: ledger) == .applied)
        return entry.id
    }

    // MARK: Votes

    @Test func `a change is made with the approval that makes more than two thirds, not before`() throws {
        let entry = Governance.west.entry()
        let proposal = try Governance.propose(.admitOrganization(entry), in: ledger)
        #expect(ledger.record(entry.id, as: OrganizationRecord.self) == nil)
        #expect(ledger.docket.changes == [proposal.id])
        #expect(try ledger.run(Governance.approval(proposal), by: Cast.south.signers) == [.applied])
        #expect(ledger.consortium.organizations.contains(entry.id))
        #expect(ledger.holder(of: KeyID(Governance.west.keys[0].publicKey)) == .organization(entry.id))
        #expect(ledger.docket.changes.isEmpty)
        let record: ChangeRecord = try #require(ledger.record(proposal.id))
        #expect(record.decided == ledger.block.height)
        #expect(Set(record.approvals) == [Cast.northID, Cast.southID])
    }

    @Test func `two of three are not more than two thirds`() throws {
        let west = try admitWest()
        let proposal = try Governance.propose(.setParameter(.accessWindow, 50), in: ledger)
        #expect(try ledger.run(Governance.approval(proposal), by: Cast.south.signers) == [.applied])
        #expect(ledger.parameters.limits.accessWindow == 100)
        let third = Governance.approval(proposal, by: west)
        #expect(try ledger.run(third, by: [Governance.west.keys[1]]) == [.applied])
        #expect(ledger.parameters.limits.accessWindow == 50)
    }

    @Test func `whoever is expelled does not count any more, neither in an open vote nor as a member`() throws {
        let west = try admitWest()
        let vote = try Governance.propose(.setParameter(.accessWindow, 50), in: ledger)
        let expulsion = try Governance.propose(.expelOrganization(west), in: ledger)
        #expect(
            try ledger.run(Governance.approval(vote, by: west), by: [Governance.west.keys[0]]) == [.applied])
        try ledger.run(Governance.approval(expulsion), by: Cast.south.signers)
        #expect(ledger.consortium.organizations.contains(west))
        try ledger.run(Governance.approval(expulsion, by: west), by: [Governance.west.keys[0]])
        #expect(!ledger.consortium.organizations.contains(west))
        // North and a stranger to the consortium have approved: one of two.
        #expect(ledger.parameters.limits.accessWindow == 100)
        #expect(try ledger.run(Governance.approval(vote), by: Cast.south.signers) == [.applied])
        #expect(ledger.parameters.limits.accessWindow == 50)
    }

    @Test func `a consortium of one decides alone`() throws {
        let north = Cast.north.entry()
        let alone = TestLedger(
            try Genesis(
                name: "Alone", time: Cast.start, parameters: Genesis.Parameters(), organizations: [north],
                validators: [Governance.candidate("only", of: north.id, on: ledger.chain).entry], auditors: []))
        let proposal = Governance.proposal(.setParameter(.documentCopies, 2), in: alone)
        try alone.run(.proposeChange(proposal), by: Cast.north.signers)
        #expect(alone.parameters.limits.documentCopies == 2)
        // A chain for development grows one by one from below four, and does not shrink.
        let second = Governance.candidate("second", of: north.id, on: alone.chain)
        let growth = Governance.proposal(.addValidator(second), in: alone)
        #expect(try alone.run(.proposeChange(growth), by: Cast.north.signers) == [.applied])
        #expect(alone.validatorSet.keys.count == 2)
        let shrinking = Governance.proposal(.removeValidator(second.id), in: alone)
        #expect(
            try alone.run(.proposeChange(shrinking), by: Cast.north.signers) == [.refused(.tooFewValidators)])
    }

    @Test func `the histories of those who decided and of those concerned tell of it`() throws {
        let candidate = Governance.candidate("fifth", on: ledger.chain)
        try Governance.decide(.addValidator(candidate), in: ledger)
        #expect(ledger.histories[.organization(Cast.northID)]?.count == 1)
        #expect(ledger.histories[.organization(Cast.southID)]?.count == 1)
        #expect(ledger.histories[.validator(candidate.id)]?.count == 1)
    }

    // MARK: Validators

    @Test func `a validator joins at the end, is replaced in its place, and leaves`() throws {
        let fifth = Governance.candidate("fifth", on: ledger.chain)
        try Governance.decide(.addValidator(fifth), in: ledger)
        #expect(set.ids == Cast.validators + [fifth.id])
        #expect(ledger.record(fifth.id, as: ValidatorCardRecord.self)?.peerAddress == "fifth.example:7001")
        let rotated = Governance.candidate("rotated", of: Cast.northID, on: ledger.chain)
        try Governance.decide(.replaceValidator(Cast.validators[1], rotated), in: ledger)
        #expect(set.ids == [Cast.validators[0], rotated.id, Cast.validators[2], Cast.validators[3], fifth.id])
        try Governance.decide(.removeValidator(Cast.validators[3]), in: ledger)
        #expect(set.ids == [Cast.validators[0], rotated.id, Cast.validators[2], fifth.id])
        // Its record stays, for histories; its key opens nothing any more.
        #expect(ledger.record(Cast.validators[3], as: ValidatorRecord.self) != nil)
        let key = KeyID(Cast.validatorKeys[3].publicKey)
        #expect(Requester(key: key, over: ledger, at: ledger.block) == nil)
    }

    @Test func `a block says who decides from the next one on, if it changes that`() throws {
        let candidate = Governance.candidate("fifth", on: ledger.chain)
        let proposal = try Governance.propose(.addValidator(candidate), in: ledger)
        let closing = try ledger.commit([
            ledger.transaction([Governance.approval(proposal)], by: Cast.south.signers)
        ])
        #expect(closing.nextValidators == set)
        let other = try ledger.commit([
            ledger.transaction([.registerStaff(Cast.author.registration)], by: Cast.north.signers)
        ])
        #expect(other.nextValidators == nil)
    }

    @Test func `new addresses do not need a new key, and change no set`() throws {
        let moved = Governance.candidate("moved", of: Cast.southID, key: Cast.validatorKeys[2], on: ledger.chain)
        let proposal = try Governance.propose(.replaceValidator(Cast.validators[2], moved), in: ledger)
        let block = try ledger.commit([
            ledger.transaction([Governance.approval(proposal)], by: Cast.south.signers)
        ])
        #expect(block.receipts[0].outcomes == [.applied] && block.nextValidators == nil)
        #expect(ledger.record(moved.id, as: ValidatorCardRecord.self)?.apiURL == "https://moved.example:7002")
    }

    @Test func `a candidate without its consensus key cannot be in a block`() throws {
        let forged = Governance.candidate("fifth", on: ChainID(Seeded.digest("another chain")))
        let proposal = Governance.proposal(.addValidator(forged), in: ledger)
        let transaction = ledger.transaction([.proposeChange(proposal)], by: Cast.north.signers)
        #expect(!transaction.verifySignatures())
        let genuine = Governance.proposal(
            .addValidator(Governance.candidate("fifth", on: ledger.chain)), in: ledger)
        #expect(ledger.transaction([.proposeChange(genuine)], by: Cast.north.signers).verifySignatures())
    }

    // MARK: Leaving

    @Test func `expelling ends what the organisation and its staff may do, at once`() throws {
        let west = try admitWest()
        let member = Member("Wilma", of: west)
        try ledger.run(.registerStaff(member.registration), by: [Governance.west.keys[0]])
        try ledger.run(
            .openScope(Cast.scope.opening(sponsor: Cast.northID)),
            .authorizeAuthor(Story.authorization(of: Cast.scope, organization: west)),
            by: [Cast.scope.key] + Cast.north.signers)
        let document = Operation.commitDocument(Story.document("w", staff: member.id, organization: west))
        #expect(
            try ledger.execute([ledger.transaction([document], by: [member.device])]).receipts[0].outcomes
                == [.applied])
        let expulsion = try Governance.propose(.expelOrganization(west), in: ledger)
        try ledger.run(Governance.approval(expulsion), by: Cast.south.signers)
        let outcomes = try ledger.run(
            Governance.approval(expulsion, by: west), document, by: [Governance.west.keys[0], member.device])
        #expect(outcomes == [.applied, .refused(.organizationExpelled)])
        for key in [member.device, Governance.west.keys[0]] {
            #expect(Requester(key: KeyID(key.publicKey), over: ledger, at: ledger.block) == nil)
        }
        let again = Member("Willi", of: west)
        #expect(
            try ledger.run(.registerStaff(again.registration), by: [Governance.west.keys[0]])
                == [.refused(.organizationExpelled)])
        // Nor does it freeze, set rules or tell anybody anything, itself or through its staff.
        let elsewhere: [Operation] = [
            .freeze(Freeze(target: .staff(member.id), officer: nil, reason: 1)),
            .setPolicy(SetPolicy(organization: west, roles: [], cosigners: [])),
            .endStaff(EndStaff(staff: member.id)),
        ]
        for operation in elsewhere {
            #expect(
                try ledger.run(operation, by: [Governance.west.keys[0]]) == [.refused(.organizationExpelled)],
                "\(operation.code)")
        }
    }

    @Test func `an organisation's validators leave with it when the set bears it`() throws {
        let west = try admitWest()
        let fifth = Governance.candidate("fifth", of: west, on: ledger.chain)
        for change in [Change.addValidator(fifth), .expelOrganization(west)] {
            let proposal = try Governance.propose(change, in: ledger)
            try ledger.run(Governance.approval(proposal), by: Cast.south.signers)
            try ledger.run(Governance.approval(proposal, by: west), by: [Governance.west.keys[0]])
        }
        #expect(set.ids == Cast.validators)
        #expect(!ledger.consortium.organizations.contains(west))
    }

    @Test func `an auditor is appointed and dismissed`() throws {
        let key = Seeded.signing("second auditor")
        let entry = Genesis.Auditor(
            name: "Second", key: key.publicKey, expires: Cast.start.advanced(byMilliseconds: 1_000_000_000))
        try Governance.decide(.appointAuditor(entry), in: ledger)
        #expect(Requester(key: KeyID(key.publicKey), over: ledger, at: ledger.block) != nil)
        try Governance.decide(.dismissAuditor(entry.id), in: ledger)
        #expect(Requester(key: KeyID(key.publicKey), over: ledger, at: ledger.block) == nil)
    }

    // MARK: Evidence

    @Test func `evidence is counted once a view and stands in the validator's history`() throws {
        let (first, second) = (
            Governance.evidence(on: ledger.chain), Governance.evidence(on: ledger.chain, view: 8)
        )
        #expect(try ledger.run(.reportEvidence(first), by: [Cast.stranger]) == [.applied])
        #expect(try ledger.run(.reportEvidence(first), by: [Cast.stranger]) == [.refused(.alreadyReported)])
        #expect(try ledger.run(.reportEvidence(second), by: [Cast.stranger]) == [.applied])
        #expect(ledger.histories[.validator(Cast.validators[3])]?.count == 2)
    }

    @Test func `two words that an honest validator may say are no evidence`() throws {
        let chain = ledger.chain
        func signed(_ statement: ConsensusStatement) -> ReportEvidence.Signed {
            Governance.signed(statement, on: chain)
        }
        let pairs: [(ConsensusStatement, ConsensusStatement, Bool)] = [
            (Governance.statement(1), Governance.statement(1), false),
            (Governance.statement(1), Governance.statement(1, block: "other"), true),
            (Governance.statement(3), Governance.statement(3, block: "other"), true),
            (Governance.statement(1), Governance.statement(2), false),
            (Governance.statement(1), Governance.statement(3, block: "other"), false),
            (Governance.statement(2), Governance.statement(3), true),
            (Governance.statement(2), Governance.statement(3, view: 8), false),
            (Governance.statement(2), Governance.statement(3, epoch: 1), false),
        ]
        for (one, other, isEvidence) in pairs {
            let report = ReportEvidence(key: Cast.stranger.publicKey, signed(one), signed(other))
            #expect((report != nil) == isEvidence)
            let reversed = ReportEvidence(key: Cast.stranger.publicKey, signed(other), signed(one))
            #expect(reversed == report)
        }
    }

    @Test func `evidence with another's signature cannot be in a block`() throws {
        let genuine = Governance.evidence(on: ledger.chain)
        #expect(ledger.transaction([.reportEvidence(genuine)], by: [Cast.stranger]).verifySignatures())
        let forged = Governance.evidence(on: ChainID(Seeded.digest("another chain")))
        #expect(!ledger.transaction([.reportEvidence(forged)], by: [Cast.stranger]).verifySignatures())
    }
}
