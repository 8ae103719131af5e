import Codec
import Cryptography
import Ledger
import Testing

/// Somebody whose signature may stand on a transaction.
private enum Actor: Int, CaseIterable {
    case patient, otherPatient, author, reader, north, south, validator, auditor, stranger, nurse, officer

    var keys: [SigningKey] {
        switch self {
        case .patient: [Cast.scope.key]
        case .otherPatient: [Cast.otherScope.key]
        case .author: [Cast.author.device]
        case .reader: [Cast.reader.device]
        case .north: Cast.north.signers
        case .south: Cast.south.signers
        case .validator: [Cast.validatorKeys[3]]
        case .auditor: [Cast.auditorKey]
        case .stranger: [Cast.stranger]
        case .nurse: [Cast.nurse.device]
        case .officer: [Cast.officer.device]
        }
    }
}

@Suite("Ledger: who may do what")
struct AuthorizationTests {
    /// A valid operation of each kind, and who has to sign it: written down here once more, without the table.
    private static func example(
        _ code: Operation.Code, in story: Story
    ) throws -> (Operation, signers: Set<Actor>) {
        switch code {
        case .openScope: (.openScope(Scope("new").opening(sponsor: Cast.northID)), [.north])
        case .authorizeAuthor: (.authorizeAuthor(Story.authorization(of: Cast.scope)), [.patient])
        case .withdrawAuthor:
            (.withdrawAuthor(WithdrawAuthor(scope: Cast.scope.id, organization: Cast.northID)), [.patient])
        case .registerStaff: (.registerStaff(Member("Rita", of: Cast.southID).registration), [.south])
        case .endStaff: (.endStaff(EndStaff(staff: Cast.author.id)), [.north])
        case .commitDocument: (.commitDocument(Story.document("x")), [.author])
        case .grantConsent: (.grantConsent(Story.grant("x", from: Cast.start)), [.patient])
        case .acknowledgeGrant: (Story.acknowledgement(of: story.grant, by: 3), [.validator])
        case .revokeConsent: (.revokeConsent(RevokeConsent(grant: story.grant.grant)), [.patient])
        case .requestAccess: (.requestAccess(story.request()), [.reader, .south])
        case .recordService:
            (.recordService(RecordService(validator: Cast.validators[3], count: 1, root: .zero)), [.validator])
        case .rotateScope: (.rotateScope(Story.rotation(of: Cast.scope)), [.patient])
        case .closeScope: (.closeScope(CloseScope(scope: Cast.scope.id)), [.patient])
        case .eraseDocument: (.eraseDocument(EraseDocument(document: story.document.document)), [.patient])
        case .shareDocument:
            (.shareDocument(Story.share("x", of: story.document.document)), [.patient, .otherPatient])
        case .restrictScope:
            (
                .restrictScope(RestrictScope(scope: Cast.scope.id, restriction: .never(Cast.southID))), [.patient]
            )
        case .confirmErasure:
            (
                .confirmErasure(
                    ConfirmErasure(validator: Cast.validators[3], subject: .document(story.document.document))),
                [.validator]
            )
        case .declareEmergency:
            (.declareEmergency(story.emergency(under: try story.prepareEmergency())), [.author, .nurse, .north])
        case .reviewEmergency: (.reviewEmergency(Story.review(try story.declaredEmergency())), [.officer])
        case .freeze:
            (.freeze(Freeze(target: .staff(Cast.author.id), officer: Cast.officer.id, reason: 1)), [.officer])
        case .unfreeze: (.unfreeze(try story.frozen()), [.north])
        case .publishNotice:
            (.publishNotice(story.notice(of: .incident(try story.incident()), to: Cast.scope.id)), [.officer])
        case .setPolicy: (.setPolicy(Story.policy()), [.north])
        case .proposeChange:
            (.proposeChange(Governance.proposal(.setParameter(.accessWindow, 50), in: story.ledger)), [.north])
        case .approveChange:
            (Governance.approval(try Governance.propose(.setParameter(.accessWindow, 50), in: story.ledger)), [.south])
        case .reportEvidence: (.reportEvidence(Governance.evidence(on: story.ledger.chain)), [])
        case .appointGuardians: (.appointGuardians(Story.appointment), [.patient])
        case .proposeOwner: (.proposeOwner(try story.guarded()), [])
        case .vetoOwner: (.vetoOwner(try story.vetoable()), [.patient])
        case .confirmOwner: (.confirmOwner(try story.confirmable()), [])
        case .reshareGrant: (.reshareGrant(try story.dealable()), [.validator])
        case .answerResharing: (.answerResharing(try story.answerable()), [.validator])
        case .recoverDocuments:
            (.recoverDocuments(story.recovery(under: try story.prepareRecovery().grant)), [.patient])
        case .stateNames: (.stateNames(Story.names(of: [try story.northernRequest()])), [.officer])
        case .postMessage: (.postMessage(.letter(Story.letter("x"))), [.patient])
        }
    }

