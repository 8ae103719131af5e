extension WorkingState {
    func apply(_ operation: RotateScope) throws(Refusal) -> [Subject] {
        guard var record = scopes[operation.scope] else { throw .unknownScope }
        guard record.closed == nil else { throw .scopeClosed }
        guard operation.epoch == record.epoch + 1 else { throw .wrongEpoch }
        var ended = scopeEpochs[operation.scope] ?? ScopeEpochsRecord(first: record.epoch)
        guard ended.epochs.count < ScopeEpochsRecord.maximumEpochs else { throw .epochLimitReached }
        let key = KeyID(operation.delegatingKey)
        let isUsed = key == operation.scope.key || key == record.delegatingKey
        guard !isUsed, !ended.epochs.contains(where: { $0.delegatingKey == key }) else { throw .keyInUse }

        ended.epochs.append(.init(delegatingKey: record.delegatingKey, ended: block.height))
        scopeEpochs[operation.scope] = ended
        record.delegatingKey = key
        record.epoch = operation.epoch
        scopes[operation.scope] = record
        sealingKeys[.scope(operation.scope)] = SealingKeyRecord(operation.sealingKey)
        return [.scope(operation.scope)]
    }

    func apply(_ operation: CloseScope) throws(Refusal) -> [Subject] {
        guard var record = scopes[operation.scope] else { throw .unknownScope }
        guard record.closed == nil else { throw .scopeClosed }
        record.closed = block.height
        scopes[operation.scope] = record
        return [.scope(operation.scope), .organization(record.sponsor)]
    }

    /// Whether the scope exists and takes documents, grants and requests.
    func checkOpen(_ scope: ScopeID) throws(Refusal) {
        guard let record = scopes[scope] else { throw .unknownScope }
        guard record.closed == nil else { throw .scopeClosed }
    }
}
