import Codec
import Cryptography
import Ledger

/// How each refusal about incidents comes about.
extension RefusalTests {
    static func provokeIncident(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .keyNotFreezable: freezing(.key(Cast.scope.id.key))
        case .alreadyFrozen: try after(freezing(.staff(Cast.author.id)), in: story, freezing(.staff(Cast.author.id)))
        case .notFrozen:
            (.unfreeze(Unfreeze(target: .staff(Cast.author.id), reason: 1)), Cast.north.signers)
        case .staffFrozen: try after(freezing(.staff(Cast.author.id)), in: story, committing)
        case .keyFrozen: try after(freezing(.key(KeyID(Cast.author.device.publicKey))), in: story, committing)
        case .organizationFrozen: try after(freezing(.organization(Cast.northID)), in: story, committing)
        case .validatorFrozen:
            try after(
                (.freeze(Freeze(target: .validator(Cast.validators[3]), reason: 1)), Cast.south.signers), in: story,
                (Story.acknowledgement(of: story.grant, by: 3), [Cast.validatorKeys[3]]))
        case .tooFewKeysLeft: freezing(.key(KeyID(Cast.north.keys[0].publicKey)))
        case .unknownAccess:
            (.stateNames(Story.names(of: [AccessID(nothing)])), [Cast.officer.device])
        case .namesAlreadyStated: try statedTwice(in: story)
        default: try provokeNotice(refusal, in: story)
        }
    }

    private static func statedTwice(in story: Story) throws -> Attempt {
        let statement = Attempt(.stateNames(Story.names(of: [try story.northernRequest()])), [Cast.officer.device])
        return try after(statement, in: story, statement)
    }

    private static func provokeNotice(_ refusal: Refusal, in story: Story) throws -> Attempt {
        switch refusal {
        case .unknownIncident: notice(story.notice(of: .incident(IncidentID(Seeded.digest("nothing"))), to: nil))
        case .noticeAddresseeInvalid:
            notice(
                story.notice(of: .emergency(try story.declaredEmergency().access), to: Cast.otherScope.id))
        case .noticeDatesInvalid:
            notice(story.notice(of: .incident(try story.incident()), to: nil)) { $0.contents.discovered = .maximum }
        case .noticeLate: try late(in: story)
        default: try provokePolicy(refusal, in: story)
        }
    }

    private static var committing: Attempt { (.commitDocument(Story.document("x")), [Cast.author.device]) }

    private static func freezing(_ target: FreezeTarget) -> Attempt {
        (.freeze(Freeze(target: target, reason: 1)), Cast.north.signers)
    }

    private static func notice(
        _ notice: PublishNotice, _ change: (inout PublishNotice) -> Void = { _ in }
    ) -> Attempt {
        var notice = notice
        change(&notice)
        return (.publishNotice(notice), [Cast.officer.device])
    }

    private static func late(in story: Story) throws -> Attempt {
        let attempt = notice(story.notice(of: .incident(try story.incident()), to: nil))
        try story.ledger.pass(milliseconds: PublishNotice.authorityPeriod)
        return attempt
    }
}
