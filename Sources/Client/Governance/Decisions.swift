internal import API
internal import Codec
public import Cryptography
public import Ledger

/// A change with what has become of it.
public struct Decision: Hashable, Sendable {
    /// The proposal.
    public let id: ChangeID
    /// What the chain knows of it.
    public let record: ChangeRecord
    /// The organisations that count now.
    public let members: [OrganizationID]

    /// Who has approved it and counts.
    public var approvals: [OrganizationID] { record.approvals.filter(members.contains) }
    /// How many have to: more than two thirds.
    public var needed: Int { members.count * 2 / 3 + 1 }
}

extension LedgerClient {
    /// The changes that are put to the vote, oldest first.
    ///
    /// - Parameter key: Signs the requests.
    public func openChanges(signedBy key: SigningKey) async throws(ClientFailure) -> [Decision] {
        let state = try await state(.listChanges, signedBy: key)
        do throws(ProofFailure) {
            let members = try Self.members(of: state)
            var decisions: [Decision] = []
            for id in try state.record(.only, as: DocketRecord.self)?.changes ?? [] {
                // A node names the newest; one that it leaves out is no lie about the others.
                guard let leaf = try? state.record(id, as: ChangeRecord.self) else { continue }
                decisions.append(Decision(id: id, record: leaf, members: members))
            }
            return decisions
        } catch { throw .proof(error, node: "the node") }
    }

    /// A change that was proposed; nothing when there is none.
    public func decision(
        on change: ChangeID, signedBy key: SigningKey
    ) async throws(ClientFailure) -> Decision? {
        let state = try await state(.readChange(change), signedBy: key)
        do throws(ProofFailure) {
            guard let record = try state.record(change, as: ChangeRecord.self) else { return nil }
            return Decision(id: change, record: record, members: try Self.members(of: state))
        } catch { throw .proof(error, node: "the node") }
    }

    private static func members(of state: VerifiedState) throws(ProofFailure) -> [OrganizationID] {
        guard let record = try state.record(.only, as: ConsortiumRecord.self) else { throw .missingLeaf }
        return record.organizations
    }
}

extension OrganizationDesk {
    /// The transaction that puts a change to the vote, signed with this home's keys: submit it, or pass it on where the
    /// organisation's threshold asks for more.
    public func prepareProposal(
        _ change: Change, expires: Timestamp
    ) async throws -> (id: ChangeID, transaction: Transaction) {
        let proposal = ProposeChange(organization: organization, change: change, expires: expires)
        let transaction = try await ledger.prepare(
            [.proposeChange(proposal)], signedBy: keys.signing, validFor: LedgerClient.travellingValidity)
        return (proposal.id, transaction)
    }

    /// The transaction that approves a change.
    public func prepareApproval(of change: ChangeID) async throws -> Transaction {
        try await ledger.prepare(
            [.approveChange(ApproveChange(change: change, organization: organization))], signedBy: keys.signing,
            validFor: LedgerClient.travellingValidity)
    }
}
