public import ChainStorage
public import Codec
public import Cryptography
public import Ledger

/// Why a validator does not take, or cannot use, a key fragment. Nothing has changed.
public enum CustodyRefusal: Error, Hashable, Sendable {
    /// The state has no such grant.
    case unknownGrant
    /// The grant has ended: it was revoked, its time is over, or its scope was closed.
    case grantEnded(Refusal)
    /// The grant has no share for this validator.
    case notAHolder
    /// The scope never had the epoch that the grant is for.
    case scopeChanged
    /// The message is not for this validator and grant, or was altered.
    case doesNotOpen(SealFailure)
    /// What was in the message is no key fragment.
    case malformed(DecodingFailure)
    /// The fragment is not what the grant publishes.
    case invalid(KeyFragment.Rejection)
    /// The fragment that serves is not the one that is kept.
    case invalidShare
    /// The validators have shared the grant out anew: the patient's fragments serve no more.
    case reshared
    /// The part that a dealer dealt to this validator is not what it committed to.
    case partInvalid(dealer: ValidatorID)
    /// A validator of the set has no key on the chain that a part can be sealed to.
    case unknownHolder(ValidatorID)
    /// This validator holds no fragment of the grant.
    case notHeld
    /// The custody database cannot be read.
    case unreadable(DatabaseFailure)
}

/// What the chain says of one validator's part of a grant.
struct GrantShare {
    let record: GrantRecord
    let delegation: PublishedDelegation
    /// Who is to hold a share, in order.
    let validators: [ValidatorID]
    let share: PublishedShare
    /// Which round made the fragments; 0 for the patient's.
    let generation: UInt64
    let keys: DelegationKeys

    /// - Throws: Why `validator` has no part in the grant any more, or never had.
    init(
        of grant: GrantID, for validator: ValidatorID, over state: some LedgerReader
    ) throws(CustodyRefusal) {
        guard let record: GrantRecord = state.record(grant), let fragments: GrantFragmentsRecord = state.record(grant)
        else { throw .unknownGrant }
        guard let share = fragments.share(of: validator) else { throw .notAHolder }
        guard let scope: ScopeRecord = state.record(record.scope),
            let key = scope.delegatingKey(of: record.epoch, ended: state.record(record.scope))
        else { throw .scopeChanged }
        if scope.closed != nil { throw .grantEnded(.scopeClosed) }
        guard let delegating = key.publicKey,
            let verifying = state.owner(of: record.scope, at: record.granted).publicKey,
            let receiving = record.receivingKey.publicKey
        else { preconditionFailure("keys were parsed before they were written to the ledger") }
        self.record = record
        delegation = fragments.delegation
        validators = fragments.validators
        self.share = share
        generation = state.generation(of: grant)
        keys = DelegationKeys(delegating: delegating, verifying: verifying, receiving: receiving)
    }
}
