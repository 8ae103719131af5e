import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: guardians and new owners")
struct GuardianTests {
    let story: Story

    init() throws { story = try Story() }

    private var patient: [SigningKey] { [Cast.scope.key] }
    private var confirmation: Operation { .confirmOwner(ConfirmOwner(scope: Cast.scope.id)) }
    private var veto: Operation { .vetoOwner(VetoOwner(scope: Cast.scope.id)) }

    /// Something that only the owner may do, and that can be done again and again.
    private func act(as key: SigningKey) throws -> Outcome {
        let operation = Operation.authorizeAuthor(Story.authorization(of: Cast.scope))
        return try story.ledger.run(operation, by: [key])[0]
    }

    private func holder(of key: SigningKey) -> KeyHolder? { story.ledger.holder(of: KeyID(key.publicKey)) }

    @Test func `after the delay a new owner signs for the scope from the next block on, and the old key for nothing`()
        throws
    {
        try story.awaitOwner()
        #expect(try act(as: Cast.scope.key) == .applied)
        let confirm = story.ledger.transaction([confirmation], by: [Cast.newOwner])
        let early = story.ledger.transaction(
            [.authorizeAuthor(Story.authorization(of: Cast.scope))], by: [Cast.newOwner])
        let receipts = try story.ledger.commit([confirm, early]).receipts
        #expect(receipts.map(\.outcomes) == [[.applied], [.refused(.scopeSignatureMissing)]])
        #expect(try act(as: Cast.newOwner) == .applied)
        #expect(try act(as: Cast.scope.key) == .refused(.scopeSignatureMissing))
        #expect(holder(of: Cast.newOwner) == .scope(Cast.scope.id) && holder(of: Cast.scope.key) == nil)
        // The scope keeps its identifier, its documents and its grants, and another patient's is untouched.
        let request = story.request()
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.applied])
        let other = Operation.authorizeAuthor(Story.authorization(of: Cast.otherScope))
        #expect(try story.ledger.run(other, by: [Cast.otherScope.key]) == [.applied])
    }

    @Test func `fragments of a grant are signed by who owned the scope in the grant's block`() throws {
        let before = story.ledger.block.height
        try story.replaceOwner()
        let change = story.ledger.block.height
        #expect(story.ledger.owner(of: Cast.scope.id, at: before) == Cast.scope.id.key)
        #expect(story.ledger.owner(of: Cast.scope.id, at: change) == Cast.scope.id.key)
        #expect(story.ledger.owner(of: Cast.scope.id, at: change.next) == KeyID(Cast.newOwner.publicKey))
    }

    @Test func `a veto within the delay ends a proposal, one after it does not`() throws {
        try story.proposeOwner()
        #expect(try story.ledger.run(confirmation, by: [Cast.newOwner]) == [.refused(.ownerNotDue)])
        // A second before the end: the block of the veto is the last that counts.
        #expect(try story.ledger.run(veto, by: patient, after: Story.delay - 2000) == [.applied])
        try story.ledger.pass(milliseconds: Story.delay)
        #expect(try story.ledger.run(confirmation, by: [Cast.newOwner]) == [.refused(.noOwnerProposed)])
        #expect(try story.ledger.run(.proposeOwner(Story.proposal), by: Story.proposers) == [.applied])
        #expect(try story.ledger.run(veto, by: patient, after: Story.delay + 1) == [.refused(.vetoTooLate)])
        #expect(try story.ledger.run(confirmation, by: [Cast.newOwner]) == [.applied])
    }

    @Test(arguments: [[], [0], [2]])
    func `too few guardians propose nothing, and neither do two without the new owner`(_ signers: [Int]) throws {
        try story.appointGuardians()
        let keys = signers.map { Cast.guardians[$0] } + [Cast.newOwner]
        #expect(
            try story.ledger.run(.proposeOwner(Story.proposal), by: keys) == [.refused(.guardianSignaturesMissing)])
        let without = Array(Story.proposers.prefix(2))
        #expect(
            try story.ledger.run(.proposeOwner(Story.proposal), by: without) == [.refused(.newOwnerSignatureMissing)])
    }

    @Test func `guardians who have spoken are not replaced before the patient has objected`() throws {
        try story.proposeOwner()
        let nobody = Operation.appointGuardians(AppointGuardians(nobodyOf: Cast.scope.id))
        #expect(try story.ledger.run(nobody, by: patient) == [.refused(.ownerProposed)])
        #expect(try story.ledger.run(veto, nobody, by: patient) == [.applied, .applied])
        #expect(
            try story.ledger.run(.proposeOwner(Story.proposal), by: Story.proposers) == [.refused(.noGuardians)])
        #expect(try story.ledger.run(nobody, by: patient) == [.refused(.noGuardians)])
    }

    @Test func `a key that signs for somebody, or has owned the scope before, comes not to own it`() throws {
        try story.appointGuardians()
        for key in [Cast.scope.key, Cast.otherScope.key, Cast.author.device] {
            let proposal = Operation.proposeOwner(ProposeOwner(scope: Cast.scope.id, owner: key.publicKey))
            let signers = Array(Story.proposers.prefix(2)) + [key]
            #expect(try story.ledger.run(proposal, by: signers) == [.refused(.keyInUse)])
        }
        try story.replaceOwner()
        #expect(try story.ledger.run(.proposeOwner(Story.proposal), by: Story.proposers) == [.refused(.keyInUse)])
        let back = Operation.proposeOwner(ProposeOwner(scope: Cast.scope.id, owner: Cast.scope.key.publicKey))
        let signers = Array(Story.proposers.prefix(2)) + [Cast.scope.key]
        #expect(try story.ledger.run(back, by: signers) == [.refused(.keyInUse)])
    }

    @Test func `all of it stands in the scope's history`() throws {
        let before = story.ledger.histories[.scope(Cast.scope.id)]?.count ?? 0
        try story.replaceOwner()
        #expect(story.ledger.histories[.scope(Cast.scope.id)]?.count == before + 3)
    }

    @Test func `eight guardians are too many, and thresholds and delays have their bounds`() throws {
        let keys = (0..<8).map { Seeded.signing("g\($0)").publicKey }
        func made(_ count: Int, _ threshold: Int, _ delay: UInt64) -> AppointGuardians? {
            AppointGuardians(
                scope: Cast.scope.id, guardians: Array(keys.prefix(count)), threshold: threshold, delay: delay)
        }
        #expect(made(7, 7, 1000) != nil && made(1, 1, 7_776_000_000) != nil)
        for (count, threshold, delay) in [
            (8, 2, 1000), (3, 4, 1000), (3, 0, 1000), (0, 0, 1000), (3, 2, 999), (3, 2, 7_776_000_001),
        ] as [(Int, Int, UInt64)] {
            #expect(made(count, threshold, delay) == nil)
        }
        var writer = CBORWriter()
        writer.beginArray(5)
        writer.write(32)
        writer.write(Cast.scope.id)
        writer.write(array: keys.sorted())
        writer.write(2)
        writer.write(1000)
        #expect(throws: DecodingFailure.self) { try Operation(decoding: writer.bytes) }
    }
}

