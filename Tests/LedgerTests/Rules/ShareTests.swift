import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: one document in a scope of its own")
struct ShareTests {
    let story: Story
    /// Both scopes are one patient's here.
    private let patient = [Cast.scope.key, Cast.otherScope.key]

    init() throws { story = try Story() }

    private var source: DocumentID { story.document.document }

    private func share(_ change: (inout ShareTerms) -> Void = { _ in }) throws -> [Outcome] {
        try story.ledger.run(.shareDocument(Story.share("share", of: source, change: change)), by: patient)
    }

    @Test func `a share is the author's content in another scope`() throws {
        #expect(try share() == [.applied])
        let operation = Story.share("share", of: source)
        let original: DocumentRecord = try #require(story.ledger.record(source))
        let record: DocumentRecord = try #require(story.ledger.record(operation.document))
        #expect(record.manifest == original.manifest && record.keyCommitment == original.keyCommitment)
        #expect(record.organization == original.organization && record.staff == original.staff)
        #expect(record.paddedSize == original.paddedSize)
        #expect(record.scope == Cast.otherScope.id && record.capsule == operation.capsule)
        #expect(record.metadata == operation.metadata && record.committed == story.ledger.block.height)
        let shared: SharedDocumentRecord = try #require(story.ledger.record(operation.document))
        #expect(shared.source == source && shared.sourceScope == Cast.scope.id)
        #expect(shared.wrappedKey == operation.wrappedKey)
        for subject in [
            Subject.document(source), .document(operation.document), .scope(Cast.scope.id), .scope(Cast.otherScope.id),
        ] {
            #expect(story.ledger.histories[subject]?.last?.transaction != nil)
        }
        #expect(story.ledger.record(source, as: SharedDocumentRecord.self) == nil)
    }

    @Test func `it takes the keys of both scopes`() throws {
        let operation = Operation.shareDocument(Story.share("share", of: source))
        for keys in [[Cast.scope.key], [Cast.otherScope.key], Cast.north.signers, [Cast.author.device]] {
            #expect(try story.ledger.run(operation, by: keys) == [.refused(.scopeSignatureMissing)])
        }
        #expect(try story.ledger.run(operation, by: patient) == [.applied])
    }

    @Test func `a grant of the one scope does not open the document in the other`() throws {
        #expect(try share() == [.applied])
        let request = Story.request(
            story.grant.grant, [Story.share("share", of: source).document],
            expires: story.ledger.block.height.rawValue + 9)
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.refused(.documentNotInScope)])
    }

    @Test func `a capsule is used once, and a wrong epoch, a closed scope and nothing are refused`() throws {
        #expect(try share() == [.applied])
        #expect(try share { $0.metadata = Seeded.content("other") } == [.refused(.capsuleUsed)])
        #expect(try share { $0.epoch = 1 } == [.refused(.wrongEpoch)])
        #expect(try share { $0.source = DocumentID(.zero) } == [.refused(.unknownDocument)])
        try story.ledger.run(.closeScope(CloseScope(scope: Cast.otherScope.id)), by: patient)
        #expect(try share() == [.refused(.scopeClosed)])
    }

    @Test func `a share is not shared again, nor within its scope`() throws {
        #expect(try share() == [.applied])
        let document = Story.share("share", of: source).document
        let again = Story.share("again", of: document, into: Cast.scope)
        #expect(try story.ledger.run(.shareDocument(again), by: patient) == [.refused(.alreadyShared)])
        let same = Story.share("same", of: source, into: Cast.scope)
        #expect(try story.ledger.run(.shareDocument(same), by: patient) == [.refused(.sameScope)])
    }

    @Test func `erasing the document ends its shares, erasing a share leaves the document`() throws {
        #expect(try share() == [.applied])
        let document = Story.share("share", of: source).document
        try story.ledger.run(.eraseDocument(EraseDocument(document: document)), by: patient)
        #expect(story.ledger.isErased(document) && !story.ledger.isErased(source))
        #expect(try story.ledger.run(.requestAccess(story.request()), by: Story.readers) == [.applied])

        let other = try Story()
        try other.ledger.run(.shareDocument(Story.share("share", of: source)), by: patient)
        try other.ledger.run(.eraseDocument(EraseDocument(document: source)), by: patient)
        #expect(other.ledger.isErased(document) && other.ledger.isErased(source))
        #expect(
            try other.ledger.run(.shareDocument(Story.share("late", of: source)), by: patient)
                == [.refused(.documentErased)])
    }

    @Test func `a request for a share of an erased document is refused`() throws {
        let document = Story.share("share", of: source).document
        let grant = try shared()
        try story.ledger.run(.eraseDocument(EraseDocument(document: source)), by: patient)
        let request = Story.request(grant, [document], expires: story.ledger.block.height.rawValue + 9)
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.refused(.documentErased)])
    }

    @Test func `a share's binding signature and capsule are among the checks of the transaction`() throws {
        let good = story.ledger.transaction([.shareDocument(Story.share("share", of: source))], by: patient)
        #expect(good.verifySignatures() && good.signatureChecks().count == 4)
        let share = Story.share("share", of: source)
        var terms = share.terms
        terms.metadata = Seeded.content("another")
        let moved = ShareDocument(terms) { _ in share.bindingSignature }
        #expect(!story.ledger.transaction([.shareDocument(moved)], by: patient).verifySignatures())
    }

    /// Shares the document and grants the share to the reader, who has used it once.
    private func shared() throws -> GrantID {
        #expect(try share() == [.applied])
        var grant = Story.grant("one", from: Cast.start)
        grant.scope = Cast.otherScope.id
        try story.ledger.run(.grantConsent(grant), by: patient)
        for index in 0..<3 {
            try story.ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        let request = Story.request(
            grant.grant, [Story.share("share", of: source).document],
            expires: story.ledger.block.height.rawValue + 20)
        #expect(try story.ledger.run(.requestAccess(request), by: Story.readers) == [.applied])
        return grant.grant
    }
}
