internal import API
internal import Codec
public import Cryptography
public import Ledger

/// That somebody asked to open documents, whether or not they were let: what a patient sees of it.
public struct Disclosure: Hashable, Sendable {
    /// When, and what came of it.
    public let entry: HistoryEntry
    /// What was asked for.
    public let request: AccessAttempt

    /// Whether the documents could be opened.
    public var isApplied: Bool { entry.outcome == .applied && request.opensDocuments }
}

extension Sequence<LedgerEvent> {
    /// The requests for access among the events, declared emergencies included.
    public var disclosures: [Disclosure] {
        compactMap { event in
            guard let request = event.operation.accessAttempt else { return nil }
            return Disclosure(entry: event.entry, request: request)
        }
    }

    /// The grants that were given, oldest first.
    public var grants: [GrantConsent] {
        compactMap { event in
            guard event.isApplied, case .grantConsent(let operation) = event.operation else { return nil }
            return operation
        }
    }

    /// The documents that were committed, messages among them, oldest first.
    public var documents: [CommittedDocument] { compactMap { $0.isApplied ? $0.operation.committed : nil } }

    /// The organisations that may add documents after all of these events, in the order of their identifiers.
    public var authors: [OrganizationID] {
        var authors: Set<OrganizationID> = []
        for event in self where event.isApplied {
            switch event.operation {
            case .authorizeAuthor(let operation): authors.insert(operation.organization)
            case .withdrawAuthor(let operation): authors.remove(operation.organization)
            default: break
            }
        }
        return authors.sorted()
    }

    /// The epoch in which each organisation that may add documents was last authorised.
    public var authorEpochs: [OrganizationID: UInt64] {
        var epochs: [OrganizationID: UInt64] = [:]
        for event in self where event.isApplied {
            switch event.operation {
            case .authorizeAuthor(let operation): epochs[operation.organization] = operation.epoch
            case .withdrawAuthor(let operation): epochs[operation.organization] = nil
            default: break
            }
        }
        return epochs
    }

    /// The staff whom an organisation registered and has not ended, in the order of registration.
    public var staff: [RegisterStaff] {
        var staff: [RegisterStaff] = []
        for event in self where event.isApplied {
            switch event.operation {
            case .registerStaff(let operation): staff.append(operation)
            case .endStaff(let operation): staff.removeAll { $0.staff == operation.staff }
            default: break
            }
        }
        return staff
    }
}

extension ConsentKeeper {
    /// Everything that happened to a scope: what its documents, authors, grants and disclosures are read from.
    public func events(of scope: ScopeKeys) async throws -> [LedgerEvent] {
        try await ledger.events(of: .scope(scope.id), signedBy: scope.signing)
    }

    /// The grants of a scope as they are now, oldest first.
    public func grants(of scope: ScopeKeys) async throws -> [(id: GrantID, record: GrantRecord)] {
        var grants: [(id: GrantID, record: GrantRecord)] = []
        for operation in try await events(of: scope).grants {
            guard let record = try await record(of: operation.grant, in: scope) else { continue }
            grants.append((operation.grant, record))
        }
        return grants
    }

    /// Whom staff identifiers stand for: pseudonym, role and employer, as their employer registered them.
    public func staff(_ ids: some Sequence<StaffID>, signedBy key: SigningKey) async throws -> [StaffID: StaffRecord] {
        var found: [StaffID: StaffRecord] = [:]
        for id in Set(ids) {
            found[id] = try await ledger.record(id, at: .readSubject(.staff(id)), signedBy: key)
        }
        return found
    }
}

extension AccessKeeper {
    /// The grants to this member of staff that have not been revoked. Those to their organisation stand in its history,
    /// which is not theirs to read: they are told the identifier.
    public func grants() async throws -> [(id: GrantID, record: GrantRecord)] {
        let operations = try await ledger.events(of: .staff(staff), signedBy: keys.device).grants
        var grants: [(id: GrantID, record: GrantRecord)] = []
        for operation in operations {
            let record: GrantRecord? = try await ledger.record(
                operation.grant, at: .readSubject(.grant(operation.grant)), signedBy: keys.device)
            if let record, record.revoked == nil { grants.append((operation.grant, record)) }
        }
        return grants
    }

    /// The documents of a scope of which something is granted, oldest first.
    public func documents(in scope: ScopeID) async throws -> [CommittedDocument] {
        try await ledger.events(of: .scope(scope), signedBy: keys.device).documents
    }

    /// What this member of staff has asked for, oldest first.
    public func requests() async throws -> [Disclosure] {
        try await ledger.events(of: .staff(staff), signedBy: keys.device).disclosures
    }
}
