import Codec
import Cryptography
import Ledger
import Testing

/// Grants whose fragments are given on to other validators.
extension Story {
    static let newcomer = Seeded.signing("candidate newcomer")
    static var newcomerID: ValidatorID { ValidatorID(consensusKey: newcomer.publicKey) }

    /// The keys of the validators of the changed set that stay, and of the one that came.
    static func validatorKey(_ id: ValidatorID) throws -> SigningKey {
        try #require((Cast.validatorKeys + [newcomer]).first { ValidatorID(consensusKey: $0.publicKey) == id })
    }

    /// Puts a newcomer in a validator's place.
    func replaceValidator(_ index: Int = 2) throws {
        let candidate = Governance.candidate("newcomer", key: Self.newcomer, on: ledger.chain)
        #expect(
            try Governance.decide(.replaceValidator(Cast.validators[index], candidate), in: ledger) == .applied)
    }

    /// The fourth validator takes its fragment in as well.
    func acknowledgeAll() throws {
        #expect(try ledger.run(Self.acknowledgement(of: grant, by: 3), by: [Cast.validatorKeys[3]]) == [.applied])
    }

    /// A dealing of the share that a validator has of a grant; nobody here holds what is behind the commitments.
    func dealing(
        by dealer: ValidatorID, round: UInt64 = 1, of other: GrantConsent? = nil,
        change: (inout [Point]) -> Void = { _ in }
    ) throws -> ReshareGrant {
        let id = (other ?? grant).grant
        let fragments: GrantFragmentsRecord = try #require(ledger.record(id))
        let first = fragments.share(of: dealer)?.commitment ?? Self.point("nothing")
        var points = [first] + (1..<ledger.validatorSet.quorum).map { Self.point("\(dealer) \(round) \($0)") }
        change(&points)
        return ReshareGrant(
            grant: id, round: round, set: ledger.validatorSet.hash, dealer: dealer,
            commitments: try #require(ResharingCommitments(points)))
    }

    static func point(_ name: String) -> Point { Point(Seeded.signing("point \(name)").publicKey) }

    @discardableResult
    func deal(_ indexes: [Int], round: UInt64 = 1) throws -> [Outcome] {
        try indexes.map { index in
            let dealing = try dealing(by: Cast.validators[index], round: round)
            return try ledger.run(.reshareGrant(dealing), by: [Cast.validatorKeys[index]])[0]
        }
    }

    @discardableResult
    func answer(_ validator: ValidatorID, round: UInt64 = 1, failed: ValidatorID? = nil) throws -> Outcome {
        let answer = AnswerResharing(grant: grant.grant, round: round, validator: validator, failed: failed)
        return try ledger.run(.answerResharing(answer), by: [try Self.validatorKey(validator)])[0]
    }

    /// What a validator may deal.
    func dealable() throws -> ReshareGrant {
        try acknowledgeAll()
        try replaceValidator()
        return try dealing(by: Cast.validators[3])
    }

    /// What a validator may answer in a round that is settled.
    func answerable() throws -> AnswerResharing {
        try replaceValidator()
        try deal([0, 1, 2])
        return AnswerResharing(grant: grant.grant, round: 1, validator: Cast.validators[3])
    }

    /// Gives the grant on to the changed set, whose every member but one holds its share then.
    func reshare() throws {
        _ = try answerable()
        for validator in [Cast.validators[3], Self.newcomerID, Cast.validators[0]] { try answer(validator) }
    }

    private static let many = (0...16).map { Self.grant("many \($0)", from: Cast.start) }

    /// A transaction that settles as many rounds as one block may.
    func rest(before last: ReshareGrant) throws -> Transaction {
        let others = try Self.many.filter { $0.grant != last.grant }.map { grant in
            Operation.reshareGrant(try dealing(by: last.dealer, of: grant))
        }
        return ledger.transaction(others, by: [try Self.validatorKey(last.dealer)])
    }

    /// One dealing more that would settle a round than one block may settle.
    func lastOfMany() throws -> ReshareGrant {
        let grants = Self.many
        func run(_ operations: [Operation], by keys: [SigningKey]) throws {
            let outcomes = try ledger.commit([ledger.transaction(operations, by: keys)]).receipts[0].outcomes
            #expect(outcomes.allSatisfy { $0 == .applied })
        }
        try run(grants.map { .grantConsent($0) }, by: [Cast.scope.key])
        for index in 0..<3 {
            try run(grants.map { Self.acknowledgement(of: $0, by: index) }, by: [Cast.validatorKeys[index]])
        }
        try replaceValidator()
        for index in 0..<2 {
            try run(
                try grants.map { .reshareGrant(try dealing(by: Cast.validators[index], of: $0)) },
                by: [Cast.validatorKeys[index]])
        }
        return try dealing(by: Cast.validators[2], of: grants[16])
    }
}
