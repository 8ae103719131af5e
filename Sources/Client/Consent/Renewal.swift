public import Ledger
internal import API
internal import Cryptography

/// A grant that was made anew for the present validators.
public struct Renewal: Hashable, Sendable {
    /// The grant that ends.
    public let old: GrantID
    /// What takes its place.
    public let status: GrantStatus
    /// Whether the old grant was taken back: not before the new one can be used.
    public let isOldRevoked: Bool
}

extension ConsentKeeper {
    /// Whom a grant gave a fragment, in order.
    func holders(of grant: GrantID, in scope: ScopeKeys) async throws -> [ValidatorID] {
        let record: GrantFragmentsRecord? = try await ledger.record(
            grant, at: .readSubject(.grant(grant)), signedBy: scope.signing)
        guard let record else { throw WalletFailure.unknown("grant \(grant)") }
        return record.validators
    }

    /// Makes every usable grant of a scope anew whose fragments are not with the present validators, in the same words,
    /// and takes the old one back once the new one can be used. A renewal that was cut off goes on: no third grant is made.
    ///
    /// The old grants stay usable meanwhile as long as enough holders of their fragments remain, so that nobody waits for
    /// the patient.
    public func redistribute(_ scope: ScopeKeys, now: Timestamp, only: GrantID? = nil) async throws -> [Renewal] {
        let current = try await ledger.validators().map(\.id)
        let usable = try await grants(of: scope).filter { _, record in
            // A grant of an epoch of the scope that has ended stays as it is: its keys are not given out again.
            record.revoked == nil && record.notAfter > now && record.epoch == scope.name.epoch
        }
        var renewals: [Renewal] = []
        for (id, record) in usable where only.map({ $0 == id }) ?? true {
            guard try await holders(of: id, in: scope) != current else { continue }
            let window = try await window(of: id, in: scope)
            let terms = GrantTerms(
                to: record.grantee, for: record.purposes, roles: record.roles, notBefore: record.notBefore,
                notAfter: record.notAfter, documentsPerDay: record.documentsPerDay, flags: record.flags,
                documentsFrom: window?.from, documentsUntil: window?.until)
            let status: GrantStatus
            if let begun = try await renewal(of: terms, among: usable, in: scope, heldBy: current) {
                status = try await deliver(begun, of: scope)
            } else {
                status = try await grant(terms, of: scope)
            }
            let isUsable = status.record.acknowledged.count >= status.record.threshold
            if isUsable { try await revoke(id, of: scope) }
            renewals.append(Renewal(old: id, status: status, isOldRevoked: isUsable))
        }
        return renewals
    }

    /// A grant in the same words whose fragments are meant for the present validators.
    private func renewal(
        of terms: GrantTerms, among grants: [(id: GrantID, record: GrantRecord)], in scope: ScopeKeys,
        heldBy current: [ValidatorID]
    ) async throws -> GrantID? {
        for (id, record) in grants
        where record.grantee == terms.grantee && record.purposes == terms.purposes && record.roles == terms.roles
            && record.notBefore == terms.notBefore && record.notAfter == terms.notAfter
            && record.documentsPerDay == terms.documentsPerDay && record.flags == terms.flags
        {
            let window = try await window(of: id, in: scope)
            guard window?.from == terms.documentsFrom, window?.until == terms.documentsUntil,
                try await holders(of: id, in: scope) == current
            else { continue }
            return id
        }
        return nil
    }
}
