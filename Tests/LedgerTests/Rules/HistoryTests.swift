import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: histories")
struct HistoryTests {
    private static func head(of subject: Subject, in ledger: TestLedger) throws -> HistoryHead {
        let leaf: HistoryHead? =
            switch subject {
            case .organization(let id): ledger.leaf(id, as: OrganizationRecord.self)?.history
            case .staff(let id): ledger.leaf(id, as: StaffRecord.self)?.history
            case .scope(let id): ledger.leaf(id, as: ScopeRecord.self)?.history
            case .document(let id): ledger.leaf(id, as: DocumentRecord.self)?.history
            case .grant(let id): ledger.leaf(id, as: GrantRecord.self)?.history
            case .validator(let id): ledger.leaf(id, as: ValidatorRecord.self)?.history
            }
        return try #require(leaf)
    }

    @Test func `every subject's head proves that its entries are all there are`() throws {
        let story = try Story()
        try story.ledger.run(.requestAccess(story.request()), by: Story.readers)
        #expect(story.ledger.histories.count > 10)
        for (subject, entries) in story.ledger.histories {
            let head = try Self.head(of: subject, in: story.ledger)
            #expect(head.isComplete(entries), "\(subject)")
            #expect(!head.isComplete(entries.dropLast()), "\(subject)")
            if entries.count > 1 { #expect(!head.isComplete(entries.reversed()), "\(subject)") }
        }
    }

    @Test func `a refused request stands in the history of everybody whom it concerns`() throws {
        let story = try Story()
        let before = story.ledger.histories
        let outcomes = try story.ledger.run(.requestAccess(story.request(.research)), by: Story.readers)
        #expect(outcomes == [.refused(.purposeNotPermitted)])
        let concerned: [Subject] = [
            .grant(story.grant.grant), .staff(Cast.reader.id), .organization(Cast.southID), .scope(Cast.scope.id),
            .document(story.document.document),
        ]
        for (subject, entries) in story.ledger.histories {
            let grown = entries.count - (before[subject]?.count ?? 0)
            #expect(grown == (concerned.contains(subject) ? 1 : 0), "\(subject)")
        }
        #expect(
            story.ledger.histories[.document(story.document.document)]?.last?.outcome
                == .refused(.purposeNotPermitted))
    }

    @Test func `a request that the member of staff did not sign leaves no trace in their name`() throws {
        let story = try Story()
        let forged = story.ledger.transaction(
            [.requestAccess(story.request())], by: [Cast.stranger] + Cast.south.signers)
        let execution = try story.ledger.execute([forged])
        #expect(execution.receipts[0].outcomes == [.refused(.staffSignatureMissing)])
        #expect(execution.changes.isEmpty && execution.entries.isEmpty)
    }

    @Test func `an attempt on documents outside the grant reaches their patient`() throws {
        let story = try Story()
        let foreign = Story.document("foreign", scope: Cast.otherScope)
        try story.ledger.run(.commitDocument(foreign), by: [Cast.author.device])
        let request = Story.request(
            story.grant.grant, [foreign.document], expires: story.ledger.block.height.rawValue + 20)
        try story.ledger.run(.requestAccess(request), by: Story.readers)
        #expect(
            story.ledger.histories[.scope(Cast.otherScope.id)]?.last?.outcome == .refused(.documentNotInScope))
        #expect(story.ledger.histories[.scope(Cast.scope.id)]?.last?.outcome == .refused(.documentNotInScope))
    }

    @Test func `entries are indexed from 0 without gaps`() throws {
        let ledger = try Story().ledger
        let transaction = ledger.transaction(
            (0..<3).map { .commitDocument(Story.document("\($0)")) }, by: [Cast.author.device])
        let before = UInt64(ledger.histories[.scope(Cast.scope.id)]?.count ?? 0)
        let entries = try ledger.execute([transaction]).entries.filter { $0.subject == .scope(Cast.scope.id) }
        #expect(entries.map(\.index) == [before, before + 1, before + 2])
        #expect(entries.map(\.entry.operation) == [0, 1, 2])
    }

    @Test func `an applied operation stands in the histories that it says it concerns`() throws {
        let story = try Story()
        let transactions = [
            story.ledger.transaction([.requestAccess(story.request())], by: Story.readers),
            story.ledger.transaction([.commitDocument(Story.document("x"))], by: [Cast.author.device]),
            story.ledger.transaction([.revokeConsent(RevokeConsent(grant: story.grant.grant))], by: [Cast.scope.key]),
            story.ledger.transaction([.endStaff(EndStaff(staff: Cast.author.id))], by: Cast.north.signers),
        ]
        let entries = try story.ledger.commit(transactions).entries
        for transaction in transactions {
            let recorded = Set(entries.filter { $0.entry.transaction == transaction.id }.map(\.subject))
            #expect(recorded.isSuperset(of: transaction.operations[0].subjects(over: story.ledger)))
        }
    }
}
