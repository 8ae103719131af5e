import Client
import Cryptography
import Ledger
import Testing

@Suite("Who holds a grant's fragments after they were shared out anew")
struct RoundHoldersTests {
    private let grant = GrantID(.sha256([1]))
    private let validators = (0..<4).map { ValidatorID(.sha256([UInt8($0)])) }

    private func dealing(_ round: UInt64) throws -> ReshareGrant {
        let points = (0..<3).map { _ in Point(SigningKey.random().publicKey) }
        return ReshareGrant(
            grant: grant, round: round, set: .zero, dealer: validators[0],
            commitments: try #require(ResharingCommitments(points)))
    }

    private func answer(_ index: Int, _ round: UInt64, failed: ValidatorID? = nil) -> AnswerResharing {
        AnswerResharing(grant: grant, round: round, validator: validators[index], failed: failed)
    }

    @Test func `the old holders hold them until as many as open a document have the new ones`() throws {
        var holders = RoundHolders()
        for _ in 0..<3 { holders.begin(try dealing(1)) }
        #expect(holders.add(answer(0, 1)) == nil)
        #expect(holders.add(answer(1, 1)) == nil)
        #expect(holders.add(answer(2, 1)) == Array(validators[0..<3]))
        #expect(holders.add(answer(3, 1)) == validators, "who comes later holds one as well")
    }

    @Test func `a word against a dealer makes nobody a holder, and who held a share of that round starts again`() throws
    {
        var holders = RoundHolders()
        holders.begin(try dealing(1))
        #expect(holders.add(answer(0, 1)) == nil)
        #expect(holders.add(answer(1, 1)) == nil)
        #expect(holders.add(answer(2, 1, failed: validators[3])) == nil)
        holders.begin(try dealing(2))
        for index in 0..<2 { #expect(holders.add(answer(index, 2)) == nil) }
        #expect(holders.add(answer(3, 2)) == [validators[0], validators[1], validators[3]])
    }
}
