import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Messages: what is missing or out of order is seen")
struct MessageThreadTests {
    private static let scope = WalletCast.scope
    private static let clinician = MessageAuthor(organization: WalletCast.hospital, staff: WalletCast.clinician)

    /// The patient and the clinician by turns.
    private let letters: [Letter]

    init() {
        var letters: [Letter] = []
        for number in UInt64(1)...4 {
            let encapsulation = Encapsulation(for: Self.scope.delegating.publicKey)
            let terms = MessageTerms(
                scope: Self.scope.id, author: number % 2 == 0 ? Self.clinician : nil, thread: letters.first?.ownThread,
                epoch: 0, number: number, previous: letters.last?.document,
                manifest: ContentID(of: Array("manifest \(number)".utf8)), paddedSize: 1024,
                capsule: encapsulation.capsule, keyCommitment: WalletCast.digest("commitment \(number)"),
                metadata: ContentID(of: Array("metadata \(number)".utf8)))
            letters.append(Letter(terms) { encapsulation.bind($0) })
        }
        self.letters = letters
    }

    private func event(_ operation: Ledger.Operation, at second: Int, _ outcome: Outcome = .applied) -> LedgerEvent {
        let entry = HistoryEntry(
            height: Height(rawValue: UInt64(second)), time: Timestamp(rawValue: UInt64(second) * 1000),
            transaction: TransactionID(WalletCast.digest("\(second)")), operation: 0, outcome: outcome)
        return LedgerEvent(entry: entry, operation: operation)
    }

    private func events(_ letters: some Sequence<Letter>) -> [LedgerEvent] {
        letters.enumerated().map { event(.postMessage(.letter($1)), at: $0 + 1) }
    }

    private func receipt(of letter: Letter, by reader: MessageAuthor?) -> Ledger.Operation {
        .postMessage(.receipt(MessageReceipt(scope: Self.scope.id, reader: reader, message: letter.document)))
    }

    /// What the state would hold.
    private func record(
        _ count: UInt64, _ last: Letter, patientRead: UInt64 = 0, clinicianRead: UInt64? = nil
    ) throws -> ThreadRecord {
        var writer = CBORWriter()
        writer.beginArray(5)
        writer.write(Self.scope.id)
        writer.write(count)
        writer.write(last.document)
        writer.write(patientRead)
        writer.write(
            array: clinicianRead.map { [ThreadRecord.Participant(author: Self.clinician, read: $0)] } ?? [])
        return try ThreadRecord(decoding: writer.bytes)
    }

    private func thread(_ events: [LedgerEvent]) throws -> MessageThread {
        try #require(events.messageThreads.first)
    }

    @Test func `a whole thread is complete, in order, and says who wrote`() throws {
        let thread = try thread(events(letters)).checked(against: try record(4, letters[3]))
        #expect(thread.isComplete && thread.id == letters[0].ownThread)
        #expect(thread.messages.map(\.id) == letters.map(\.document))
        #expect(thread.messages.map(\.author) == [nil, Self.clinician, nil, Self.clinician])
        #expect(thread.messages[2].sent == Timestamp(rawValue: 3000))
    }

    @Test func `a message left out is missing`() throws {
        var some = letters
        some.remove(at: 1)
        #expect(try thread(events(some)).findings.contains(.missing(2...2)))
        some.remove(at: 1)
        #expect(try thread(events(some)).findings == [.missing(2...3)])
        #expect(try thread(events(letters.dropFirst())).findings == [.missing(1...1)])
    }

    @Test func `what is left out at the end is missing by the ledger's number`() throws {
        let thread = try thread(events(letters.prefix(2))).checked(against: try record(4, letters[3]))
        #expect(thread.findings == [.missing(3...4)])
        #expect(thread.findings.map(\.description) == ["messages 3 to 4 are missing"])
    }

    @Test func `messages in another order are found`() throws {
        var swapped = letters
        swapped.swapAt(1, 2)
        let findings = try thread(events(swapped)).findings
        #expect(findings.contains(.outOfOrder(2)))
        #expect(try !thread(events(letters.reversed())).isComplete)
    }

    @Test func `a message that follows another one than the one shown is found`() throws {
        let other = Letter(
            {
                var terms = letters[1].terms
                terms.metadata = ContentID(of: Array("something else".utf8))
                return terms
            }()
        ) { _ in letters[1].bindingSignature }
        let findings = try thread(events([letters[0], other, letters[2], letters[3]])).findings
        #expect(findings == [.wrongPrevious(3)])
        let last = try thread(events([letters[0], other])).checked(against: try record(2, letters[1]))
        #expect(last.findings == [.otherMessage(2)])
    }

    @Test func `a thread that the ledger does not know, or one message said twice, is found`() throws {
        #expect(try thread(events(letters)).checked(against: nil).findings == [.unknownThread])
        #expect(try thread(events(letters + [letters[3]])).findings == [.outOfOrder(4)])
    }

    @Test func `a state that is older than the history is no finding`() throws {
        #expect(try thread(events(letters)).checked(against: try record(2, letters[1])).isComplete)
    }

    @Test func `receipts say up to which message somebody has read, and one left out is found`() throws {
        let told =
            events(letters) + [
                event(receipt(of: letters[0], by: Self.clinician), at: 5),
                event(receipt(of: letters[1], by: nil), at: 6),
                event(receipt(of: letters[2], by: Self.clinician), at: 7),
            ]
        let state = try record(4, letters[3], patientRead: 2, clinicianRead: 3)
        let thread = try thread(told).checked(against: state)
        #expect(thread.isComplete)
        #expect(thread.read(by: Self.clinician) == 3 && thread.read(by: nil) == 2)
        #expect(thread.readers(of: thread.messages[2]).map(\.reader) == [Self.clinician])
        #expect(thread.readers(of: thread.messages[1]).map(\.reader) == [nil])
        let without = try self.thread(Array(told.dropLast())).checked(against: state)
        #expect(without.findings == [.receiptMissing(upTo: 3)])
    }

    @Test func `refused messages are none, erased ones keep their place`() throws {
        var told = events(letters)
        told.insert(event(.postMessage(.letter(letters[2])), at: 9, .refused(.messageOutOfOrder)), at: 2)
        told.append(event(.eraseDocument(EraseDocument(document: letters[1].document)), at: 10))
        let thread = try thread(told).checked(against: try record(4, letters[3]))
        #expect(thread.isComplete && thread.messages.map(\.isErased) == [false, true, false, false])
    }
}
