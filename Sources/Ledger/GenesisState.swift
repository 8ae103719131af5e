internal import Codec

extension Genesis {
    /// The state that the chain begins with, ascending by key. Nothing in it has a history yet.
    public var initialState: [StateChange] {
        var changes = [
            change(ParametersRecord(chain: chain, limits: parameters), .only),
            change(validatorSet, .only),
            change(ConsortiumRecord(organizations: organizations.map(\.id), auditors: auditors.map(\.id)), .only),
        ]
        for entry in organizations {
            let id = entry.id
            changes.append(change(OrganizationRecord(entry), id))
            changes.append(change(SealingKeyRecord(entry.sealingKey), .organization(id)))
            changes += entry.signingKeys.map { change(KeyHolder.organization(id), KeyID($0)) }
        }
        for entry in validators {
            changes.append(change(ValidatorRecord(entry), entry.id))
            changes.append(change(ValidatorCardRecord(entry), entry.id))
            changes.append(change(KeyHolder.validator(entry.id), KeyID(entry.consensusKey)))
        }
        for entry in auditors {
            changes.append(change(AuditorRecord(entry), entry.id))
            changes.append(change(KeyHolder.auditor(entry.id), KeyID(entry.key)))
        }
        return changes.sorted { $0.key < $1.key }
    }

    private func change<Record: StateRecord>(_ record: Record, _ id: Record.ID) -> StateChange {
        StateChange(key: Record.key(id), value: Leaf(record).encoded)
    }
}