    @Test(arguments: Operation.Code.allCases)
    func `of all combinations of signers, those with the required ones succeed and no other`(
        _ code: Operation.Code
    ) throws {
        let story = try Story()
        let (operation, required) = try Self.example(code, in: story)
        #expect(operation.code == code)
        // A deletion is confirmed of what has been erased.
        if code == .confirmErasure {
            try story.ledger.run(
                .eraseDocument(EraseDocument(document: story.document.document)), by: [Cast.scope.key])
        }
        let own = Self.strangers(code)
        for combination in 1..<(1 << Actor.allCases.count) {
            let signers = Actor.allCases.filter { combination & (1 << $0.rawValue) != 0 }
            let keys = own + signers.flatMap(\.keys)
            guard keys.count <= COSESign.maximumSigners else { continue }
            let execution = try story.ledger.execute([story.ledger.transaction([operation], by: keys)])
            let applied = execution.receipts[0].outcomes == [.applied]
            #expect(applied == required.isSubset(of: signers), "\(code) signed by \(signers)")
        }
    }

    /// Who has to sign too and is nobody on the chain yet: a new scope's own key, guardians, a new owner. What becomes of it
    /// without them is told elsewhere.
    private static func strangers(_ code: Operation.Code) -> [SigningKey] {
        switch code {
        case .openScope: [Scope("new").key]
        case .proposeOwner: Story.proposers
        case .confirmOwner: [Cast.newOwner]
        default: []
        }
    }

    @Test func `a new scope needs its own key`() throws {
        let story = try Story()
        let operation = Operation.openScope(Scope("new").opening(sponsor: Cast.northID))
        #expect(try story.ledger.run(operation, by: Cast.north.signers) == [.refused(.scopeSignatureMissing)])
    }

    @Test(arguments: Role.allCases)
    func `only roles that write may commit, and only roles that read may ask`(_ role: Role) throws {
        let story = try Story()
        let member = Member("Max", of: Cast.northID, role: role)
        try story.ledger.run(.registerStaff(member.registration), by: Cast.north.signers)
        let commit = try story.ledger.run(
            .commitDocument(Story.document("x", staff: member.id)), by: [member.device])
        #expect(commit == [[.clinician, .registrar, .service].contains(role) ? .applied : .refused(.roleNotPermitted)])
        let request = Story.request(
            story.grant.grant, [story.document.document], expires: story.ledger.block.height.rawValue + 9,
            staff: member.id)
        let outcome = try story.ledger.run(.requestAccess(request), by: [member.device])
        #expect(outcome == [.refused(role == .registrar ? .roleNotPermitted : .notGrantee)])
    }

    @Test func `whether the organisation signs with its staff is what their registration says`() throws {
        let story = try Story()
        let member = Member("Carla", of: Cast.northID, cosigned: true)
        try story.ledger.run(.registerStaff(member.registration), by: Cast.north.signers)
        let operation = Operation.commitDocument(Story.document("x", staff: member.id))
        #expect(
            try story.ledger.run(operation, by: [member.device]) == [.refused(.organizationSignatureMissing)])
        #expect(try story.ledger.run(operation, by: [member.device] + Cast.north.signers) == [.applied])
    }

    @Test func `one key of two is not the threshold, and the same key twice is one`() throws {
        let story = try Story()
        let operation = Operation.registerStaff(Member("Rita", of: Cast.southID).registration)
        for keys in [[Cast.south.keys[0]], [Cast.south.keys[1], Cast.south.keys[1]]] {
            #expect(try story.ledger.run(operation, by: keys) == [.refused(.organizationSignatureMissing)])
        }
        #expect(try story.ledger.run(operation, by: [Cast.south.keys[2], Cast.south.keys[0]]) == [.applied])
    }
}
