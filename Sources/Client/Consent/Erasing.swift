public import API
public import Cryptography
public import Ledger

/// Who has deleted what it held of an erased document or an ended grant.
public struct ErasureStatus: Sendable {
    /// One validator.
    public struct Custodian: Hashable, Sendable {
        /// Who.
        public let validator: ValidatorID
        /// Whose validator it is; nothing if the chain does not tell.
        public let organization: OrganizationID?
        /// When it confirmed, and what it keeps; nothing before.
        public let confirmation: ErasureRecord.Confirmation?
        /// Whether there is anything for it to confirm: it never held a fragment of the grant otherwise.
        public let isConcerned: Bool
    }

    /// The validators, in the order of the set; then those that left it and held something or confirmed.
    public let custodians: [Custodian]
    /// Whether the chain says that it is erased, or that the grant was revoked, or its time is over.
    public let isErased: Bool

    /// Those who have not confirmed.
    public var missing: [ValidatorID] {
        custodians.filter { $0.isConcerned && $0.confirmation == nil }.map(\.validator)
    }

    /// Whether everybody who held something has confirmed.
    public var isComplete: Bool { isErased && missing.isEmpty }
}

extension ConsentKeeper {
    /// Erases a document of an own scope, and the shares that were made of it.
    @discardableResult
    public func erase(
        _ document: DocumentID, of scope: ScopeKeys, sharedInto others: [ScopeKeys] = []
    ) async throws -> TransactionProof {
        // A share ends with what it shares; its own metadata is deleted because it is erased by name.
        let shares = try await events(of: scope).shares.filter { $0.source == document }
        var keys = [scope.signing]
        var operations = [Operation.eraseDocument(EraseDocument(document: document))]
        for share in shares {
            guard let other = others.first(where: { $0.id == share.scope }), keys.count < COSESign.maximumSigners,
                try await ledger.document(share.document, signedBy: other.signing).record.erased == nil
            else { continue }
            operations.append(.eraseDocument(EraseDocument(document: share.document)))
            keys.append(other.signing)
        }
        return try await ledger.apply(try await ledger.prepare(operations, signedBy: keys))
    }
}

extension AccessKeeper {
    /// The transaction with which a privacy officer erases a document that their organisation wrote.
    ///
    /// - Parameter organization: The organisation's keys, if they are at hand and the registration asks for them.
    public func prepareErasure(
        of document: DocumentID, basis: ErasureBasis, cosignedBy organization: [SigningKey] = []
    ) async throws -> Transaction {
        try await ledger.prepare(
            [.eraseDocument(EraseDocument(document: document, basis: basis, officer: staff))],
            signedBy: [keys.device] + organization, validFor: LedgerClient.travellingValidity)
    }
}

extension LedgerClient {
    /// Who has deleted what it held of a document or a grant, proved.
    ///
    /// - Parameter key: Signs the requests; its holder may see the document or grant.
    public func erasure(of subject: Subject, signedBy key: SigningKey) async throws -> ErasureStatus {
        let state = try await state(.readSubject(subject), signedBy: key)
        let confirmations: ErasureRecord? = try state.record(subject)
        var isErased = false
        var holders: [ValidatorID]?
        switch subject {
        case .document(let id):
            guard let record: DocumentRecord = try state.record(id) else { throw WalletFailure.unknown("\(subject)") }
            isErased = record.erased != nil
        case .grant(let id):
            guard let record: GrantRecord = try state.record(id) else { throw WalletFailure.unknown("\(subject)") }
            isErased = record.revoked != nil || record.notAfter < state.header.time
            holders = record.acknowledged
        default: throw WalletFailure.unknown("an erasure of \(subject)")
        }
        var ids = try await validators().map(\.id)
        let others = (holders ?? []) + (confirmations?.confirmations.map(\.validator) ?? [])
        ids += Set(others).subtracting(ids).sorted()
        var custodians: [ErasureStatus.Custodian] = []
        for id in ids {
            let record: ValidatorRecord? = try await record(id, at: .readSubject(.validator(id)), signedBy: nil)
            custodians.append(
                ErasureStatus.Custodian(
                    validator: id, organization: record?.organization, confirmation: confirmations?[id],
                    isConcerned: holders?.contains(id) ?? true))
        }
        return ErasureStatus(custodians: custodians, isErased: isErased)
    }
}
