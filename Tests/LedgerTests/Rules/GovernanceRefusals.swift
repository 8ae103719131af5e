import Codec
import Cryptography
import Ledger

/// How decisions of the organisations are refused, each for one reason.
extension RefusalTests {
    static func provokeGovernance(_ refusal: Refusal, in story: Story) throws -> Attempt {
        let ledger = story.ledger
        switch refusal {
        case .organizationExpelled:
            let west = Governance.west.entry().id
            try Governance.decide(.admitOrganization(Governance.west.entry()), in: ledger)
            let expulsion = try Governance.propose(.expelOrganization(west), in: ledger)
            try ledger.run(Governance.approval(expulsion), by: Cast.south.signers)
            try ledger.run(Governance.approval(expulsion, by: west), by: [Governance.west.keys[0]])
            return (
                .authorizeAuthor(Story.authorization(of: Cast.scope, organization: west)), [Cast.scope.key]
            )
        case .unknownChange:
            return approval(Governance.proposal(.setParameter(.accessWindow, 9), in: ledger))
        case .changeExpired:
            let proposal = try Governance.propose(.setParameter(.accessWindow, 9), in: ledger)
            try ledger.pass(milliseconds: 86_400_001)
            return approval(proposal)
        case .changeDecided:
            let proposal = try Governance.propose(.setParameter(.accessWindow, 9), in: ledger)
            try ledger.run(Governance.approval(proposal), by: Cast.south.signers)
            return approval(proposal)
        case .alreadyApproved:
            let proposal = try Governance.propose(.setParameter(.accessWindow, 9), in: ledger)
            return (Governance.approval(proposal, by: Cast.northID), Cast.north.signers)
        case .tooManyChanges:
            for value in UInt64(1)...8 { try Governance.propose(.setParameter(.accessWindow, value), in: ledger) }
            return proposal(.setParameter(.accessWindow, 9), in: ledger)
        case .invalidDeadline:
            let late = Governance.proposal(
                .setParameter(.accessWindow, 9), in: ledger, for: ProposeChange.longestVote + 1001)
            return (.proposeChange(late), Cast.north.signers)
        default: return try provokeMembership(refusal, in: ledger)
        }
    }

    private static func provokeMembership(_ refusal: Refusal, in ledger: TestLedger) throws -> Attempt {
        switch refusal {
        case .nameInUse:
            let namesake = Hospital("North Hospital", keys: 3, threshold: 2)
            let fresh = Genesis.Organization(
                name: namesake.name, signingKeys: [Seeded.signing("namesake").publicKey], threshold: 1,
                receivingKey: namesake.receivingKey, sealingKey: Seeded.sealing("namesake"), roles: [.clinician])
            return proposal(.admitOrganization(fresh), in: ledger)
        case .addressInUse:
            let candidate = Governance.candidate("fifth", on: ledger.chain) {
                $0.peerAddress = "validator-2.example:7001"
            }
            return proposal(.addValidator(candidate), in: ledger)
        case .unknownAuditor: return proposal(.dismissAuditor(AuditorID(Seeded.digest("nobody"))), in: ledger)
        case .tooFewValidators:
            return approval(try Governance.propose(.removeValidator(Cast.validators[0]), in: ledger))
        case .tooManyValidators:
            for number in 4..<Genesis.maximumValidators {
                let candidate = Governance.candidate("v\(number)", on: ledger.chain)
                try Governance.decide(.addValidator(candidate), in: ledger)
            }
            return proposal(.addValidator(Governance.candidate("last", on: ledger.chain)), in: ledger)
        case .setChangeTooLarge:
            for name in ["fifth", "sixth"] {
                try Governance.decide(.addValidator(Governance.candidate(name, on: ledger.chain)), in: ledger)
            }
            return approval(try Governance.propose(.expelOrganization(Cast.northID), in: ledger))
        case .parameterOutOfRange: return proposal(.setParameter(.accessWindow, 0), in: ledger)
        case .alreadyReported:
            let evidence = Operation.reportEvidence(Governance.evidence(on: ledger.chain))
            try ledger.run(evidence, by: [Cast.stranger])
            return (evidence, [Cast.stranger])
        case .lastOrganization:
            for name in ["fifth", "sixth"] {
                let candidate = Governance.candidate(name, of: Cast.southID, on: ledger.chain)
                try Governance.decide(.addValidator(candidate), in: ledger)
            }
            for id in Cast.validators.prefix(2) { try Governance.decide(.removeValidator(id), in: ledger) }
            try Governance.decide(.expelOrganization(Cast.northID), in: ledger)
            let last = Governance.proposal(.expelOrganization(Cast.southID), by: Cast.southID, in: ledger)
            return (.proposeChange(last), Cast.south.signers)
        case .tooManyMembers:
            // One auditor is there; each pair of operations appoints another.
            for batch in 0..<2 {
                var operations: [Operation] = []
                for number in 0..<(batch == 0 ? 512 : 511) {
                    let proposal = Governance.proposal(appointment("\(batch) \(number)"), in: ledger)
                    operations += [.proposeChange(proposal), Governance.approval(proposal)]
                }
                let keys = Cast.north.signers + Cast.south.signers
                try ledger.commit([ledger.transaction(operations, by: keys)])
            }
            return proposal(appointment("last"), in: ledger)
        case .versionOutOfOrder:
            return proposal(
                .activateVersion(
                    ProtocolActivation(version: ProtocolVersion(rawValue: 3), height: Height(rawValue: 1000))),
                in: ledger)
        case .activationOutOfRange:
            return proposal(
                .activateVersion(
                    ProtocolActivation(version: ProtocolVersion(rawValue: 2), height: ledger.block.height.next)),
                in: ledger)
        default: throw Unreachable(refusal: refusal)
        }
    }

    private static func appointment(_ name: String) -> Change {
        .appointAuditor(
            Genesis.Auditor(
                name: name, key: Seeded.signing("auditor \(name)").publicKey,
                expires: Cast.start.advanced(byMilliseconds: 1_000_000_000)))
    }

    private static func proposal(_ change: Change, in ledger: TestLedger) -> Attempt {
        (.proposeChange(Governance.proposal(change, in: ledger)), Cast.north.signers)
    }

    private static func approval(_ proposal: ProposeChange) -> Attempt {
        (Governance.approval(proposal), Cast.south.signers)
    }
}
