import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: messages")
struct MessageTests {
    let story: Story
    /// The patient asks, North's clinician answers.
    private let first = Story.letter("first")
    private let second: Letter
    private let patient = [Cast.scope.key]
    private let author = [Cast.author.device]

    init() throws {
        story = try Story()
        second = Story.answer("second", to: first, by: Story.writer)
    }

    private func post(_ letter: Letter, by keys: [SigningKey]) throws -> [Outcome] {
        try story.ledger.run(.postMessage(.letter(letter)), by: keys)
    }

    @Test func `a message of the patient's is a document of the scope without an organisation`() throws {
        try story.write(first)
        let record: DocumentRecord = try #require(story.ledger.record(first.document))
        #expect(record.organization == nil && record.staff == nil && record.scope == Cast.scope.id)
        #expect(record.manifest == first.manifest && record.capsule == first.capsule)
        #expect(record.sealedAuthor == .zero)
        #expect(try DocumentRecord(decoding: record.encoded) == record)
        for subject in [Subject.document(first.document), .scope(Cast.scope.id)] {
            #expect(story.ledger.histories[subject]?.last?.outcome == .applied)
        }
    }

    @Test func `an author is an organisation and its staff, or neither`() throws {
        try story.write(first)
        var record: DocumentRecord = try #require(story.ledger.record(first.document))
        record.staff = Cast.author.id
        #expect(throws: DecodingFailure.invalid(field: "author")) { try DocumentRecord(decoding: record.encoded) }
    }

    @Test func `a thread's leaf says how many messages there are and which is the last`() throws {
        try story.write(first)
        #expect(try story.thread(first).count == 1)
        try story.write(second, Story.answer("third", to: second))
        let thread = try story.thread(first)
        #expect(thread.count == 3 && thread.last == Story.answer("third", to: second).document)
        #expect(thread.scope == Cast.scope.id && thread.participants.map(\.author) == [Story.writer])
        let message: MessageRecord = try #require(story.ledger.record(second.document))
        #expect(message.thread == first.ownThread && message.number == 2)
    }

    @Test func `a member of staff begins a thread as the patient does`() throws {
        let letter = Story.letter("from North", by: Story.writer)
        try story.write(letter)
        let record: DocumentRecord = try #require(story.ledger.record(letter.document))
        #expect(record.organization == Cast.northID && record.staff == Cast.author.id)
        #expect(story.ledger.histories[.staff(Cast.author.id)]?.last?.outcome == .applied)
        try story.write(Story.answer("to North", to: letter))
    }

    // MARK: Loss and reorder

    @Test func `a gap in a thread is refused`() throws {
        try story.write(first)
        for number in [0, 1, 3] as [UInt64] {
            let letter = Story.answer("gap", to: first, by: Story.writer) { $0.number = number }
            #expect(try post(letter, by: author) == [.refused(.messageOutOfOrder)])
        }
        let late = Story.letter("late") { $0.number = 2 }
        #expect(try post(late, by: patient) == [.refused(.messageOutOfOrder)])
    }

    @Test func `messages in another order are refused`() throws {
        let third = Story.answer("third", to: second)
        try story.write(first)
        #expect(try post(third, by: patient) == [.refused(.messageOutOfOrder)])
        try story.write(second)
        let skipping = Story.answer("third", to: second) { $0.previous = first.document }
        #expect(try post(skipping, by: patient) == [.refused(.previousMessageWrong)])
        try story.write(third)
    }

    @Test func `of two who write at once the later one is refused, and writes again after having read`() throws {
        try story.write(first)
        let other = Story.answer("meanwhile", to: first)
        let transactions = [
            story.ledger.transaction([.postMessage(.letter(second))], by: author),
            story.ledger.transaction([.postMessage(.letter(other))], by: patient),
        ]
        let receipts = try story.ledger.commit(transactions).receipts
        #expect(receipts.map(\.outcomes) == [[.applied], [.refused(.messageOutOfOrder)]])
        try story.write(Story.answer("meanwhile", to: second))
    }

    @Test func `the same message is not written twice, nor its capsule used again`() throws {
        try story.write(first)
        #expect(try post(first, by: patient) == [.refused(.capsuleUsed)])
        let copy = Story.answer("first", to: first)
        #expect(try post(copy, by: patient) == [.refused(.capsuleUsed)])
    }

