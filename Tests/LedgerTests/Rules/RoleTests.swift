import Codec
import Cryptography
import Ledger
import Testing

/// Role by operation by purpose, all of each.
@Suite("Ledger: which role may do what, and for what")
struct RoleTests {
    /// What staff do in their own name, and in which roles: written down here once more, without the table.
    static let roles: [(code: Operation.Code, roles: Set<Role>)] = [
        (.commitDocument, [.clinician, .registrar, .service]),
        (.requestAccess, [.clinician, .privacyOfficer, .service]),
        (.declareEmergency, [.clinician]),
        (.reviewEmergency, [.privacyOfficer]),
        (.eraseDocument, [.privacyOfficer]),
        (.freeze, [.privacyOfficer]),
        (.publishNotice, [.privacyOfficer]),
        (.stateNames, [.privacyOfficer]),
        (.postMessage, [.clinician, .registrar, .service]),
    ]

    private static func member(_ role: Role) -> Member { Member("Mo the \(role.name)", of: Cast.northID, role: role) }

    /// North has somebody in this role.
    private static func story(with role: Role) throws -> Story {
        let story = try Story()
        try story.ledger.run(.registerStaff(member(role).registration), by: Cast.north.signers)
        return story
    }

    /// A grant to North that is active.
    private static func grant(
        _ name: String, in story: Story, change: (inout GrantConsent) -> Void
    ) throws -> GrantID {
        var grant = Story.grant(
            name, to: .organization(Cast.northID), receiving: Cast.north.receivingKey, from: Cast.start,
            documentsPerDay: 1000)
        change(&grant)
        try story.ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            try story.ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        return grant.grant
    }

    private static func operation(_ code: Operation.Code, by staff: StaffID, in story: Story) throws -> Operation? {
        switch code {
        case .commitDocument: return .commitDocument(Story.document("x", staff: staff))
        case .requestAccess:
            let grant = try grant("for all roles", in: story) { $0.roles = Role.allCases }
            return .requestAccess(
                Story.request(
                    grant, [story.document.document], expires: story.ledger.block.height.rawValue + 9, staff: staff))
        case .declareEmergency:
            var emergency = story.emergency(under: try story.prepareEmergency())
            emergency.staff = staff
            return .declareEmergency(emergency)
        case .reviewEmergency:
            var review = Story.review(try story.declaredEmergency())
            review.officer = staff
            return .reviewEmergency(review)
        case .eraseDocument:
            return .eraseDocument(
                EraseDocument(document: story.document.document, basis: .unlawful, officer: staff))
        case .freeze: return .freeze(Freeze(target: .staff(Cast.author.id), officer: staff, reason: 1))
        case .publishNotice:
            var notice = story.notice(of: .incident(try story.incident()), to: Cast.scope.id)
            notice.officer = staff
            return .publishNotice(notice)
        case .stateNames:
            var statement = Story.names(of: [try story.northernRequest()])
            statement.officer = staff
            return .stateNames(statement)
        case .postMessage:
            let author = MessageAuthor(organization: Cast.northID, staff: staff)
            return .postMessage(.letter(Story.letter("x", by: author)))
        default: return nil
        }
    }

    @Test func `no operation that staff sign is missing here`() {
        let staffed = Operation.Code.allCases.filter { code in
            Authorization.requirements(for: code).contains { requirement in
                switch requirement {
                case .staffDevice, .scopeKeyOrStaff, .officerOrOrganization: true
                default: false
                }
            }
        }
        #expect(Set(staffed) == Set(Self.roles.map(\.code)))
    }

    @Test(arguments: Role.allCases)
    func `each role may do what it may, and nothing else`(_ role: Role) throws {
        for (code, roles) in Self.roles {
            let story = try Self.story(with: role)
            let member = Self.member(role)
            let operation = try #require(try Self.operation(code, by: member.id, in: story))
            let signers = [member.device] + Cast.north.signers + (code == .declareEmergency ? [Cast.nurse.device] : [])
            let outcomes = try story.ledger.run(operation, by: signers)
            #expect(outcomes == [roles.contains(role) ? .applied : .refused(.roleNotPermitted)], "\(code)")
        }
    }

    @Test(arguments: Role.allCases)
    func `only a clinician confirms an emergency`(_ role: Role) throws {
        let story = try Self.story(with: role)
        let member = Self.member(role)
        let emergency = story.emergency(under: try story.prepareEmergency(), second: member.id)
        let outcomes = try story.ledger.run(
            .declareEmergency(emergency), by: [Cast.author.device, member.device] + Cast.north.signers)
        #expect(outcomes == [role == .clinician ? .applied : .refused(.roleNotPermitted)])
    }

    @Test(arguments: Role.allCases)
    func `each role asks for each purpose: what the grant allows to it, and nothing else`(_ role: Role) throws {
        let story = try Self.story(with: role)
        let member = Self.member(role)
        let mayAsk = role != .registrar
        let halves = [0, 1].map { half in
            Purpose.allCases.enumerated().filter { $0.offset % 2 == half }.map(\.element)
        }
        for granted in Role.allCases {
            for (half, purposes) in halves.enumerated() {
                let grant = try Self.grant("\(granted) \(half)", in: story) { grant in
                    grant.roles = [granted]
                    grant.purposes = purposes.ascending
                }
                for purpose in Purpose.allCases {
                    let request = Story.request(
                        grant, [story.document.document], purpose, expires: story.ledger.block.height.rawValue + 9,
                        staff: member.id)
                    let transaction = story.ledger.transaction([.requestAccess(request)], by: [member.device])
                    let expected: Outcome =
                        if !mayAsk {
                            .refused(.roleNotPermitted)
                        } else if !purposes.contains(purpose) {
                            .refused(.purposeNotPermitted)
                        } else if granted != role {
                            .refused(.roleNotGranted)
                        } else {
                            .applied
                        }
                    #expect(
                        try story.ledger.execute([transaction]).receipts[0].outcomes == [expected],
                        "\(purpose) under a grant to \(granted) for \(purposes.count) purposes")
                }
            }
        }
    }
}
