import Codec
import Cryptography
import Ledger

/// What an emergency needs: North has two clinicians and a privacy officer, the patient has given North an emergency grant,
/// and three validators help with it.
extension Cast {
    /// Works beside the author at North.
    static let nurse = Member("Nils", of: northID)
    /// The two who break the glass, and their hospital.
    static let rescuers = [author.device, nurse.device] + north.signers
}

extension Story {
    /// The story with an emergency grant that can be used.
    static func withEmergencyGrant() throws -> (story: Story, grant: GrantConsent) {
        let story = try Story()
        return (story, try story.prepareEmergency())
    }

    /// Goes on until an emergency can be declared.
    func prepareEmergency(documentsPerDay: Int = 10) throws -> GrantConsent {
        let grant = Story.emergencyGrant(documentsPerDay: documentsPerDay)
        try ledger.run(.registerStaff(Cast.nurse.registration), by: Cast.north.signers)
        try ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            try ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        return grant
    }

    /// A grant to North that lies behind glass.
    static func emergencyGrant(_ name: String = "emergency", documentsPerDay: Int = 10) -> GrantConsent {
        var grant = grant(
            name, to: .organization(Cast.northID), receiving: Cast.north.receivingKey, from: Cast.start,
            documentsPerDay: documentsPerDay)
        grant.purposes = [.emergencyTreatment]
        grant.flags = .emergency
        return grant
    }

    /// What North's clinicians may declare.
    func emergency(
        under grant: GrantConsent, second: StaffID = Cast.nurse.id, documents: [DocumentID]? = nil, reason: UInt32 = 7,
        isDrill: Bool = false
    ) -> DeclareEmergency {
        DeclareEmergency(
            grant: grant.grant, staff: Cast.author.id, second: second, documents: documents ?? [document.document],
            reason: reason, replyKeyDigest: Seeded.digest("reply key"),
            expires: Height(rawValue: ledger.block.height.rawValue + 50), isDrill: isDrill)
    }

    /// Goes on until an emergency has been declared.
    func declaredEmergency() throws -> DeclareEmergency {
        let emergency = emergency(under: try prepareEmergency())
        try ledger.run(.declareEmergency(emergency), by: Cast.rescuers)
        return emergency
    }

    /// Something that North's author has asked for.
    func northernRequest() throws -> AccessID { try declaredEmergency().access }

    /// North says that who asked has another family name than the patient, but where it says that it is the same.
    static func names(of requests: [AccessID], same: Set<AccessID> = []) -> StateNames {
        let key = Seeded.secret("name key")
        return StateNames(
            organization: Cast.northID, officer: Cast.officer.id, keyCommitment: NameTag.commitment(to: key),
            pairs: requests.map { access in
                StateNames.Pair(
                    access: access, patient: NameTag("meier", in: access, under: key),
                    staff: NameTag(same.contains(access) ? "meier" : "lang", in: access, under: key))
            })
    }

    static func review(_ emergency: DeclareEmergency, isJustified: Bool = true) -> ReviewEmergency {
        ReviewEmergency(emergency: emergency.access, officer: Cast.officer.id, isJustified: isJustified, reason: 3)
    }
}
