import Ledger
import Testing

extension RefusalTests {
    /// What is refused about messages.
    static func provokeMessage(_ refusal: Refusal, in story: Story) throws -> Attempt {
        let first = Story.letter("first")
        func attempt(_ letter: Letter) -> Attempt { (.postMessage(.letter(letter)), [Cast.scope.key]) }
        switch refusal {
        case .unknownThread:
            return attempt(Story.answer("x", to: first))
        case .unknownMessage: return (Story.receipt(of: first), [Cast.scope.key])
        case .threadInOtherScope:
            try story.write(first)
            return (Story.receipt(of: first, in: Cast.otherScope), [Cast.otherScope.key])
        case .messageOutOfOrder:
            try story.write(first)
            return attempt(Story.answer("x", to: first) { $0.number = 3 })
        case .previousMessageWrong:
            try story.write(first)
            return attempt(Story.answer("x", to: first) { $0.previous = story.document.document })
        case .alreadyRead:
            try story.write(first)
            try story.ledger.run(Story.receipt(of: first), by: [Cast.scope.key])
            return (Story.receipt(of: first), [Cast.scope.key])
        case .messageNotOpened:
            try story.write(first)
            return (Story.receipt(of: first, by: Story.recipient), Story.readers)
        case .threadFull: return try manyParticipants(in: story)
        case .messageNotReplaceable:
            try story.write(first)
            return document("x") { $0.replaces = first.document }
        default: throw Unreachable(refusal: refusal)
        }
    }

    private static func manyParticipants(in story: Story) throws -> Attempt {
        let members = (0...ThreadRecord.maximumParticipants).map { Member("Max \($0)", of: Cast.northID) }
        try story.ledger.commit([
            story.ledger.transaction(members.map { .registerStaff($0.registration) }, by: Cast.north.signers)
        ])
        var last: Letter?
        var attempts: [Attempt] = []
        for member in members {
            let author = MessageAuthor(organization: Cast.northID, staff: member.id)
            let letter =
                last.map { Story.answer("\(member.id)", to: $0, by: author) }
                ?? Story.letter("\(member.id)", by: author)
            attempts.append((.postMessage(.letter(letter)), [member.device]))
            last = letter
        }
        for (operation, keys) in attempts.dropLast() {
            #expect(try story.ledger.run(operation, by: keys) == [.applied])
        }
        return try #require(attempts.last)
    }
}
