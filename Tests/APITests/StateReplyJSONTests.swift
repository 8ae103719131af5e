import API
import Codec
import Cryptography
import Ledger
import Testing

@Suite("API: records as JSON")
struct StateReplyJSONTests {
    private static let id = [UInt8](repeating: 7, count: 32)
    private static let key = StateKey(.staff, id)

    /// An answer about one leaf, of a state with this root.
    private func reply(_ end: StateProof.End, under root: Digest) throws -> StateReply {
        let zero = Digest.zero
        let header = BlockHeader(
            chain: ChainID(zero), height: Height(rawValue: 3), epoch: 0, time: Timestamp(rawValue: 5),
            parent: BlockHash(zero), ancestryRoot: zero, transactionsRoot: zero, receiptsRoot: zero, stateRoot: root,
            validatorsHash: zero, nextValidatorsHash: zero, proposer: 0)
        let proof = StateProof(siblings: [], end: end)
        return StateReply(
            finality: FinalityProof(header: header, certificate: nil),
            leaves: [StateReply.ProvedLeaf(kind: .staff, id: Self.id, proof: proof)])
    }

    /// The root of a state that holds one leaf alone.
    private func root(of value: [UInt8]) -> Digest {
        .hash(
            Self.key.digest.bytes + Digest.hash(value, in: Domain("state-value")).bytes, in: Domain("state-leaf"))
    }

    private static let leaf: [UInt8] = [0x83, 0x82, 0x01, 0x02, 0x04, 0x40]

    @Test func `what is proved is shown, and null is what is proved not to be there`() throws {
        let shown = try reply(.value(Self.leaf), under: root(of: Self.leaf)).json
        guard case .array(let records)? = shown["records"] else { throw DecodingFailure.invalid(field: "records") }
        #expect(records.map { $0["record"] } == [.array([1, 2])] && records.map { $0["historyEntries"] } == [4])
        let absent = try reply(.nothing, under: .zero).json
        guard case .array(let none)? = absent["records"] else { throw DecodingFailure.invalid(field: "records") }
        #expect(none.map { $0["record"] } == [.null])
    }

    @Test func `what is not proved, or is no leaf, is a failure and not null`() throws {
        let wrong = [
            try reply(.value(Self.leaf), under: .zero), try reply(.nothing, under: root(of: Self.leaf)),
            try reply(.value([0x80]), under: root(of: [0x80])),
        ]
        for reply in wrong {
            let failure = #expect(throws: Problem.self) { try reply.json }
            #expect(failure?.code == .internalFailure)
        }
    }
}
