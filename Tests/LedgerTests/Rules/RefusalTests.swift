import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: refusals")
struct RefusalTests {
    @Test(arguments: Refusal.allCases)
    func `every refusal can happen, and changes nothing`(_ refusal: Refusal) throws {
        let story = try Story()
        let (operation, keys) = try Self.provoke(refusal, in: story)
        let before: [Transaction]
        switch (refusal, operation) {
        // Staff whom an earlier transaction of the block registers: without it, they are unknown.
        case (.staffNotYetActive, _):
            before = [story.ledger.transaction([Self.newcomer.0], by: Self.newcomer.1)]
        // What fills the block.
        case (.resharingBusy, .reshareGrant(let last)): before = [try story.rest(before: last)]
        default: before = []
        }
        let alone = try story.ledger.execute(before)
        let transaction = story.ledger.transaction([operation], by: keys)
        let execution = try story.ledger.execute(before + [transaction])
        #expect(execution.receipts.last?.outcomes == [.refused(refusal)])
        if operation.accessAttempt != nil { return }
        #expect(execution.changes == alone.changes && execution.entries == alone.entries)
    }

    @Test(arguments: Refusal.allCases)
    func `every refusal has a name, an explanation and a remedy`(_ refusal: Refusal) {
        #expect(refusal.name.allSatisfy { $0.isLowercase || $0 == "-" })
        #expect(refusal.explanation.hasSuffix(".") && refusal.remedy.hasSuffix("."))
        #expect(refusal.explanation != refusal.remedy)
    }

    @Test func `names and numbers are stable`() {
        let list = Refusal.allCases.filter { $0.rawValue < 100 }.map { "\($0.rawValue) \($0.name)" }.joined(
            separator: "\n")
        #expect(Set(Refusal.allCases.map(\.name)).count == Refusal.allCases.count)
        #expect(Digest.sha256(Array(list.utf8)).hex == Self.lock)
    }

    private static let lock = "89fc8b981c579d08a73d545beb075d4a1171c0960fc34236e572913e6a59413b"

    typealias Attempt = (Operation, [SigningKey])

