import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: erasure")
struct ErasureTests {
    let story: Story

    init() throws { story = try Story() }

    private var document: DocumentID { story.document.document }
    private var patient: [SigningKey] { [Cast.scope.key] }

    private func erase() throws {
        #expect(try story.ledger.run(.eraseDocument(EraseDocument(document: document)), by: patient) == [.applied])
    }

    private func confirm(_ subject: Subject, by index: Int = 0, kept: Int = 0) throws -> [Outcome] {
        let operation = ConfirmErasure(validator: Cast.validators[index], subject: subject, kept: kept)
        return try story.ledger.run(.confirmErasure(operation), by: [Cast.validatorKeys[index]])
    }

    @Test func `an erased document is refused from the same block on, and the attempt is remembered`() throws {
        let execution = try story.ledger.commit([
            story.ledger.transaction([.eraseDocument(EraseDocument(document: document))], by: patient),
            story.ledger.transaction([.requestAccess(story.request())], by: Story.readers),
        ])
        #expect(execution.receipts.map(\.outcomes) == [[.applied], [.refused(.documentErased)]])
        let record: DocumentRecord = try #require(story.ledger.record(document))
        #expect(record.erased == story.ledger.block.height)
        #expect(try DocumentRecord(decoding: record.encoded) == record)
        #expect(story.ledger.histories[.document(document)]?.last?.outcome == .refused(.documentErased))
    }

