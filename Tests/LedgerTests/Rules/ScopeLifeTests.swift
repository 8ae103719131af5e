import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: scopes over time")
struct ScopeLifeTests {
    let story: Story

    init() throws { story = try Story() }

    private var patient: [SigningKey] { [Cast.scope.key] }

    private func rotate(_ epoch: UInt64 = 1) throws {
        #expect(
            try story.ledger.run(.rotateScope(Story.rotation(of: Cast.scope, epoch: epoch)), by: patient) == [.applied])
    }

    private func close() throws {
        #expect(try story.ledger.run(.closeScope(CloseScope(scope: Cast.scope.id)), by: patient) == [.applied])
    }

    @Test func `a rotation puts new keys in place and keeps the identifier and the ended key`() throws {
        let before: ScopeRecord = try #require(story.ledger.record(Cast.scope.id))
        try rotate()
        let record: ScopeRecord = try #require(story.ledger.record(Cast.scope.id))
        let ended: ScopeEpochsRecord = try #require(story.ledger.record(Cast.scope.id))
        let rotation = Story.rotation(of: Cast.scope)
        #expect(record.epoch == 1 && record.delegatingKey == KeyID(rotation.delegatingKey))
        #expect(record.delegatingKey(of: 0, ended: ended) == before.delegatingKey)
        #expect(record.delegatingKey(of: 1, ended: ended) == record.delegatingKey)
        #expect(record.delegatingKey(of: 2, ended: ended) == nil)
        #expect(record.opened == before.opened && record.sponsor == before.sponsor)
        let sealing: SealingKeyRecord = try #require(story.ledger.record(.scope(Cast.scope.id)))
        #expect(sealing.sealingKey == rotation.sealingKey)
    }

    @Test func `an epoch is neither skipped nor repeated`() throws {
        for epoch in [UInt64(0), 2] {
            let operation = Operation.rotateScope(Story.rotation(of: Cast.scope, epoch: epoch))
            #expect(try story.ledger.run(operation, by: patient) == [.refused(.wrongEpoch)])
        }
        try rotate(1)
        #expect(
            try story.ledger.run(.rotateScope(Story.rotation(of: Cast.scope)), by: patient) == [.refused(.wrongEpoch)])
        try rotate(2)
    }

    @Test func `no epoch takes a key that an earlier one or the scope itself had`() throws {
        var rotation = Story.rotation(of: Cast.scope)
        for key in [Cast.scope.delegating.publicKey, Cast.scope.key.publicKey] {
            rotation.delegatingKey = key
            #expect(try story.ledger.run(.rotateScope(rotation), by: patient) == [.refused(.keyInUse)])
        }
        try rotate(1)
        rotation.epoch = 2
        for key in [Cast.scope.delegating.publicKey, Story.rotation(of: Cast.scope).delegatingKey] {
            rotation.delegatingKey = key
            #expect(try story.ledger.run(.rotateScope(rotation), by: patient) == [.refused(.keyInUse)])
        }
    }

    @Test func `an author writes again when authorised in the new epoch, and to that one only`() throws {
        try rotate()
        let next = Story.document("next", change: { $0.epoch = 1 })
        let author = [Cast.author.device]
        #expect(try story.ledger.run(.commitDocument(Story.document("x")), by: author) == [.refused(.wrongEpoch)])
        #expect(try story.ledger.run(.commitDocument(next), by: author) == [.refused(.authorNotAuthorized)])
        var authorization = Story.authorization(of: Cast.scope)
        #expect(try story.ledger.run(.authorizeAuthor(authorization), by: patient) == [.refused(.wrongEpoch)])
        authorization.epoch = 1
        #expect(try story.ledger.run(.authorizeAuthor(authorization), by: patient) == [.applied])
        #expect(try story.ledger.run(.commitDocument(next), by: author) == [.applied])
    }

    @Test func `a grant opens the documents of its own epoch, before and after a rotation`() throws {
        try rotate()
        var authorization = Story.authorization(of: Cast.scope)
        authorization.epoch = 1
        try story.ledger.run(.authorizeAuthor(authorization), by: patient)
        let next = Story.document("next", change: { $0.epoch = 1 })
        try story.ledger.run(.commitDocument(next), by: [Cast.author.device])
        let expires = story.ledger.block.height.rawValue + 50
        let old = Story.request(story.grant.grant, [story.document.document], expires: expires)
        #expect(try story.ledger.run(.requestAccess(old), by: Story.readers) == [.applied])
        let new = Story.request(story.grant.grant, [next.document], expires: expires)
        #expect(try story.ledger.run(.requestAccess(new), by: Story.readers) == [.refused(.documentNotInScope)])

        var grant = Story.grant("renewed", from: Cast.start)
        #expect(try story.ledger.run(.grantConsent(grant), by: patient) == [.refused(.wrongEpoch)])
        grant.epoch = 1
        #expect(try story.ledger.run(.grantConsent(grant), by: patient) == [.applied])
        for index in 0..<3 {
            try story.ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        let renewed = Story.request(grant.grant, [next.document], expires: expires)
        #expect(try story.ledger.run(.requestAccess(renewed), by: Story.readers) == [.applied])
    }

    @Test func `a closed scope takes no document, author, grant, acknowledgement, rotation or request`() throws {
        try close()
        let attempts: [(Operation, [SigningKey])] = [
            (.commitDocument(Story.document("x")), [Cast.author.device]),
            (.authorizeAuthor(Story.authorization(of: Cast.scope, organization: Cast.southID)), patient),
            (.grantConsent(Story.grant("x", from: Cast.start)), patient),
            (Story.acknowledgement(of: story.grant, by: 3), [Cast.validatorKeys[3]]),
            (.rotateScope(Story.rotation(of: Cast.scope)), patient),
            (.closeScope(CloseScope(scope: Cast.scope.id)), patient),
            (.requestAccess(story.request()), Story.readers),
        ]
        for (operation, keys) in attempts {
            #expect(try story.ledger.run(operation, by: keys) == [.refused(.scopeClosed)], "\(operation.code)")
        }
        // What takes permissions away still works.
        let withdrawal = WithdrawAuthor(scope: Cast.scope.id, organization: Cast.northID)
        #expect(try story.ledger.run(.withdrawAuthor(withdrawal), by: patient) == [.applied])
        #expect(
            try story.ledger.run(.revokeConsent(RevokeConsent(grant: story.grant.grant)), by: patient) == [.applied])
    }

    @Test func `a request in the block that closes the scope is refused, and it is remembered`() throws {
        let execution = try story.ledger.commit([
            story.ledger.transaction([.closeScope(CloseScope(scope: Cast.scope.id))], by: patient),
            story.ledger.transaction([.requestAccess(story.request())], by: Story.readers),
        ])
        #expect(execution.receipts.map(\.outcomes) == [[.applied], [.refused(.scopeClosed)]])
        #expect(story.ledger.histories[.scope(Cast.scope.id)]?.last?.outcome == .refused(.scopeClosed))
    }

    @Test func `a closed scope is seen by its patient, and no longer by grantees`() throws {
        func sees(_ key: SigningKey) throws -> Bool {
            let requester = try #require(
                Requester(key: KeyID(key.publicKey), over: story.ledger, at: story.ledger.block))
            return Authorization.mayReadHistory(
                of: .scope(Cast.scope.id), by: requester, over: story.ledger, at: story.ledger.block)
        }
        #expect(try sees(Cast.reader.device))
        try close()
        #expect(try !sees(Cast.reader.device))
        #expect(try sees(Cast.scope.key))
        let record: ScopeRecord = try #require(story.ledger.record(Cast.scope.id))
        #expect(record.closed == story.ledger.block.height)
    }

    @Test func `another patient neither rotates nor closes the scope`() throws {
        for operation in [
            Operation.rotateScope(Story.rotation(of: Cast.scope)), .closeScope(CloseScope(scope: Cast.scope.id)),
        ] {
            #expect(
                try story.ledger.run(operation, by: [Cast.otherScope.key]) == [.refused(.scopeSignatureMissing)])
            #expect(
                try story.ledger.run(operation, by: Cast.north.signers) == [.refused(.scopeSignatureMissing)])
        }
    }
}