    /// An operation that is refused for this reason and no other, and who signs it.
    static func provoke(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .scopeSignatureMissing: (.authorizeAuthor(Story.authorization(of: Cast.scope)), [Cast.otherScope.key])
        case .staffSignatureMissing: (.commitDocument(Story.document("x")), Cast.north.signers)
        case .organizationSignatureMissing: (.requestAccess(story.request()), [Cast.reader.device, Cast.south.keys[2]])
        case .validatorSignatureMissing: (Story.acknowledgement(of: story.grant, by: 3), [Cast.validatorKeys[0]])
        case .sponsorMissing: opening(new, by: [Cast.south.keys[0], new.key])
        case .unknownOrganization: authorization { $0.organization = OrganizationID(nothing) }
        case .unknownStaff: (.endStaff(EndStaff(staff: StaffID(nothing))), Cast.north.signers)
        case .unknownScope: (.authorizeAuthor(Story.authorization(of: new)), [new.key])
        case .unknownDocument: request(story, documents: [DocumentID(nothing)])
        case .unknownGrant: (.revokeConsent(RevokeConsent(grant: GrantID(nothing))), [Cast.scope.key])
        case .unknownValidator:
            (
                .acknowledgeGrant(AcknowledgeGrant(grant: story.grant.grant, validator: ValidatorID(nothing))),
                [Cast.validatorKeys[0]]
            )
        default: try provokeMore(refusal, in: story)
        }
    }

    private static func provokeMore(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .alreadyExists: opening(Cast.scope, by: [Cast.scope.key] + Cast.north.signers)
        case .keyInUse: registration(Member("Nora", of: Cast.northID, role: .registrar))
        case .capsuleUsed: document("first")
        case .voucherUsed: try usedVoucher(in: story)
        case .alreadyAcknowledged: (Story.acknowledgement(of: story.grant, by: 0), [Cast.validatorKeys[0]])
        case .voucherExpired: opening(new, Voucher.unsigned(expires: Cast.start), by: [new.key])
        case .voucherInvalid: opening(new, Voucher.unsigned(), by: [new.key])
        case .wrongOrganization:
            (
                .commitDocument(Story.document("x", organization: Cast.southID)),
                [Cast.author.device] + Cast.south.signers
            )
        case .roleNotAppointable:
            (.registerStaff(Member("Rita", of: Cast.southID, role: .registrar).registration), Cast.south.signers)
        case .roleNotPermitted:
            (.commitDocument(Story.document("x", staff: Cast.officer.id)), [Cast.officer.device])
        case .staffNotYetActive:
            (
                .commitDocument(Story.document("x", staff: Member("Rita", of: Cast.northID).id)),
                [Member("Rita", of: Cast.northID).device]
            )
        case .staffEnded:
            try after(.endStaff(EndStaff(staff: Cast.author.id)), by: Cast.north.signers, in: story, document("x"))
        case .staffExpired: try later(in: story, by: 400 * 86_400_000, document("x"))
        case .expiryInPast: registration(Member("Rita", of: Cast.northID, expires: Cast.start))
        case .wrongEpoch: authorization { $0.epoch = 1 }
        case .authorNotAuthorized:
            try after(
                .withdrawAuthor(WithdrawAuthor(scope: Cast.scope.id, organization: Cast.northID)),
                by: [Cast.scope.key], in: story, document("x"))
        case .notAnAuthor:
            (.withdrawAuthor(WithdrawAuthor(scope: Cast.scope.id, organization: Cast.southID)), [Cast.scope.key])
        case .sizeNotPadded: document("x") { $0.paddedSize = 1_000_001 }
        case .replacesOtherScope:
            (
                .commitDocument(
                    Story.document("x", scope: Cast.otherScope, replaces: story.document.document)),
                [Cast.author.device]
            )
        case .alreadyReplaced:
            try after(
                document("second") { $0.replaces = story.document.document }, in: story,
                document("third") { $0.replaces = story.document.document })
        default: try provokeConsent(refusal, in: story)
        }
    }

    private static func provokeConsent(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .wrongThreshold:
            grant { $0.delegation = Story.delegation("x", to: Cast.reader.receivingKey, threshold: 2) }
        case .wrongFragments: grant { $0.validators.swapAt(0, 1) }
        case .invalidPeriod: grant { $0.notAfter = $0.notBefore }
        case .wrongReceivingKey: grant { $0.receivingKey = Cast.colleague.receivingKey }
        case .flagNotSupported: grant { $0.flags = [.emergency, .recovery] }
        case .grantRevoked:
            try after(
                .revokeConsent(RevokeConsent(grant: story.grant.grant)), by: [Cast.scope.key], in: story,
                request(story))
        case .grantNotActive:
            try after(grant(), in: story, request(story, grant: consent().grant))
        case .grantNotYetValid:
            try after(
                grant { $0.notBefore = Cast.start.advanced(byMilliseconds: 86_400_000) }, in: story,
                request(
                    story,
                    grant: consent { $0.notBefore = Cast.start.advanced(byMilliseconds: 86_400_000) }.grant))
        case .grantExpired: try later(in: story, by: 31 * 86_400_000, request(story))
        case .notGrantee:
            (
                .requestAccess(
                    Story.request(story.grant.grant, [story.document.document], expires: 50, staff: Cast.colleague.id)),
                [Cast.colleague.device]
            )
        case .documentNotInScope:
            try after(
                (.commitDocument(Story.document("foreign", scope: Cast.otherScope)), [Cast.author.device]), in: story,
                request(story, documents: [Story.document("foreign", scope: Cast.otherScope).document]))
        case .purposeNotPermitted: (.requestAccess(story.request(.research)), Story.readers)
        case .roleNotGranted: try otherRole(in: story)
        case .dailyLimitReached: try busyDay(in: story)
        case .invalidExpiry: request(story, expires: story.ledger.block.height.rawValue + 1)
        case .nothingServed:
            (
                .recordService(RecordService(validator: Cast.validators[0], count: 0, root: .zero)),
                [Cast.validatorKeys[0]]
            )
        case .paymentCardNumber: registration(Member("Nora 4111 1111 1111 1111", of: Cast.northID))
        default: try provokeForPatients(refusal, in: story)
        }
    }

    struct Unreachable: Error {
        let refusal: Refusal
    }
}

