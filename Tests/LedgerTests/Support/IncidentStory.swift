import Codec
import Cryptography
import Ledger

extension Story {
    /// North freezes its author.
    func incident() throws -> IncidentID {
        let freeze = Freeze(target: .staff(Cast.author.id), officer: Cast.officer.id, reason: 4)
        try ledger.run(.freeze(freeze), by: [Cast.officer.device])
        return freeze.incident
    }

    /// North freezes its author, and may thaw them.
    func frozen() throws -> Unfreeze {
        _ = try incident()
        return Unfreeze(target: .staff(Cast.author.id), reason: 5)
    }

    /// North tells of it.
    func notice(of cause: NoticeCause, to scope: ScopeID?) -> PublishNotice {
        PublishNotice(
            organization: Cast.northID, officer: Cast.officer.id, cause: cause, scope: scope,
            contents: Self.contents(at: ledger.block.time), text: Seeded.content("sealed text"))
    }

    /// Every item that the law asks for.
    static func contents(at time: Timestamp) -> NoticeContents {
        NoticeContents(
            occurredFrom: Cast.start, occurredTo: time, discovered: time, nature: [.confidentiality],
            information: [.diagnoses, .imaging], consequences: [.disclosure], measures: [.staffFrozen, .investigation],
            advice: [.revokeGrants], contacts: [.email, .postalAddress, .dataProtectionOfficer], people: 1,
            records: 12)
    }
}
