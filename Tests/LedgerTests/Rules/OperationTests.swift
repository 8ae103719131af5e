import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: what operations do")
struct OperationTests {
    @Test func `a patient opens a scope that a hospital sponsors`() throws {
        let ledger = TestLedger(try Cast.genesis())
        let opening = Cast.scope.opening(sponsor: Cast.northID)
        #expect(try ledger.run(.openScope(opening), by: [Cast.scope.key] + Cast.north.signers) == [.applied])
        let record: ScopeRecord = try #require(ledger.record(Cast.scope.id))
        #expect(record.delegatingKey.publicKey == Cast.scope.delegating.publicKey)
        #expect(record.sponsor == Cast.northID)
        #expect(ledger.holder(of: Cast.scope.id.key) == .scope(Cast.scope.id))
        let sealing: SealingKeyRecord = try #require(ledger.record(.scope(Cast.scope.id)))
        #expect(sealing.sealingKey == opening.sealingKey)
    }

    @Test func `a voucher stands for the sponsor's signatures once`() throws {
        let ledger = TestLedger(try Cast.genesis())
        let voucher = Voucher.valid(on: ledger.chain)
        let first = Cast.scope.opening(sponsor: Cast.southID, voucher: voucher)
        let second = Cast.otherScope.opening(sponsor: Cast.southID, voucher: voucher)
        #expect(try ledger.run(.openScope(first), by: [Cast.scope.key]) == [.applied])
        #expect(try ledger.run(.openScope(second), by: [Cast.otherScope.key]) == [.refused(.voucherUsed)])
    }

    @Test func `a voucher with a signature that is not the hospital's, or one too few, is none`() throws {
        let ledger = TestLedger(try Cast.genesis())
        var forged = Voucher.valid(on: ledger.chain)
        forged.endorse(with: Cast.stranger, on: ledger.chain)
        var short = Voucher.unsigned()
        short.endorse(with: Cast.south.keys[0], on: ledger.chain)
        var elsewhere = Voucher.unsigned()
        for key in Cast.south.signers { elsewhere.endorse(with: key, on: ChainID(.zero)) }
        for voucher in [forged, short, elsewhere] {
            let opening = Cast.scope.opening(sponsor: Cast.southID, voucher: voucher)
            #expect(try ledger.run(.openScope(opening), by: [Cast.scope.key]) == [.refused(.voucherInvalid)])
        }
        // A voucher of one hospital does not make another the sponsor.
        let opening = Cast.scope.opening(sponsor: Cast.northID, voucher: Voucher.valid(on: ledger.chain))
        #expect(try ledger.run(.openScope(opening), by: [Cast.scope.key]) == [.refused(.voucherInvalid)])
    }

    @Test func `one member of staff signs for themselves from the next block until the block that ends them`() throws {
        let ledger = TestLedger(try Cast.genesis())
        let scope = Cast.scope
        try ledger.run(
            .openScope(scope.opening(sponsor: Cast.northID)), .authorizeAuthor(Story.authorization(of: scope)),
            by: [scope.key] + Cast.north.signers)
        let keys = Cast.north.signers + [Cast.author.device]
        let early = try ledger.run(
            .registerStaff(Cast.author.registration), .commitDocument(Story.document("early")), by: keys)
        #expect(early == [.applied, .refused(.staffNotYetActive)])
        let last = try ledger.run(
            .endStaff(EndStaff(staff: Cast.author.id)), .commitDocument(Story.document("last")), by: keys)
        #expect(last == [.applied, .applied])
        let late = try ledger.run(.commitDocument(Story.document("late")), by: keys)
        #expect(late == [.refused(.staffEnded)])
    }

