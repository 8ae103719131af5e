import Codec
import Cryptography
import Ledger
import Testing

extension Story {
    /// North lets its clinicians do everything for treatment and emergencies, three documents at once and five a day.
    static func policy(
        permitted: [Operation.Code] = RolePolicy.operations,
        purposes: [Purpose] = [.treatment, .emergencyTreatment], perRequest: Int = 3, perDay: Int = 5,
        kinds: [DocumentKind]? = nil, cosigners: [KeyID] = []
    ) -> SetPolicy {
        SetPolicy(
            organization: Cast.northID,
            roles: [
                RolePolicy(
                    role: .clinician, permitted: permitted, purposes: purposes, documentsPerRequest: perRequest,
                    documentsPerDay: perDay, kinds: kinds)
            ], cosigners: cosigners)
    }

    /// North has a grant that can be used, for treatment and on request, and documents to ask for.
    func northern(documents count: Int = 1) throws -> (grant: GrantID, documents: [DocumentID]) {
        let grant = Story.grant(
            "north", to: .organization(Cast.northID), receiving: Cast.north.receivingKey, from: Cast.start,
            documentsPerDay: 100)
        try ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            try ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        let documents = (0..<count).map { Story.document("north \($0)") }
        for document in documents { try ledger.run(.commitDocument(document), by: [Cast.author.device]) }
        return (grant.grant, documents.map(\.document))
    }

    /// What North's author may ask for.
    func asking(_ grant: GrantID, _ documents: [DocumentID], _ purpose: Purpose = .treatment) -> Operation {
        .requestAccess(
            Story.request(
                grant, documents, purpose, expires: ledger.block.height.rawValue + 40, staff: Cast.author.id))
    }

    /// North sets a policy.
    func set(_ policy: SetPolicy) throws { try ledger.run(.setPolicy(policy), by: Cast.north.signers) }
}

@Suite("Ledger: what organisations let their staff do")
struct PolicyTests {
    let story: Story
    var ledger: TestLedger { story.ledger }

    init() throws { story = try Story() }

    private func ask(_ grant: GrantID, _ documents: [DocumentID], _ purpose: Purpose = .treatment) throws -> [Outcome] {
        try ledger.run(story.asking(grant, documents, purpose), by: [Cast.author.device])
    }

