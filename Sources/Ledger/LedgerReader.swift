internal import Codec

/// The state that a block is executed over: what is final, or an overlay of unfinalized blocks above it.
public protocol LedgerReader {
    /// The leaf's bytes, nothing where there is no leaf.
    func value(_ key: StateKey) -> [UInt8]?
    /// Whether a block at or below this state includes the transaction.
    func contains(_ transaction: TransactionID) -> Bool
    /// The chain's identity and limits. Every transaction is held against them, so a reader that lasts keeps them decoded.
    var parameters: ParametersRecord { get }
}

extension LedgerReader {
    /// Reads a record.
    public func record<R: StateRecord>(_ id: R.ID, as type: R.Type = R.self) -> R? { leaf(id, as: R.self)?.record }

    /// Reads a record with the head of its history.
    public func leaf<R: StateRecord>(_ id: R.ID, as type: R.Type = R.self) -> Leaf<R>? {
        leaf(R.key(id), as: R.self)
    }

    /// Reads the record under a key that was made from its identifier.
    func leaf<R: StateRecord>(_ key: StateKey, as type: R.Type = R.self) -> Leaf<R>? {
        guard let bytes = value(key) else { return nil }
        do { return try Leaf(decoding: bytes) } catch { preconditionFailure("a stored \(R.kind) decodes: \(error)") }
    }

    /// The chain's identity and limits.
    public var parameters: ParametersRecord {
        guard let record: ParametersRecord = record(.only) else { preconditionFailure("a state has parameters") }
        return record
    }

    /// The validators in order.
    public var validatorSet: ValidatorSetRecord {
        guard let record: ValidatorSetRecord = record(.only) else { preconditionFailure("a state has validators") }
        return record
    }

    /// Who belongs to the consortium.
    public var consortium: ConsortiumRecord {
        guard let record: ConsortiumRecord = record(.only) else { preconditionFailure("a state has members") }
        return record
    }

    /// The changes that are put to the vote.
    public var docket: DocketRecord { record(.only) ?? DocketRecord(changes: []) }

    /// The validators that have left the set and may follow.
    public var observers: [ValidatorID] { record(.only, as: ObserversRecord.self)?.validators ?? [] }

    /// Whose the key is.
    public func holder(of key: KeyID) -> KeyHolder? { record(key, as: KeyHolder.self) }
}
