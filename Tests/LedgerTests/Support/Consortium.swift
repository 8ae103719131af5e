import Codec
import Cryptography
import Ledger

/// What the organisations decide together, for tests.
enum Governance {
    static let west = Hospital("West Hospital", keys: 2, threshold: 1)

    /// A validator that may join, with its own key's word for it.
    static func candidate(
        _ name: String, of organization: OrganizationID = Cast.southID, key: SigningKey? = nil, on chain: ChainID,
        change: (inout Genesis.Validator) -> Void = { _ in }
    ) -> ValidatorCandidate {
        let key = key ?? Seeded.signing("candidate \(name)")
        var entry = Genesis.Validator(
            organization: organization, consensusKey: key.publicKey, certificate: Array("certificate of \(name)".utf8),
            sealingKey: sealing, peerAddress: "\(name).example:7001", apiURL: "https://\(name).example:7002")
        change(&entry)
        return ValidatorCandidate(entry, signedBy: key, on: chain)
    }

    private static let sealing = Seeded.sealing("candidate")

    static func proposal(
        _ change: Change, by organization: OrganizationID = Cast.northID, in ledger: TestLedger,
        for milliseconds: UInt64 = 86_400_000
    ) -> ProposeChange {
        ProposeChange(
            organization: organization, change: change,
            expires: ledger.block.time.advanced(byMilliseconds: milliseconds))
    }

    static func approval(_ proposal: ProposeChange, by organization: OrganizationID = Cast.southID) -> Operation {
        .approveChange(ApproveChange(change: proposal.id, organization: organization))
    }

    /// Puts a change to the vote by North.
    @discardableResult
    static func propose(_ change: Change, in ledger: TestLedger) throws -> ProposeChange {
        let proposal = proposal(change, in: ledger)
        try ledger.run(.proposeChange(proposal), by: Cast.north.signers)
        return proposal
    }

    /// Makes a change by both hospitals; tells what came of the second approval.
    @discardableResult
    static func decide(_ change: Change, in ledger: TestLedger) throws -> Outcome {
        let proposal = try propose(change, in: ledger)
        return try ledger.run(approval(proposal), by: Cast.south.signers)[0]
    }

    /// A statement of consensus about `view`, as validators sign it.
    static func statement(
        _ kind: UInt64, view: UInt64 = 7, epoch: UInt64 = 0, block: String = "block"
    ) -> ConsensusStatement {
        var writer = CBORWriter()
        writer.beginArray(2)
        writer.write(kind)
        writer.beginArray(kind == 2 ? 2 : 4)
        writer.write(epoch)
        writer.write(view)
        if kind != 2 {
            writer.write(view - 1)
            writer.beginArray(3)
            writer.write(Seeded.digest(block))
            writer.write(Seeded.digest("parent"))
            writer.write(Height(rawValue: 5))
        }
        do { return try ConsensusStatement(decoding: writer.bytes) } catch {
            preconditionFailure("a statement decodes: \(error)")
        }
    }

    static func signed(
        _ statement: ConsensusStatement, by key: SigningKey = Cast.validatorKeys[3], on chain: ChainID
    ) -> ReportEvidence.Signed {
        var writer = CBORWriter()
        writer.beginArray(2)
        writer.write(chain)
        writer.write(encoded: statement.bytes)
        return .init(statement, key.sign(writer.bytes, in: Domain("consensus-vote")))
    }

    /// That the last validator gave a view up and made a block of it final.
    static func evidence(on chain: ChainID, key: SigningKey = Cast.validatorKeys[3], view: UInt64 = 7) -> ReportEvidence
    {
        let evidence = ReportEvidence(
            key: key.publicKey, signed(statement(3, view: view), by: key, on: chain),
            signed(statement(2, view: view), by: key, on: chain))
        guard let evidence else { preconditionFailure("the two exclude each other") }
        return evidence
    }
}
