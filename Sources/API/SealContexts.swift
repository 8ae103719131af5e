public import Cryptography
public import Ledger

/// What sealed messages are for. Each names the chain, the sender, the reader and the object, so that a message that was
/// sealed for one place opens in no other.
extension SealContext {
    /// A key fragment on its way from a patient to one validator, and in that validator's custody: chain, scope,
    /// validator, grant.
    public static func keyFragment(
        chain: ChainID, scope: ScopeID, validator: ValidatorID, grant: GrantID
    ) -> SealContext {
        SealContext(Domain("seal-key-fragment"), chain.bytes, scope.bytes, validator.bytes, grant.bytes)
    }

    /// A capsule fragment on its way from a validator to whoever made a request: chain, validator, member of staff,
    /// request, document.
    public static func capsuleFragment(
        chain: ChainID, validator: ValidatorID, staff: StaffID, access: AccessID, document: DocumentID
    ) -> SealContext {
        SealContext(
            Domain("seal-capsule-fragment"), chain.bytes, validator.bytes, staff.bytes, access.bytes, document.bytes)
    }

    /// A capsule fragment on its way from a validator to a scope's owner who recovers documents: chain, validator, scope,
    /// access, document.
    public static func recoveredFragment(
        chain: ChainID, validator: ValidatorID, scope: ScopeID, access: AccessID, document: DocumentID
    ) -> SealContext {
        SealContext(
            Domain("seal-recovered-fragment"), chain.bytes, validator.bytes, scope.bytes, access.bytes, document.bytes)
    }

    /// What a holder of a fragment deals to one validator of a new set: chain, dealer, validator, grant, round (8 bytes,
    /// big-endian).
    public static func resharingPart(
        chain: ChainID, dealer: ValidatorID, validator: ValidatorID, grant: GrantID, round: UInt64
    ) -> SealContext {
        SealContext(
            Domain("seal-resharing-part"), chain.bytes, dealer.bytes, validator.bytes, grant.bytes, bigEndian(round))
    }

    /// A fragment that came about by resharing, in its validator's custody: chain, validator, grant, round (8 bytes,
    /// big-endian).
    public static func resharedFragment(
        chain: ChainID, validator: ValidatorID, grant: GrantID, round: UInt64
    ) -> SealContext {
        SealContext(
            Domain("seal-reshared-fragment"), chain.bytes, validator.bytes, grant.bytes, bigEndian(round))
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// The text of a notice, for one scope's patient or for the organisation itself: chain, organisation, reader.
    public static func noticeText(chain: ChainID, organization: OrganizationID, reader: Subject) -> SealContext {
        SealContext(Domain("seal-notice-text"), chain.bytes, organization.bytes, reader.id)
    }
}
