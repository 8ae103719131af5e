import Cryptography
import Ledger
import Testing

extension RefusalTests {
    /// What is refused about guardians and recovery.
    static func provokeRecovery(_ refusal: Refusal, in story: Story) throws -> Attempt {
        let scope = Cast.scope.id
        switch refusal {
        case .noGuardians: return (.proposeOwner(Story.proposal), Story.proposers)
        case .guardianSignaturesMissing:
            try story.appointGuardians()
            return (.proposeOwner(Story.proposal), [Cast.guardians[1], Cast.newOwner])
        case .newOwnerSignatureMissing:
            try story.appointGuardians()
            return (.proposeOwner(Story.proposal), Array(Story.proposers.prefix(2)))
        case .ownerProposed:
            try story.proposeOwner()
            return (.appointGuardians(Story.appointment), [Cast.scope.key])
        case .noOwnerProposed: return (.vetoOwner(VetoOwner(scope: scope)), [Cast.scope.key])
        case .vetoTooLate:
            try story.awaitOwner()
            return (.vetoOwner(VetoOwner(scope: scope)), [Cast.scope.key])
        case .ownerNotDue:
            try story.proposeOwner()
            return (.confirmOwner(ConfirmOwner(scope: scope)), [Cast.newOwner])
        case .ownerLimitReached: return try manyOwners(in: story)
        case .grantNotForRecovery:
            return (.recoverDocuments(story.recovery(under: story.grant.grant)), [Cast.scope.key])
        case .recoveryTermsInvalid:
            var grant = Story.recoveryGrant()
            grant.purposes = [.treatment]
            return (.grantConsent(grant), [Cast.scope.key])
        default: return try provokeEmergency(refusal, in: story)
        }
    }

    private static func manyOwners(in story: Story) throws -> Attempt {
        try story.appointGuardians()
        let guardians = Array(Story.proposers.prefix(2))
        for number in 0..<ScopeOwnersRecord.maximumOwners {
            let owner = Seeded.signing("owner \(number)")
            try story.ledger.run(
                .proposeOwner(ProposeOwner(scope: Cast.scope.id, owner: owner.publicKey)), by: guardians + [owner])
            try story.ledger.pass(milliseconds: Story.delay)
            try story.ledger.run(.confirmOwner(ConfirmOwner(scope: Cast.scope.id)), by: [owner])
        }
        return (.proposeOwner(Story.proposal), Story.proposers)
    }
}