    @Test func `role by operation by purpose: what is not permitted is refused, and nothing else`() throws {
        let north = try story.northern()
        for permitted in [[], [.commitDocument], [.requestAccess], RolePolicy.operations] as [[Operation.Code]] {
            for purposes in [[], [.treatment], [.patientRequest], [.patientRequest, .treatment]] as [[Purpose]] {
                try story.set(Story.policy(permitted: permitted, purposes: purposes, perDay: 1000))
                for purpose in [Purpose.treatment, .patientRequest] {
                    let expected: Outcome =
                        if !permitted.contains(.requestAccess) {
                            .refused(.operationNotPermitted)
                        } else if !purposes.contains(purpose) {
                            .refused(.purposeNotInPolicy)
                        } else {
                            .applied
                        }
                    #expect(try ask(north.grant, north.documents, purpose) == [expected], "\(permitted) \(purposes)")
                }
                let commit = Story.document("\(permitted) \(purposes)")
                #expect(
                    try ledger.run(.commitDocument(commit), by: [Cast.author.device])
                        == [permitted.contains(.commitDocument) ? .applied : .refused(.operationNotPermitted)])
            }
        }
    }

    @Test func `a policy holds from the next block on, and binds its roles and its organisation alone`() throws {
        let policy = ledger.transaction([.setPolicy(Story.policy(permitted: []))], by: Cast.north.signers)
        let commit = ledger.transaction([.commitDocument(Story.document("x"))], by: [Cast.author.device])
        #expect(try ledger.commit([policy, commit]).receipts[1].outcomes == [.applied])
        func outcome(_ member: Member, _ name: String) throws -> [Outcome] {
            try ledger.run(.commitDocument(Story.document(name, staff: member.id)), by: [member.device])
        }
        #expect(try outcome(Cast.author, "y") == [.refused(.operationNotPermitted)])
        #expect(try outcome(Cast.registrar, "z") == [.applied])
        #expect(try ledger.run(.requestAccess(story.request()), by: Story.readers) == [.applied])
        let lifting = ledger.transaction(
            [.setPolicy(SetPolicy(organization: Cast.northID, roles: []))], by: Cast.north.signers)
        let still = ledger.transaction([.commitDocument(Story.document("y"))], by: [Cast.author.device])
        #expect(try ledger.commit([lifting, still]).receipts[1].outcomes == [.refused(.operationNotPermitted)])
        #expect(try outcome(Cast.author, "y") == [.applied])
    }

    @Test func `documents at once and a day, over all grants, until midnight`() throws {
        let north = try story.northern(documents: 4)
        try story.set(Story.policy())
        #expect(try ask(north.grant, north.documents) == [.refused(.tooManyDocuments)])
        #expect(try ask(north.grant, Array(north.documents.prefix(3))) == [.applied])
        #expect(try ask(north.grant, Array(north.documents.suffix(3))) == [.refused(.staffLimitReached)])
        #expect(try ask(north.grant, Array(north.documents.suffix(2))) == [.applied])
        #expect(try ask(north.grant, [north.documents[0]]) == [.refused(.staffLimitReached)])
        try ledger.pass(milliseconds: 86_400_000)
        #expect(try ask(north.grant, [north.documents[0]]) == [.applied])
    }

    @Test func `a policy forbids emergencies only where it says so, and never permits what roles may not`() throws {
        let grant = try story.prepareEmergency()
        try story.set(Story.policy(permitted: [.requestAccess]))
        let emergency = Operation.declareEmergency(story.emergency(under: grant))
        #expect(try ledger.run(emergency, by: Cast.rescuers) == [.refused(.operationNotPermitted)])
        let generous = RolePolicy(role: .privacyOfficer, permitted: RolePolicy.operations, purposes: [.treatment])
        try story.set(SetPolicy(organization: Cast.northID, roles: [generous]))
        #expect(try ledger.run(emergency, by: Cast.rescuers) == [.applied])
        let commit = Story.document("officer's", staff: Cast.officer.id)
        #expect(
            try ledger.run(.commitDocument(commit), by: [Cast.officer.device]) == [.refused(.roleNotPermitted)])
    }

    @Test func `an integration has an identifier, scopes and a limit of its own, and ends without anybody else`() throws
    {
        let (engine, other) = (
            Member("Engine", of: Cast.northID, role: .service), Member("Feed", of: Cast.northID, role: .service)
        )
        try ledger.run(
            .registerStaff(engine.registration), .registerStaff(other.registration), by: Cast.north.signers)
        #expect(engine.id != other.id)
        var consent = Story.grant(
            "engine", to: .staff(engine.id), receiving: engine.receivingKey, from: Cast.start, documentsPerDay: 100)
        consent.roles = [.service]
        try ledger.run(.grantConsent(consent), by: [Cast.scope.key])
        for index in 0..<3 {
            try ledger.run(Story.acknowledgement(of: consent, by: index), by: [Cast.validatorKeys[index]])
        }
        let foreign = Story.document("foreign", scope: Cast.otherScope)
        try ledger.run(.commitDocument(foreign), by: [Cast.author.device])
        try story.set(
            SetPolicy(
                organization: Cast.northID,
                roles: [
                    RolePolicy(
                        role: .service, permitted: [.requestAccess], purposes: [.treatment], documentsPerRequest: 1,
                        documentsPerDay: 2)
                ], cosigners: []))
        func ask(_ member: Member, _ document: DocumentID) throws -> [Outcome] {
            let request = Story.request(
                consent.grant, [document], expires: ledger.block.height.rawValue + 40, staff: member.id)
            return try ledger.run(.requestAccess(request), by: [member.device])
        }
        let own = story.document.document
        #expect(try ask(other, own) == [.refused(.notGrantee)])
        #expect(try ask(engine, foreign.document) == [.refused(.documentNotInScope)])
        #expect(try ask(engine, own) == [.applied] && ask(engine, own) == [.applied])
        #expect(try ask(engine, own) == [.refused(.staffLimitReached)])
        try ledger.run(.endStaff(EndStaff(staff: engine.id)), by: Cast.north.signers)
        #expect(try ask(engine, own) == [.refused(.staffEnded)])
        #expect(
            try ledger.run(.commitDocument(Story.document("after")), by: [Cast.author.device]) == [.applied])
    }

    @Test func `a gateway's key co-signs for staff and does nothing else`() throws {
        let gateway = Seeded.signing("gateway")
        let member = Member("Carla", of: Cast.northID, cosigned: true)
        try ledger.run(.registerStaff(member.registration), by: Cast.north.signers)
        try story.set(
            SetPolicy(organization: Cast.northID, roles: [], cosigners: [KeyID(gateway.publicKey)]))
        let commit = Operation.commitDocument(Story.document("x", staff: member.id))
        // A stolen device alone, a stolen gateway's key alone, and another hospital's with the device.
        #expect(try ledger.run(commit, by: [member.device]) == [.refused(.organizationSignatureMissing)])
        #expect(try ledger.run(commit, by: [gateway]) == [.refused(.staffSignatureMissing)])
        #expect(
            try ledger.run(commit, by: [member.device] + Cast.south.signers)
                == [.refused(.organizationSignatureMissing)])
        let registration = Operation.registerStaff(Member("Rita", of: Cast.northID).registration)
        for operation in [registration, .endStaff(EndStaff(staff: Cast.author.id)), .setPolicy(Story.policy())] {
            #expect(try ledger.run(operation, by: [gateway]) == [.refused(.organizationSignatureMissing)])
        }
        #expect(Requester(key: KeyID(gateway.publicKey), over: ledger, at: ledger.block) == nil)
        #expect(try ledger.run(commit, by: [member.device, gateway]) == [.applied])
        try story.set(SetPolicy(organization: Cast.northID, roles: []))
        #expect(
            try ledger.run(.commitDocument(Story.document("y", staff: member.id)), by: [member.device, gateway])
                == [.refused(.organizationSignatureMissing)])
    }

    @Test func `a key that is somebody's co-signs for nobody`() throws {
        for key in [Cast.north.keys[0], Cast.author.device, Cast.scope.key, Cast.south.keys[0]] {
            let policy = SetPolicy(organization: Cast.northID, roles: [], cosigners: [KeyID(key.publicKey)])
            #expect(try ledger.run(.setPolicy(policy), by: Cast.north.signers) == [.refused(.keyInUse)])
        }
    }

    @Test func `registration numbers stand on the chain as salted hashes: the same number twice looks like two`() throws
    {
        let (one, other) = (Cast.author.registration, Cast.registrar.registration)
        #expect(one.registrationHash != other.registrationHash)
        let record: StaffRecord = try #require(ledger.record(Cast.author.id))
        #expect(record.registrationHash == one.registrationHash && record.encoded.count < 400)
    }

    @Test(arguments: [[], [.record], [.share], [.message], DocumentKind.allCases] as [[DocumentKind]])
    func `kind by kind: what is not permitted is neither asked for nor written, and nothing else`(
        _ kinds: [DocumentKind]
    ) throws {
        let north = try story.northern()
        let letter = Story.letter("x")
        try story.write(letter)
        try story.set(Story.policy(kinds: kinds))
        func outcome(_ kind: DocumentKind) -> [Outcome] {
            [kinds.contains(kind) ? .applied : .refused(.documentKindNotPermitted)]
        }
        #expect(try ask(north.grant, north.documents) == outcome(.record))
        #expect(try ask(north.grant, [letter.document]) == outcome(.message))
        // One that is not permitted is enough.
        let both: [Outcome] = kinds.count == 3 ? [.applied] : [.refused(.documentKindNotPermitted)]
        #expect(try ask(north.grant, north.documents + [letter.document]) == both)
        let written = try ledger.run(.commitDocument(Story.document("written")), by: [Cast.author.device])
        #expect(written == outcome(.record))
        let answer = Story.answer("y", to: letter, by: Story.writer)
        #expect(try ledger.run(.postMessage(.letter(answer)), by: [Cast.author.device]) == outcome(.message))
    }

    @Test func `a document shared alone is a kind of its own`() throws {
        let (scope, share) = (Cast.otherScope, Story.share("alone", of: story.document.document))
        #expect(try ledger.run(.shareDocument(share), by: [Cast.scope.key, scope.key]) == [.applied])
        var grant = Story.grant(
            "share", to: .organization(Cast.northID), receiving: Cast.north.receivingKey, from: Cast.start,
            documentsPerDay: 100)
        grant.scope = scope.id
        try ledger.run(.grantConsent(grant), by: [scope.key])
        for index in 0..<3 {
            try ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        try story.set(Story.policy(kinds: [.record, .message]))
        #expect(try ask(grant.grant, [share.document]) == [.refused(.documentKindNotPermitted)])
        try story.set(Story.policy(kinds: [.share]))
        #expect(try ask(grant.grant, [share.document]) == [.applied])
    }

    @Test func `kinds stand at the end of a role's policy, and a policy without them is what it was`() throws {
        let (without, with) = (Story.policy(), Story.policy(kinds: DocumentKind.allCases))
        #expect(try Operation(decoding: Operation.setPolicy(with).encoded) == .setPolicy(with))
        let plain = without.roles[0].encoded
        #expect(plain[0] == 0x85 && with.roles[0].encoded == [0x86] + plain.dropFirst() + [0x83, 1, 2, 3])
        for kinds in [[.share, .record], [.record, .record]] as [[DocumentKind]] {
            var policy = Story.policy()
            policy.roles[0].kinds = kinds
            #expect(throws: DecodingFailure.invalid(field: "document kinds")) {
                try Operation(decoding: Operation.setPolicy(policy).encoded)
            }
        }
    }

    @Test func `a policy with a role twice, an operation out of place or a limit of nothing is not decoded`() throws {
        var twice = Story.policy()
        twice.roles += twice.roles
        #expect(throws: DecodingFailure.invalid(field: "roles")) {
            try Operation(decoding: Operation.setPolicy(twice).encoded)
        }
        let foreign = Story.policy(permitted: [.registerStaff])
        #expect(throws: DecodingFailure.invalid(field: "permitted operations")) {
            try Operation(decoding: Operation.setPolicy(foreign).encoded)
        }
        for (policy, field) in [
            (Story.policy(perRequest: 0), "documents a request"), (Story.policy(perDay: 0), "documents a day"),
        ] {
            #expect(throws: DecodingFailure.invalid(field: field)) {
                try Operation(decoding: Operation.setPolicy(policy).encoded)
            }
        }
        var many = Story.policy()
        many.cosigners = (0...SetPolicy.maximumCosigners).map { KeyID(Seeded.signing("\($0)").publicKey) }.sorted()
        #expect(throws: DecodingFailure.self) {
            try Operation(decoding: Operation.setPolicy(many).encoded)
        }
    }
}

/// How each refusal about policies comes about.
extension RefusalTests {
    static func provokePolicy(_ refusal: Refusal, in story: Story) throws -> Attempt {
        let north = try story.northern(documents: 2)
        switch refusal {
        case .operationNotPermitted: try story.set(Story.policy(permitted: []))
        case .purposeNotInPolicy: try story.set(Story.policy(purposes: []))
        case .documentKindNotPermitted: try story.set(Story.policy(kinds: [.message]))
        case .tooManyDocuments: try story.set(Story.policy(perRequest: 1))
        case .staffLimitReached: try story.set(Story.policy(perDay: 1))
        default: return try provokeGovernance(refusal, in: story)
        }
        return (story.asking(north.grant, north.documents), [Cast.author.device])
    }
}
