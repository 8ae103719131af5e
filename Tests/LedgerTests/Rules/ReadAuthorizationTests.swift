import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: who may see what")
struct ReadAuthorizationTests {
    enum Viewer: CaseIterable {
        case patient, otherPatient, author, officer, reader, colleague, north, south, validator, auditor

        var key: KeyID {
            switch self {
            case .patient: KeyID(Cast.scope.key.publicKey)
            case .otherPatient: KeyID(Cast.otherScope.key.publicKey)
            case .author: KeyID(Cast.author.device.publicKey)
            case .officer: KeyID(Cast.officer.device.publicKey)
            case .reader: KeyID(Cast.reader.device.publicKey)
            case .colleague: KeyID(Cast.colleague.device.publicKey)
            case .north: KeyID(Cast.north.keys[0].publicKey)
            case .south: KeyID(Cast.south.keys[2].publicKey)
            case .validator: KeyID(Cast.validatorKeys[3].publicKey)
            case .auditor: KeyID(Cast.auditorKey.publicKey)
            }
        }
    }

    let story: Story

    init() throws { story = try Story() }

    private func viewers(_ allowed: (Requester) -> Bool) throws -> Set<Viewer> {
        Set(
            try Viewer.allCases.filter { viewer in
                allowed(try #require(Requester(key: viewer.key, over: story.ledger, at: story.ledger.block)))
            })
    }

    private func records(_ subject: Subject) throws -> Set<Viewer> {
        try viewers { Authorization.mayRead(subject, by: $0, over: story.ledger, at: story.ledger.block) }
    }

    private func histories(_ subject: Subject) throws -> Set<Viewer> {
        try viewers { Authorization.mayReadHistory(of: subject, by: $0, over: story.ledger, at: story.ledger.block) }
    }

    private static let everybody = Set(Viewer.allCases)

    @Test func `records`() throws {
        #expect(try records(.organization(Cast.northID)) == Self.everybody)
        #expect(try records(.validator(Cast.validators[0])) == Self.everybody)
        #expect(
            try records(.staff(Cast.author.id)) == [
                .patient, .otherPatient, .author, .officer, .north, .validator, .auditor,
            ])
        #expect(
            try records(.scope(Cast.scope.id)) == [
                .patient, .author, .officer, .north, .south, .reader, .validator, .auditor,
            ])
        #expect(
            try records(.document(story.document.document)) == [
                .patient, .author, .officer, .north, .reader, .validator, .auditor,
            ])
        #expect(try records(.grant(story.grant.grant)) == [.patient, .reader, .validator, .auditor])
    }

    @Test func `histories`() throws {
        #expect(try histories(.organization(Cast.northID)) == [.officer, .north, .validator, .auditor])
        #expect(try histories(.validator(Cast.validators[0])) == Self.everybody)
        #expect(try histories(.staff(Cast.author.id)) == [.author, .officer, .north, .validator, .auditor])
        #expect(try histories(.scope(Cast.scope.id)) == [.patient, .reader, .validator, .auditor])
        #expect(
            try histories(.document(story.document.document)) == [.patient, .officer, .north, .validator, .auditor])
        #expect(try histories(.grant(story.grant.grant)) == [.patient, .reader, .validator, .auditor])
    }

    @Test func `nobody sees what does not exist`() throws {
        let nothing = Seeded.digest("nothing")
        let subjects: [Subject] = [
            .organization(OrganizationID(nothing)), .staff(StaffID(nothing)), .document(DocumentID(nothing)),
            .grant(GrantID(nothing)), .validator(ValidatorID(nothing)), .scope(Scope("nothing").id),
        ]
        for subject in subjects {
            #expect(try records(subject).isEmpty)
            #expect(try histories(subject).isEmpty)
        }
    }

    @Test func `a grantee's view ends with the grant`() throws {
        try story.ledger.run(.revokeConsent(RevokeConsent(grant: story.grant.grant)), by: [Cast.scope.key])
        #expect(try !records(.scope(Cast.scope.id)).contains(.reader))
        #expect(try !histories(.scope(Cast.scope.id)).contains(.reader))
        #expect(try records(.grant(story.grant.grant)).contains(.reader))
    }

    @Test func `ciphertext is for the patient, the author, validators, and staff with an applied request`() throws {
        func fetchers() throws -> Set<Viewer> {
            try viewers {
                Authorization.mayFetchContent(of: story.document.document, by: $0, over: story.ledger)
            }
        }
        #expect(try fetchers() == [.patient, .author, .officer, .north, .validator])
        try story.ledger.run(.requestAccess(story.request()), by: Story.readers)
        #expect(try fetchers() == [.patient, .author, .officer, .north, .validator, .reader])
    }

    @Test func `a request is for who asked, their organisation and the patient`() throws {
        let request = story.request()
        try story.ledger.run(.requestAccess(request), by: Story.readers)
        let record: AccessRecord = try #require(story.ledger.record(request.access))
        let readers = try viewers { Authorization.mayRead(record, by: $0, over: story.ledger) }
        #expect(readers == [.patient, .reader, .south, .validator, .auditor])
    }

    @Test func `a transaction is for its signers and whose history it is part of`() throws {
        func readers(of transaction: Transaction) throws -> Set<Viewer> {
            try viewers { Authorization.mayRead(transaction, by: $0, over: story.ledger, at: story.ledger.block) }
        }
        let access = story.ledger.transaction([.requestAccess(story.request())], by: Story.readers)
        try story.ledger.commit([access])
        // North sees who opened its document; a colleague of the reader's does not.
        #expect(
            try readers(of: access) == [.patient, .reader, .south, .officer, .north, .validator, .auditor])
        let commit = story.ledger.transaction([.commitDocument(Story.document("x"))], by: [Cast.author.device])
        try story.ledger.commit([commit])
        #expect(try readers(of: commit) == [.patient, .author, .officer, .north, .reader, .validator, .auditor])
    }

    @Test func `keys of strangers, leavers and expired auditors are nobody's`() throws {
        func requester(_ key: SigningKey) -> Requester? {
            Requester(key: KeyID(key.publicKey), over: story.ledger, at: story.ledger.block)
        }
        #expect(requester(Cast.stranger) == nil)
        #expect(requester(Cast.author.device) != nil)
        try story.ledger.run(.endStaff(EndStaff(staff: Cast.author.id)), by: Cast.north.signers)
        #expect(requester(Cast.author.device) == nil)
        #expect(requester(Cast.auditorKey) != nil)
        try story.ledger.pass(milliseconds: 1_000_000_001)
        #expect(requester(Cast.auditorKey) == nil)
    }
}
