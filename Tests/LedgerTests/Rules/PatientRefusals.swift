import Ledger

extension RefusalTests {
    /// What is refused about scopes over time, erasure, denials and shares.
    static func provokeForPatients(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .scopeClosed:
            try after(.closeScope(CloseScope(scope: Cast.scope.id)), by: [Cast.scope.key], in: story, document("x"))
        case .epochLimitReached: try manyRotations(in: story)
        case .documentErased: try after(erasure(in: story), in: story, request(story))
        case .notErased: confirmation(of: .grant(story.grant.grant))
        case .alreadyConfirmed:
            try after(
                try after(erasure(in: story), in: story, confirmation(of: .document(story.document.document))),
                in: story, confirmation(of: .document(story.document.document)))
        case .wrongLegalBasis:
            (
                .eraseDocument(
                    EraseDocument(
                        document: story.document.document, basis: .patientWish, officer: Cast.officer.id)),
                [Cast.officer.device]
            )
        case .organizationDenied: try after(denial(), in: story, request(story))
        case .notRestricted: denial(isInForce: false)
        case .documentOutsideWindow:
            try after(
                restriction(.documents(story.grant.grant, from: nil, until: Cast.start)), in: story, request(story))
        case .alreadyShared:
            try after(
                share("x", of: story.document.document), in: story,
                share("y", of: Story.share("x", of: story.document.document).document))
        case .sameScope: share("x", of: story.document.document, into: Cast.scope)
        case .unknownThread, .unknownMessage, .threadInOtherScope, .messageOutOfOrder, .previousMessageWrong,
            .alreadyRead,
            .messageNotOpened, .threadFull, .messageNotReplaceable:
            try provokeMessage(refusal, in: story)
        default: try provokeResharing(refusal, in: story)
        }
    }

    private static func erasure(in story: Story) -> Attempt {
        (.eraseDocument(EraseDocument(document: story.document.document)), [Cast.scope.key])
    }

    private static func confirmation(of subject: Subject) -> Attempt {
        (.confirmErasure(ConfirmErasure(validator: Cast.validators[0], subject: subject)), [Cast.validatorKeys[0]])
    }

    private static func restriction(_ restriction: ScopeRestriction, isInForce: Bool = true) -> Attempt {
        (
            .restrictScope(
                RestrictScope(scope: Cast.scope.id, restriction: restriction, isInForce: isInForce)),
            [Cast.scope.key]
        )
    }

    private static func denial(isInForce: Bool = true) -> Attempt {
        restriction(.never(Cast.southID), isInForce: isInForce)
    }

    private static func share(
        _ name: String, of document: DocumentID, into scope: Scope = Cast.otherScope
    ) -> Attempt {
        (.shareDocument(Story.share(name, of: document, into: scope)), [Cast.scope.key, Cast.otherScope.key])
    }

    private static func manyRotations(in story: Story) throws -> Attempt {
        for start in stride(from: UInt64(1), to: 257, by: 128) {
            let operations = (start..<(start + 128)).map {
                Operation.rotateScope(Story.rotation(of: Cast.scope, epoch: $0))
            }
            try story.ledger.commit([story.ledger.transaction(operations, by: [Cast.scope.key])])
        }
        return (.rotateScope(Story.rotation(of: Cast.scope, epoch: 257)), [Cast.scope.key])
    }
}