    @Test func `an erased document is neither erased again nor replaced, and the others stay`() throws {
        let other = Story.document("other")
        try story.ledger.run(.commitDocument(other), by: [Cast.author.device])
        try erase()
        let again = Operation.eraseDocument(EraseDocument(document: document))
        #expect(try story.ledger.run(again, by: patient) == [.refused(.documentErased)])
        let replacement = Story.document("next", replaces: document)
        #expect(
            try story.ledger.run(.commitDocument(replacement), by: [Cast.author.device])
                == [.refused(.documentErased)])
        let request = Story.request(
            story.grant.grant, [other.document], expires: story.ledger.block.height.rawValue + 9)
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.applied])
    }

    @Test(arguments: ErasureBasis.allCases)
    func `a privacy officer of the author erases on any legal basis but the patient's wish`(_ basis: ErasureBasis)
        throws
    {
        let operation = EraseDocument(document: document, basis: basis, officer: Cast.officer.id)
        let outcome = try story.ledger.run(.eraseDocument(operation), by: [Cast.officer.device])
        #expect(outcome == [basis == .patientWish ? .refused(.wrongLegalBasis) : .applied])
    }

    @Test func `a patient claims no other basis than the own wish`() throws {
        var operation = EraseDocument(document: document)
        operation.basis = .unlawful
        #expect(try story.ledger.run(.eraseDocument(operation), by: patient) == [.refused(.wrongLegalBasis)])
    }

    @Test func `nobody else erases: other roles, other hospitals, other patients, the organisation alone`() throws {
        let elsewhere = Member("Petra", of: Cast.southID, role: .clinician)
        try story.ledger.run(.registerStaff(elsewhere.registration), by: Cast.south.signers)
        func outcome(_ officer: StaffID?, _ keys: [SigningKey]) throws -> [Outcome] {
            var operation = EraseDocument(document: document)
            if let officer { operation = EraseDocument(document: document, basis: .unlawful, officer: officer) }
            return try story.ledger.run(.eraseDocument(operation), by: keys)
        }
        #expect(try outcome(Cast.author.id, [Cast.author.device]) == [.refused(.roleNotPermitted)])
        #expect(try outcome(elsewhere.id, [elsewhere.device]) == [.refused(.wrongOrganization)])
        #expect(try outcome(Cast.officer.id, Cast.north.signers) == [.refused(.staffSignatureMissing)])
        // The patient's key is no officer's.
        #expect(try outcome(Cast.officer.id, patient) == [.refused(.staffSignatureMissing)])
        #expect(try outcome(nil, [Cast.otherScope.key]) == [.refused(.scopeSignatureMissing)])
        #expect(try outcome(nil, [Cast.officer.device]) == [.refused(.scopeSignatureMissing)])
        try erase()
    }

    @Test func `an officer whose registration asks for it erases with the organisation only`() throws {
        let officer = Member("Paul", of: Cast.northID, role: .privacyOfficer, cosigned: true)
        try story.ledger.run(.registerStaff(officer.registration), by: Cast.north.signers)
        let operation = Operation.eraseDocument(
            EraseDocument(document: document, basis: .legalObligation, officer: officer.id))
        #expect(
            try story.ledger.run(operation, by: [officer.device]) == [.refused(.organizationSignatureMissing)])
        #expect(try story.ledger.run(operation, by: [officer.device] + Cast.north.signers) == [.applied])
        #expect(story.ledger.histories[.staff(officer.id)]?.last?.outcome == .applied)
    }

    @Test func `each validator confirms once, and the leaf says who and what is kept`() throws {
        #expect(try confirm(.document(document)) == [.refused(.notErased)])
        try erase()
        #expect(try confirm(.document(document), by: 2, kept: 5) == [.applied])
        #expect(try confirm(.document(document), by: 0) == [.applied])
        #expect(try confirm(.document(document), by: 2) == [.refused(.alreadyConfirmed)])
        let record: ErasureRecord = try #require(story.ledger.record(.document(document)))
        #expect(record.confirmations.count == 2)
        #expect(record[Cast.validators[2]]?.kept == 5 && record[Cast.validators[0]]?.kept == 0)
        #expect(record[Cast.validators[1]] == nil)
        #expect(try ErasureRecord(decoding: record.encoded) == record)
    }

    @Test func `nobody confirms in a validator's name`() throws {
        try erase()
        let operation = Operation.confirmErasure(
            ConfirmErasure(validator: Cast.validators[0], subject: .document(document)))
        #expect(
            try story.ledger.run(operation, by: [Cast.validatorKeys[1]]) == [.refused(.validatorSignatureMissing)])
        #expect(
            try story.ledger.run(operation, by: patient) == [.refused(.validatorSignatureMissing)])
    }

    @Test func `a grant's fragments are confirmed once it is revoked, over, or its scope closed`() throws {
        let grant = Subject.grant(story.grant.grant)
        #expect(try confirm(grant) == [.refused(.notErased)])
        try story.ledger.run(.revokeConsent(RevokeConsent(grant: story.grant.grant)), by: patient)
        #expect(try confirm(grant) == [.applied])

        let closing = try Story()
        try closing.ledger.run(.closeScope(CloseScope(scope: Cast.scope.id)), by: patient)
        let operation = Operation.confirmErasure(ConfirmErasure(validator: Cast.validators[0], subject: grant))
        #expect(try closing.ledger.run(operation, by: [Cast.validatorKeys[0]]) == [.applied])

        let late = try Story()
        try late.ledger.pass(milliseconds: 31 * 86_400_000)
        #expect(try late.ledger.run(operation, by: [Cast.validatorKeys[0]]) == [.applied])
    }

    @Test func `an operation that confirms something else than a document or grant does not decode`() throws {
        let operation = Operation.confirmErasure(
            ConfirmErasure(validator: Cast.validators[0], subject: .document(document)))
        var bytes = operation.encoded
        // `[15, validator (2 + 32 bytes), [4, …`: the subject's kind.
        let kind = 1 + 1 + 34 + 1
        #expect(bytes[kind] == 4)
        bytes[kind] = 1
        #expect(throws: DecodingFailure.invalid(field: "subject")) { try Operation(decoding: bytes) }
    }

    @Test func `nobody fetches content or title of an erased document`() throws {
        func mayFetch(_ key: SigningKey) throws -> [Bool] {
            let requester = try #require(
                Requester(key: KeyID(key.publicKey), over: story.ledger, at: story.ledger.block))
            return [
                Authorization.mayFetchContent(of: document, by: requester, over: story.ledger),
                Authorization.mayFetchMetadata(
                    of: document, by: requester, over: story.ledger, at: story.ledger.block),
            ]
        }
        try story.ledger.run(.requestAccess(story.request()), by: Story.readers)
        let keys = [Cast.scope.key, Cast.author.device, Cast.reader.device, Cast.validatorKeys[0]]
        for key in keys { #expect(try mayFetch(key) == [true, true]) }
        try erase()
        for key in keys { #expect(try mayFetch(key) == [false, false]) }
    }
}
