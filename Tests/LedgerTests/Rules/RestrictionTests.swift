import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: restrictions")
struct RestrictionTests {
    let story: Story

    init() throws { story = try Story() }

    private var patient: [SigningKey] { [Cast.scope.key] }

    private func restrict(_ restriction: ScopeRestriction, isInForce: Bool = true) throws -> [Outcome] {
        let operation = RestrictScope(scope: Cast.scope.id, restriction: restriction, isInForce: isInForce)
        return try story.ledger.run(.restrictScope(operation), by: patient)
    }

    private func request(_ documents: [DocumentID]? = nil) throws -> [Outcome] {
        let request = Story.request(
            story.grant.grant, documents ?? [story.document.document],
            expires: story.ledger.block.height.rawValue + 50)
        return try story.ledger.run(.requestAccess(request), by: Story.readers)
    }

    @Test func `a denied organisation gets nothing, also by an older grant, until the denial is lifted`() throws {
        #expect(try request() == [.applied])
        #expect(try restrict(.never(Cast.southID)) == [.applied])
        #expect(try request() == [.refused(.organizationDenied)])
        #expect(try restrict(.never(Cast.southID), isInForce: false) == [.applied])
        #expect(try request() == [.applied])
    }

    @Test func `nothing is granted to a denied organisation or to one of its staff, and it adds nothing`() throws {
        #expect(try restrict(.never(Cast.southID)) == [.applied])
        let house = Story.grant(
            "house", to: .organization(Cast.southID), receiving: Cast.south.receivingKey, from: Cast.start)
        for grant in [house, Story.grant("person", from: Cast.start)] {
            #expect(try story.ledger.run(.grantConsent(grant), by: patient) == [.refused(.organizationDenied)])
        }
        let authorization = Story.authorization(of: Cast.scope, organization: Cast.southID)
        #expect(
            try story.ledger.run(.authorizeAuthor(authorization), by: patient) == [.refused(.organizationDenied)])
        // The others go on as before.
        let other = Story.grant(
            "north", to: .organization(Cast.northID), receiving: Cast.north.receivingKey, from: Cast.start)
        #expect(try story.ledger.run(.grantConsent(other), by: patient) == [.applied])
    }

    @Test func `denied staff see the scope no longer`() throws {
        func sees() throws -> Bool {
            let requester = try #require(
                Requester(key: KeyID(Cast.reader.device.publicKey), over: story.ledger, at: story.ledger.block))
            return Authorization.mayRead(
                .scope(Cast.scope.id), by: requester, over: story.ledger, at: story.ledger.block)
        }
        #expect(try sees())
        #expect(try restrict(.never(Cast.southID)) == [.applied])
        #expect(try !sees())
    }

    @Test func `a denial is of one scope, begins once and ends once`() throws {
        #expect(try restrict(.never(Cast.southID)) == [.applied])
        #expect(try restrict(.never(Cast.southID)) == [.refused(.organizationDenied)])
        #expect(!story.ledger.isDenied(Cast.otherScope.id, to: Cast.southID))
        #expect(try restrict(.never(Cast.southID), isInForce: false) == [.applied])
        #expect(try restrict(.never(Cast.southID), isInForce: false) == [.refused(.notRestricted)])
        #expect(try restrict(.never(OrganizationID(.zero))) == [.refused(.unknownOrganization)])
    }

    @Test func `a window leaves out documents before it and after it`() throws {
        let start = story.ledger.block.time
        let later = Story.document("later")
        try story.ledger.commit(
            [story.ledger.transaction([.commitDocument(later)], by: [Cast.author.device])], after: 60_000)
        let middle = start.advanced(byMilliseconds: 30_000)
        let (first, grant) = (story.document.document, story.grant.grant)

        #expect(try restrict(.documents(grant, from: middle, until: nil)) == [.applied])
        #expect(try request([first]) == [.refused(.documentOutsideWindow)])
        #expect(try request([first, later.document]) == [.refused(.documentOutsideWindow)])
        #expect(try request([later.document]) == [.applied])

        #expect(try restrict(.documents(grant, from: nil, until: middle)) == [.applied])
        #expect(try request([first]) == [.applied])
        #expect(try request([later.document]) == [.refused(.documentOutsideWindow)])

        #expect(try restrict(.documents(grant, from: middle, until: nil), isInForce: false) == [.applied])
        #expect(try request([first, later.document]) == [.applied])
    }

    @Test func `the edges of a window are within it`() throws {
        let record: DocumentRecord = try #require(story.ledger.record(story.document.document))
        let after = record.time.advanced(byMilliseconds: 1)
        #expect(try restrict(.documents(story.grant.grant, from: record.time, until: record.time)) == [.applied])
        #expect(try request() == [.applied])
        #expect(try restrict(.documents(story.grant.grant, from: after, until: after)) == [.applied])
        #expect(try request() == [.refused(.documentOutsideWindow)])
    }

    @Test func `a window is of a grant of the scope, not upside down, and not of one that has ended`() throws {
        let grant = story.grant.grant
        let other = RestrictScope(
            scope: Cast.otherScope.id, restriction: .documents(grant, from: Cast.start, until: nil))
        #expect(
            try story.ledger.run(.restrictScope(other), by: [Cast.otherScope.key]) == [.refused(.unknownGrant)])
        let end = Cast.start.advanced(byMilliseconds: 1)
        #expect(try restrict(.documents(grant, from: end, until: Cast.start)) == [.refused(.invalidPeriod)])
        let lifting = ScopeRestriction.documents(grant, from: end, until: nil)
        #expect(try restrict(lifting, isInForce: false) == [.refused(.notRestricted)])
        try story.ledger.run(.revokeConsent(RevokeConsent(grant: grant)), by: patient)
        #expect(try restrict(lifting) == [.refused(.grantRevoked)])
    }

    @Test func `a window without an end and without a beginning does not decode`() {
        let open = RestrictScope(
            scope: Cast.scope.id, restriction: .documents(story.grant.grant, from: nil, until: nil))
        #expect(throws: DecodingFailure.invalid(field: "restriction")) {
            try Operation(decoding: Operation.restrictScope(open).encoded)
        }
    }

    @Test func `another patient restricts nothing here`() throws {
        let operation = RestrictScope(scope: Cast.scope.id, restriction: .never(Cast.southID))
        #expect(
            try story.ledger.run(.restrictScope(operation), by: [Cast.otherScope.key])
                == [.refused(.scopeSignatureMissing)])
    }
}