/// Operations with one thing changed, and who signs them.
extension RefusalTests {
    static var nothing: Digest { Seeded.digest("nothing") }
    private static var new: Scope { Scope("new") }

    private static func opening(
        _ scope: Scope, _ voucher: EnrollmentVoucher? = nil, by keys: [SigningKey]
    ) -> Attempt {
        let sponsor = keys.contains { $0.publicKey == Cast.north.keys[0].publicKey } ? Cast.northID : Cast.southID
        return (.openScope(scope.opening(sponsor: sponsor, voucher: voucher)), keys)
    }

    private static func authorization(_ change: (inout AuthorizeAuthor) -> Void) -> Attempt {
        var operation = Story.authorization(of: Cast.scope)
        change(&operation)
        return (.authorizeAuthor(operation), [Cast.scope.key])
    }

    private static func registration(_ member: Member) -> Attempt {
        (.registerStaff(member.registration), Cast.north.signers)
    }

    static func document(_ name: String, _ change: (inout DocumentTerms) -> Void = { _ in }) -> Attempt {
        (.commitDocument(Story.document(name, change: change)), [Cast.author.device])
    }

    static func consent(_ change: (inout GrantConsent) -> Void = { _ in }) -> GrantConsent {
        var grant = Story.grant("x", from: Cast.start)
        change(&grant)
        return grant
    }

    static func grant(_ change: (inout GrantConsent) -> Void = { _ in }) -> Attempt {
        (.grantConsent(consent(change)), [Cast.scope.key])
    }

    static func request(
        _ story: Story, grant: GrantID? = nil, documents: [DocumentID]? = nil, expires: UInt64? = nil
    ) -> Attempt {
        let request = Story.request(
            grant ?? story.grant.grant, documents ?? [story.document.document],
            expires: expires ?? story.ledger.block.height.rawValue + 50)
        return (.requestAccess(request), Story.readers)
    }

    static func after(
        _ operation: Operation, by keys: [SigningKey], in story: Story, _ attempt: Attempt
    ) throws -> Attempt {
        try story.ledger.run(operation, by: keys)
        return attempt
    }

    static func after(_ first: Attempt, in story: Story, _ attempt: Attempt) throws -> Attempt {
        try after(first.0, by: first.1, in: story, attempt)
    }

    private static func later(in story: Story, by milliseconds: UInt64, _ attempt: Attempt) throws -> Attempt {
        try story.ledger.pass(milliseconds: milliseconds)
        return attempt
    }

    private static func usedVoucher(in story: Story) throws -> Attempt {
        let voucher = Voucher.valid(on: story.ledger.chain)
        let first = Scope("first with the voucher")
        let used = opening(first, voucher, by: [first.key])
        return try after(used, in: story, opening(new, voucher, by: [new.key]))
    }

    static var newcomer: Attempt { registration(Member("Rita", of: Cast.northID)) }

    private static func otherRole(in story: Story) throws -> Attempt {
        let member = Member("Sensor", of: Cast.southID, role: .service)
        try story.ledger.run(.registerStaff(member.registration), by: Cast.south.signers)
        let grant = Story.grant(
            "house", to: .organization(Cast.southID), receiving: Cast.south.receivingKey, from: Cast.start)
        try story.ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            try story.ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        let request = Story.request(
            grant.grant, [story.document.document], expires: story.ledger.block.height.rawValue + 50, staff: member.id)
        return (.requestAccess(request), [member.device])
    }

    private static func busyDay(in story: Story) throws -> Attempt {
        for round in UInt64(0)..<10 {
            let expires = story.ledger.block.height.rawValue + 10 + round
            let request = Story.request(story.grant.grant, [story.document.document], expires: expires)
            try story.ledger.run(.requestAccess(request), by: Story.readers)
        }
        return request(story)
    }
}