    @Test func `a document replaces another of its scope once`() throws {
        let story = try Story()
        let second = Story.document("second", replaces: story.document.document)
        let third = Story.document("third", replaces: story.document.document)
        #expect(try story.ledger.run(.commitDocument(second), by: [Cast.author.device]) == [.applied])
        #expect(
            try story.ledger.run(.commitDocument(third), by: [Cast.author.device]) == [.refused(.alreadyReplaced)])
        let old: DocumentRecord = try #require(story.ledger.record(story.document.document))
        #expect(old.replacedBy == second.document)
        #expect(old.capsule == story.document.capsule)
    }

    @Test func `a grant can be used from the third acknowledgement on`() throws {
        let story = try Story()
        let grant = Story.grant("new", from: Cast.start)
        try story.ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            let request = Story.request(
                grant.grant, [story.document.document], expires: story.ledger.block.height.rawValue + 20)
            #expect(
                try story.ledger.run(.requestAccess(request), by: Story.readers) == [.refused(.grantNotActive)])
            #expect(
                try story.ledger.run(
                    Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]]) == [.applied])
        }
        let request = Story.request(
            grant.grant, [story.document.document], expires: story.ledger.block.height.rawValue + 20)
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.applied])
    }

    @Test func `a grant opens documents that came after it`() throws {
        let story = try Story()
        let later = Story.document("later")
        try story.ledger.run(.commitDocument(later), by: [Cast.author.device])
        let request = Story.request(
            story.grant.grant, [later.document, story.document.document],
            expires: story.ledger.block.height.rawValue + 20)
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.applied])
        let access: AccessRecord = try #require(story.ledger.record(request.access))
        #expect(access.documents == [later.document, story.document.document].sorted())
        let disclosure = DisclosureRecord.ID(document: later.document, staff: Cast.reader.id)
        #expect(story.ledger.record(disclosure, as: DisclosureRecord.self)?.access == request.access)
    }

    @Test func `a grant to a hospital serves each of its clinicians`() throws {
        let story = try Story()
        let grant = Story.grant(
            "house", to: .organization(Cast.southID), receiving: Cast.south.receivingKey, from: Cast.start)
        try story.ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<4 {
            try story.ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        let request = Story.request(
            grant.grant, [story.document.document], expires: story.ledger.block.height.rawValue + 20,
            staff: Cast.colleague.id)
        #expect(try story.ledger.run(.requestAccess(request), by: [Cast.colleague.device]) == [.applied])
    }

    @Test func `a revoked grant is refused in the same block`() throws {
        let story = try Story()
        let execution = try story.ledger.commit([
            story.ledger.transaction(
                [.revokeConsent(RevokeConsent(grant: story.grant.grant))], by: [Cast.scope.key]),
            story.ledger.transaction([.requestAccess(story.request())], by: Story.readers),
        ])
        #expect(execution.receipts.map(\.outcomes) == [[.applied], [.refused(.grantRevoked)]])
    }

    @Test func `the day's documents come back at midnight`() throws {
        let story = try Story()
        let grant = Story.grant("one a day", from: Cast.start, documentsPerDay: 1)
        try story.ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            try story.ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        func outcome(after milliseconds: UInt64) throws -> [Outcome] {
            let request = Story.request(
                grant.grant, [story.document.document], expires: story.ledger.block.height.rawValue + 20)
            return try story.ledger.run(.requestAccess(request), by: Story.readers, after: milliseconds)
        }
        #expect(try outcome(after: 1) == [.applied])
        #expect(try outcome(after: 1) == [.refused(.dailyLimitReached)])
        #expect(try outcome(after: 86_400_000) == [.applied])
    }

    @Test func `a validator records what it served`() throws {
        let story = try Story()
        let record = RecordService(validator: Cast.validators[0], count: 3, root: Seeded.digest("served"))
        #expect(try story.ledger.run(.recordService(record), by: [Cast.validatorKeys[0]]) == [.applied])
        #expect(story.ledger.histories[.validator(Cast.validators[0])]?.count == 2)
    }

    @Test func `operations of one transaction are applied or refused on their own`() throws {
        let story = try Story()
        let outcomes = try story.ledger.run(
            .commitDocument(Story.document("a")), .commitDocument(Story.document("a")),
            .commitDocument(Story.document("b")), by: [Cast.author.device])
        #expect(outcomes == [.applied, .refused(.capsuleUsed), .applied])
    }

    @Test func `a block without transactions changes nothing`() throws {
        let story = try Story()
        #expect(try story.ledger.execute([]) == .empty)
    }

    @Test func `the same block gives the same changes, in the order of their keys`() throws {
        let story = try Story()
        let transaction = story.ledger.transaction(
            (0..<20).map { .commitDocument(Story.document("document \($0)")) }, by: [Cast.author.device])
        let first = try story.ledger.execute([transaction])
        let second = try story.ledger.execute([transaction])
        #expect(first == second)
        #expect(zip(first.changes, first.changes.dropFirst()).allSatisfy { $0.key < $1.key })
    }
}

enum Voucher {
    static func unsigned(
        organization: OrganizationID = Cast.southID,
        expires: Timestamp = Cast.start.advanced(byMilliseconds: 100_000_000)
    ) -> EnrollmentVoucher {
        EnrollmentVoucher(
            organization: organization, code: Array(Seeded.digest("code").bytes.prefix(16)), expires: expires)
    }

    static func valid(on chain: ChainID) -> EnrollmentVoucher {
        var voucher = unsigned()
        for key in Cast.south.signers { voucher.endorse(with: key, on: chain) }
        return voucher
    }
}
