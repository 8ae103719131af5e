import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: family names")
struct NameTests {
    private static let key = Seeded.secret("name key")

    @Test func `every node finds the same namesake in the organisation's history, and no other`() throws {
        for same in [true, false] {
            let story = try Story()
            let emergency = story.emergency(under: try story.prepareEmergency())
            let statement = Story.names(of: [emergency.access], same: same ? [emergency.access] : [])
            let requests = story.ledger.transaction([.declareEmergency(emergency)], by: Cast.rescuers)
            let names = [story.ledger.transaction([.stateNames(statement)], by: [Cast.officer.device])]
            for transactions in [[requests], names] {
                #expect(try story.ledger.commit(transactions).receipts[0].outcomes == [.applied])
            }
            let operations = Dictionary(
                ([requests] + names).map { ($0.id, $0.operations) }, uniquingKeysWith: { first, _ in first })
            let events = (story.ledger.histories[.organization(Cast.northID)] ?? []).compactMap { entry in
                operations[entry.transaction].map { (time: entry.time, operation: $0[entry.operation]) }
            }
            #expect(events.count == 2)
            let observed = ObservedRequest.observed(in: events)
            #expect(observed.map(\.isSameName) == [same] && observed.map(\.staff) == [Cast.author.id])
            #expect(MisuseDetection.findings(in: observed).map(\.rule) == (same ? [.sameName] : []))
        }
    }

    @Test func `one name has another tag in every request, and under every key`() {
        let requests = (0..<50).map { AccessID(Seeded.digest("access \($0)")) }
        let tags = requests.map { NameTag("meier", in: $0, under: Self.key) }
        #expect(Set(tags).count == tags.count)
        #expect(NameTag("meier", in: requests[0], under: Self.key) == tags[0])
        #expect(NameTag("meier", in: requests[0], under: Seeded.secret("another key")) != tags[0])
        #expect(NameTag("lang", in: requests[0], under: Self.key) != tags[0])
    }

    @Test func `requests about one patient, or by one person, have no tag in common`() {
        let requests = (0..<50).map { AccessID(Seeded.digest("access \($0)")) }
        let pairs = Story.names(of: requests).pairs
        #expect(Set(pairs.flatMap { [$0.patient, $0.staff] }).count == 2 * requests.count)
        let same = Story.names(of: requests, same: Set(requests)).pairs
        #expect(same.allSatisfy(\.isSame) && Set(same.map(\.staff)).count == requests.count)
    }

    @Test func `a statement holds no name and is in nobody's history but the organisation's and the officer's`() throws
    {
        let story = try Story()
        let access = try story.northernRequest()
        let statement = Story.names(of: [access], same: [access])
        let transaction = story.ledger.transaction([.stateNames(statement)], by: [Cast.officer.device])
        let execution = try story.ledger.execute([transaction])
        #expect(execution.entries.map(\.subject) == [.organization(Cast.northID), .staff(Cast.officer.id)])
        #expect(!transaction.bytes.windows(of: 5).contains { $0.elementsEqual("meier".utf8) })
    }

    @Test func `an organisation states nothing of another one's staff`() throws {
        let story = try Story()
        let access = try story.northernRequest()
        let foreign = StateNames(
            organization: Cast.southID, keyCommitment: NameTag.commitment(to: Self.key),
            pairs: Story.names(of: [access]).pairs)
        #expect(try story.ledger.run(.stateNames(foreign), by: Cast.south.signers) == [.refused(.unknownAccess)])
    }

    @Test func `a statement of no request, of one twice and of too many is refused`() throws {
        let many = (0...StateNames.maximumRequests).map { AccessID(Seeded.digest("access \($0)")) }
        for requests in [[], many] {
            let bytes = Operation.stateNames(Story.names(of: requests)).encoded
            #expect(throws: DecodingFailure.self) { try Operation(decoding: bytes) }
        }
        let most = Operation.stateNames(Story.names(of: Array(many.dropLast())))
        #expect(try Operation(decoding: most.encoded) == most)
    }
}

extension Array {
    fileprivate func windows(of length: Int) -> [ArraySlice<Element>] {
        indices.dropLast(length - 1).map { self[$0..<($0 + length)] }
    }
}