    @Test func `an erased message keeps its place in the thread`() throws {
        try story.write(first, second)
        try story.ledger.run(.eraseDocument(EraseDocument(document: first.document)), by: patient)
        #expect(try story.thread(first).count == 2)
        try story.write(Story.answer("third", to: second))
        let officer = EraseDocument(document: first.document, basis: .unlawful, officer: Cast.officer.id)
        #expect(
            try story.ledger.run(.eraseDocument(officer), by: [Cast.officer.device]) == [.refused(.wrongOrganization)])
    }

    @Test func `a message is not replaced by a document`() throws {
        try story.write(first)
        let document = Story.document("instead", replaces: first.document)
        #expect(
            try story.ledger.run(.commitDocument(document), by: author) == [.refused(.messageNotReplaceable)])
    }

    // MARK: Who may write

    @Test func `a patient writes in no other patient's scope, and goes on with no other patient's thread`() throws {
        let foreign = Story.letter("foreign", scope: Cast.otherScope)
        #expect(try post(foreign, by: patient) == [.refused(.scopeSignatureMissing)])
        try story.write(first)
        let across = Story.letter("across", scope: Cast.otherScope) { terms in
            terms.thread = first.ownThread
            terms.number = 2
            terms.previous = first.document
        }
        #expect(try post(across, by: [Cast.otherScope.key]) == [.refused(.threadInOtherScope)])
        let receipt = Story.receipt(of: first, in: Cast.otherScope)
        #expect(try story.ledger.run(receipt, by: [Cast.otherScope.key]) == [.refused(.threadInOtherScope)])
    }

    @Test func `nobody writes in somebody else's name`() throws {
        try story.write(first)
        #expect(try post(second, by: patient) == [.refused(.staffSignatureMissing)])
        #expect(try post(Story.answer("as patient", to: first), by: author) == [.refused(.scopeSignatureMissing)])
        let posing = Story.answer("as North", to: first, by: .init(organization: Cast.northID, staff: Cast.reader.id))
        #expect(try post(posing, by: [Cast.reader.device]) == [.refused(.wrongOrganization)])
    }

    @Test func `staff whose organisation may not write to the scope, or no longer, is refused`() throws {
        let south = Story.letter("from South", by: Story.recipient)
        #expect(try post(south, by: Story.readers) == [.refused(.authorNotAuthorized)])
        try story.write(first)
        try story.ledger.run(
            .withdrawAuthor(WithdrawAuthor(scope: Cast.scope.id, organization: Cast.northID)), by: patient)
        #expect(try post(second, by: author) == [.refused(.authorNotAuthorized)])
        try story.write(Story.answer("alone", to: first))
    }

    @Test func `the co-signature that a registration asks for is asked for of messages too`() throws {
        try story.ledger.run(
            .authorizeAuthor(Story.authorization(of: Cast.scope, organization: Cast.southID)), by: patient)
        let letter = Story.letter("from South", by: Story.recipient)
        #expect(try post(letter, by: [Cast.reader.device]) == [.refused(.organizationSignatureMissing)])
        #expect(try post(letter, by: Story.readers) == [.applied])
    }

    @Test(arguments: Role.allCases)
    func `only roles that write documents write messages`(_ role: Role) throws {
        let member = Member("Max", of: Cast.northID, role: role)
        try story.ledger.run(.registerStaff(member.registration), by: Cast.north.signers)
        let letter = Story.letter("x", by: .init(organization: Cast.northID, staff: member.id))
        let permitted = [.clinician, .registrar, .service].contains(role)
        #expect(try post(letter, by: [member.device]) == [permitted ? .applied : .refused(.roleNotPermitted)])
    }

    @Test func `a policy that forbids documents forbids messages, and a frozen organisation writes none`() throws {
        let policy = SetPolicy(
            organization: Cast.northID,
            roles: [RolePolicy(role: .clinician, permitted: [.requestAccess], purposes: [.treatment])], cosigners: [])
        try story.write(first)
        try story.ledger.run(.setPolicy(policy), by: Cast.north.signers)
        #expect(try post(second, by: author) == [.refused(.operationNotPermitted)])
        // Reading is another matter, and so is saying so.
        let receipt = Story.receipt(of: first, by: Story.writer)
        #expect(try story.ledger.run(receipt, by: author) == [.refused(.messageNotOpened)])

        let other = try Story()
        try other.write(first)
        try other.ledger.run(
            .freeze(Freeze(target: .organization(Cast.northID), officer: nil, reason: 1)), by: Cast.north.signers)
        #expect(
            try other.ledger.run(.postMessage(.letter(second)), by: author) == [.refused(.organizationFrozen)])
        try other.write(Story.answer("alone", to: first))
    }

    @Test func `a closed scope takes neither messages nor receipts, and another epoch's message is refused`() throws {
        try story.write(first, second)
        let third = Story.answer("third", to: second)
        try story.ledger.run(.rotateScope(Story.rotation(of: Cast.scope)), by: patient)
        #expect(try post(third, by: patient) == [.refused(.wrongEpoch)])
        let present = Story.answer("third", to: second) { $0.epoch = 1 }
        #expect(try post(present, by: patient) == [.applied])
        try story.ledger.run(.closeScope(CloseScope(scope: Cast.scope.id)), by: patient)
        let fourth = Story.answer("fourth", to: present) { $0.epoch = 1 }
        #expect(try post(fourth, by: patient) == [.refused(.scopeClosed)])
        #expect(try story.ledger.run(Story.receipt(of: second), by: patient) == [.refused(.scopeClosed)])
    }

    @Test func `a message's binding signature and capsule are among the checks of the transaction`() throws {
        let good = story.ledger.transaction([.postMessage(.letter(first))], by: patient)
        #expect(good.verifySignatures() && good.signatureChecks().count == 3)
        let moved = Letter(Story.letter("first", change: { $0.metadata = Seeded.content("another") }).terms) { _ in
            first.bindingSignature
        }
        #expect(!story.ledger.transaction([.postMessage(.letter(moved))], by: patient).verifySignatures())
    }

    // MARK: Receipts

    @Test func `a patient's receipt says how far they have read, and only goes forward`() throws {
        let third = Story.answer("third", to: second, by: Story.writer)
        try story.write(first, second, third)
        #expect(try story.ledger.run(Story.receipt(of: second), by: patient) == [.applied])
        #expect(try story.thread(first).patientRead == 2)
        #expect(try story.ledger.run(Story.receipt(of: second), by: patient) == [.refused(.alreadyRead)])
        #expect(try story.ledger.run(Story.receipt(of: third), by: patient) == [.applied])
        #expect(try story.ledger.run(Story.receipt(of: second), by: patient) == [.refused(.alreadyRead)])
        #expect(try story.thread(first).patientRead == 3)
        #expect(story.ledger.histories[.scope(Cast.scope.id)]?.last?.outcome == .applied)
    }

    @Test func `staff cannot claim to have read what they have not asked to open`() throws {
        try story.write(first)
        let receipt = Story.receipt(of: first, by: Story.recipient)
        #expect(try story.ledger.run(receipt, by: Story.readers) == [.refused(.messageNotOpened)])
        // Request and receipt in one transaction: one signature of each.
        let outcomes = try story.ledger.run(story.opening(first), receipt, by: Story.readers)
        #expect(outcomes == [.applied, .applied])
        let thread = try story.thread(first)
        #expect(thread.participants == [.init(author: Story.recipient, read: 1)] && thread.patientRead == 0)
        #expect(thread.read(by: Story.recipient) == 1 && thread.read(by: Story.writer) == 0)
    }

    @Test func `a request that is refused leaves no receipt`() throws {
        try story.write(first)
        try story.ledger.run(.revokeConsent(RevokeConsent(grant: story.grant.grant)), by: patient)
        let outcomes = try story.ledger.run(
            story.opening(first), Story.receipt(of: first, by: Story.recipient), by: Story.readers)
        #expect(outcomes == [.refused(.grantRevoked), .refused(.messageNotOpened)])
        #expect(try story.thread(first).participants.isEmpty)
    }

    @Test func `a receipt of an erased message is refused`() throws {
        try story.write(first, second)
        try story.ledger.run(.eraseDocument(EraseDocument(document: second.document)), by: patient)
        #expect(try story.ledger.run(Story.receipt(of: second), by: patient) == [.refused(.documentErased)])
    }

    // MARK: Who may see it

    @Test func `a thread is for who may see the scope's history, and for authors who take part`() throws {
        func sees(_ key: SigningKey, _ letter: Letter) throws -> Bool {
            let ledger = story.ledger
            let requester = try #require(Requester(key: KeyID(key.publicKey), over: ledger, at: ledger.block))
            return Authorization.mayRead(try story.thread(letter), by: requester, over: ledger, at: ledger.block)
        }
        try story.write(first)
        for key in [Cast.scope.key, Cast.reader.device, Cast.auditorKey, Cast.validatorKeys[0]] {
            #expect(try sees(key, first))
        }
        for key in [Cast.author.device, Cast.otherScope.key, Cast.colleague.device] {
            #expect(try !sees(key, first))
        }
        let own = Story.letter("from North", by: Story.writer)
        try story.write(own)
        #expect(try sees(Cast.author.device, own) && !sees(Cast.author.device, first))
        try story.ledger.run(
            .withdrawAuthor(WithdrawAuthor(scope: Cast.scope.id, organization: Cast.northID)), by: patient)
        #expect(try !sees(Cast.author.device, own))
    }

    @Test func `a message of the patient's is read by the patient and by grantees, its text after a request`() throws {
        try story.write(first)
        let ledger = story.ledger
        func requester(_ key: SigningKey) throws -> Requester {
            try #require(Requester(key: KeyID(key.publicKey), over: ledger, at: ledger.block))
        }
        let keys = [Cast.scope.key, Cast.reader.device, Cast.author.device, Cast.otherScope.key]
        #expect(
            try keys.map {
                Authorization.mayRead(.document(first.document), by: try requester($0), over: ledger, at: ledger.block)
            } == [true, true, false, false])
        #expect(
            try keys.map {
                Authorization.mayFetchContent(of: first.document, by: try requester($0), over: ledger)
            } == [true, false, false, false])
        try story.ledger.run(story.opening(first), by: Story.readers)
        #expect(
            Authorization.mayFetchContent(of: first.document, by: try requester(Cast.reader.device), over: ledger))
    }
}
