import Codec
import Cryptography
import Ledger
import Testing

extension Story {
    /// North's clinician, who may write to the scope.
    static let writer = MessageAuthor(organization: Cast.northID, staff: Cast.author.id)
    /// South's clinician, who may read what is in it.
    static let recipient = MessageAuthor(organization: Cast.southID, staff: Cast.reader.id)

    /// A message, the first of a thread unless it is changed.
    static func letter(
        _ name: String, scope: Scope = Cast.scope, by author: MessageAuthor? = nil,
        change: (inout MessageTerms) -> Void = { _ in }
    ) -> Letter {
        let (document, secret) = terms("message \(name)", scope: scope)
        var terms = MessageTerms(
            scope: scope.id, author: author, thread: nil, epoch: 0, number: 1, previous: nil,
            manifest: document.manifest, paddedSize: 1 << 10, capsule: document.capsule,
            keyCommitment: document.keyCommitment, metadata: document.metadata)
        change(&terms)
        return Letter(terms) { secret.sign($0, in: Capsule.bindingDomain) }
    }

    /// The message after another one.
    static func answer(
        _ name: String, to letter: Letter, by author: MessageAuthor? = nil,
        change: (inout MessageTerms) -> Void = { _ in }
    ) -> Letter {
        self.letter(name, by: author) { terms in
            terms.thread = letter.ownThread
            terms.number = letter.number + 1
            terms.previous = letter.document
            change(&terms)
        }
    }

    static func receipt(
        of letter: Letter, by reader: MessageAuthor? = nil, in scope: Scope = Cast.scope
    ) -> Operation {
        .postMessage(.receipt(MessageReceipt(scope: scope.id, reader: reader, message: letter.document)))
    }

    /// Puts messages on record: the patient's with the scope's key, the others with North's device.
    func write(_ letters: Letter...) throws {
        for letter in letters {
            let key = letter.author == nil ? Cast.scope.key : Cast.author.device
            #expect(try ledger.run(.postMessage(.letter(letter)), by: [key]) == [.applied])
        }
    }

    /// South's reader asks for a message.
    func opening(_ letter: Letter) -> Operation {
        .requestAccess(
            Self.request(grant.grant, [letter.document], expires: ledger.block.height.rawValue + 50))
    }

    func thread(_ letter: Letter) throws -> ThreadRecord {
        try #require(ledger.record(letter.ownThread, as: ThreadRecord.self))
    }
}
