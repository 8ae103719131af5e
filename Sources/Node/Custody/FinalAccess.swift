internal import API
internal import Codec
internal import Cryptography
internal import Ledger

/// An access that the final state says was applied: a member of staff's, or a scope's owner's under a recovery grant.
struct FinalAccess {
    /// Who asked: staff, or a scope.
    let asker: KeyHolder
    /// The consent that it rests on.
    let grant: GrantID
    /// The scope of all its documents.
    let scope: ScopeID
    /// What they may open.
    let documents: [DocumentID]
    /// Hash of the key that answers are sealed to.
    let replyKeyDigest: Digest
    /// The last height at which validators may answer.
    let expires: Height

    /// - Returns: Nothing where the state has no such access.
    init?(_ access: AccessID, over state: some LedgerReader) {
        if let record: AccessRecord = state.record(access) {
            asker = .staff(record.staff)
            grant = record.grant
            scope = record.scope
            documents = record.documents
            replyKeyDigest = record.replyKeyDigest
            expires = record.expires
        } else if let record: RecoveryAccessRecord = state.record(access) {
            asker = .scope(record.scope)
            grant = record.grant
            scope = record.scope
            documents = record.documents
            replyKeyDigest = record.replyKeyDigest
            expires = record.expires
        } else {
            return nil
        }
    }

    /// What a fragment for the asker is sealed for.
    func context(
        _ chain: ChainID, _ validator: ValidatorID, _ access: AccessID, _ document: DocumentID
    ) -> SealContext {
        if case .staff(let staff) = asker {
            return .capsuleFragment(
                chain: chain, validator: validator, staff: staff, access: access, document: document)
        }
        return .recoveredFragment(chain: chain, validator: validator, scope: scope, access: access, document: document)
    }
}