@Suite("Ledger: recovery grants")
struct RecoveryGrantTests {
    let story: Story

    init() throws { story = try Story() }

    @Test func `the owner opens documents under a recovery grant, and it stands in their histories`() throws {
        let grant = try story.prepareRecovery()
        try story.replaceOwner()
        let recovery = story.recovery(under: grant.grant)
        #expect(
            try story.ledger.run(.recoverDocuments(recovery), by: [Cast.scope.key]) == [
                .refused(.scopeSignatureMissing)
            ]
        )
        #expect(try story.ledger.run(.recoverDocuments(recovery), by: [Cast.newOwner]) == [.applied])
        let record = try #require(story.ledger.record(recovery.access, as: RecoveryAccessRecord.self))
        #expect(record.documents == [story.document.document] && record.scope == Cast.scope.id)
        for subject in [
            Subject.document(story.document.document), .scope(Cast.scope.id), .grant(grant.grant),
        ] {
            #expect(story.ledger.histories[subject]?.last?.height == story.ledger.block.height, "\(subject)")
        }
        #expect(
            try story.ledger.run(.recoverDocuments(recovery), by: [Cast.newOwner]) == [.refused(.alreadyExists)])
    }

    @Test func `a grant's entry stands once in the history of the scope that it is of and for`() throws {
        let before = story.ledger.histories[.scope(Cast.scope.id)]?.count ?? 0
        _ = try story.prepareRecovery()
        #expect(story.ledger.histories[.scope(Cast.scope.id)]?.count == before + 1)
    }

    @Test func `nobody else uses a recovery grant, and an owner uses no other`() throws {
        let grant = try story.prepareRecovery()
        let request = Story.request(
            grant.grant, [story.document.document], .patientRequest,
            expires: story.ledger.block.height.rawValue + 50)
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.refused(.notGrantee)])
        #expect(
            try story.ledger.run(
                .recoverDocuments(story.recovery(under: story.grant.grant)), by: [Cast.scope.key])
                == [.refused(.grantNotForRecovery)])
    }

    @Test func `a recovery grant is for the scope's owner, at their request, and for nothing else`() throws {
        func outcome(_ change: (inout GrantConsent) -> Void) throws -> Outcome {
            var grant = Story.recoveryGrant("changed")
            change(&grant)
            return try story.ledger.run(.grantConsent(grant), by: [Cast.scope.key])[0]
        }
        #expect(try outcome { $0.grantee = .scope(Cast.otherScope.id) } == .refused(.recoveryTermsInvalid))
        #expect(try outcome { $0.grantee = .organization(Cast.northID) } == .refused(.recoveryTermsInvalid))
        #expect(try outcome { $0.purposes = [.treatment] } == .refused(.recoveryTermsInvalid))
        #expect(try outcome { $0.flags = [] } == .refused(.recoveryTermsInvalid))
        #expect(try outcome { $0.flags = [.emergency, .recovery] } == .refused(.flagNotSupported))
        #expect(try outcome { _ in } == .applied)
    }

    @Test func `erased documents, other scopes' and too many are not recovered`() throws {
        let grant = try story.prepareRecovery()
        func outcome(_ recovery: RecoverDocuments) throws -> Outcome {
            try story.ledger.run(.recoverDocuments(recovery), by: [Cast.scope.key])[0]
        }
        let height = story.ledger.block.height.rawValue
        #expect(try outcome(story.recovery(under: grant.grant, expires: height + 500)) == .refused(.invalidExpiry))
        #expect(
            try outcome(story.recovery(under: grant.grant, documents: [DocumentID(Seeded.digest("none"))]))
                == .refused(.unknownDocument))
        let other = Story.document("other", scope: Cast.otherScope)
        try story.ledger.run(.commitDocument(other), by: [Cast.author.device])
        #expect(
            try outcome(story.recovery(under: grant.grant, documents: [other.document]))
                == .refused(.documentNotInScope))
        try story.ledger.run(
            .eraseDocument(EraseDocument(document: story.document.document)), by: [Cast.scope.key])
        #expect(try outcome(story.recovery(under: grant.grant)) == .refused(.documentErased))
    }

    @Test func `who may see a recovery`() throws {
        let grant = try story.prepareRecovery()
        let recovery = story.recovery(under: grant.grant)
        try story.ledger.run(.recoverDocuments(recovery), by: [Cast.scope.key])
        let record = try #require(story.ledger.record(recovery.access, as: RecoveryAccessRecord.self))
        func sees(_ key: SigningKey) throws -> Bool {
            let requester = try #require(
                Requester(key: KeyID(key.publicKey), over: story.ledger, at: story.ledger.block))
            return Authorization.mayRead(record, by: requester)
        }
        #expect(try sees(Cast.scope.key) && sees(Cast.validatorKeys[0]) && sees(Cast.auditorKey))
        #expect(try !sees(Cast.otherScope.key) && !sees(Cast.author.device) && !sees(Cast.north.keys[0]))
    }
}
