import Codec
import Cryptography
import Ledger

/// What a recovery needs: the patient has three guardians of whom two are enough, and a recovery grant.
extension Cast {
    static let guardians = (0..<3).map { Seeded.signing("guardian \($0)") }
    /// The wallet that the guardians let in.
    static let newOwner = Seeded.signing("new owner")
    /// Whose secret the guardians keep in shares.
    static let recoveryKey = Seeded.signing("recovery receives").publicKey
}

extension Story {
    static let delay: UInt64 = 3_600_000

    static var appointment: AppointGuardians {
        guard
            let appointment = AppointGuardians(
                scope: Cast.scope.id, guardians: Cast.guardians.map(\.publicKey), threshold: 2, delay: delay)
        else { preconditionFailure("two of three is a threshold") }
        return appointment
    }

    static let proposal = ProposeOwner(scope: Cast.scope.id, owner: Cast.newOwner.publicKey)
    static let proposers = [Cast.guardians[0], Cast.guardians[2], Cast.newOwner]

    func appointGuardians() throws {
        try ledger.run(.appointGuardians(Self.appointment), by: [Cast.scope.key])
    }

    func proposeOwner() throws {
        try appointGuardians()
        try ledger.run(.proposeOwner(Self.proposal), by: Self.proposers)
    }

    /// Until the time to object has passed.
    func awaitOwner() throws {
        try proposeOwner()
        try ledger.pass(milliseconds: Self.delay)
    }

    /// Until the new owner signs.
    func replaceOwner() throws {
        try awaitOwner()
        try ledger.run(.confirmOwner(ConfirmOwner(scope: Cast.scope.id)), by: [Cast.newOwner])
    }

    static func recoveryGrant(_ name: String = "recovery") -> GrantConsent {
        var grant = grant(name, to: .scope(Cast.scope.id), receiving: Cast.recoveryKey, from: Cast.start)
        grant.purposes = [.patientRequest]
        grant.flags = .recovery
        return grant
    }

    /// Until a recovery grant can be used.
    func prepareRecovery() throws -> GrantConsent {
        let grant = Self.recoveryGrant()
        try ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            try ledger.run(Story.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        return grant
    }

    /// What guardians may propose once they are appointed.
    func guarded() throws -> ProposeOwner {
        try appointGuardians()
        return Self.proposal
    }

    /// The veto of a proposal that has been made.
    func vetoable() throws -> VetoOwner {
        try proposeOwner()
        return VetoOwner(scope: Cast.scope.id)
    }

    /// The confirmation of a proposal whose time has come.
    func confirmable() throws -> ConfirmOwner {
        try awaitOwner()
        return ConfirmOwner(scope: Cast.scope.id)
    }

    func recovery(
        under grant: GrantID, documents: [DocumentID]? = nil, expires: UInt64? = nil
    ) -> RecoverDocuments {
        RecoverDocuments(
            grant: grant, documents: documents ?? [document.document], replyKeyDigest: Seeded.digest("reply key"),
            expires: Height(rawValue: expires ?? ledger.block.height.rawValue + 50))
    }
}
