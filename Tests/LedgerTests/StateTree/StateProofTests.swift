import Codec
import Cryptography
import Ledger
import Testing

@Suite("State tree: proofs")
struct StateProofTests {
    private let table: NodeTable
    private let keys: [StateKey]

    init() {
        var table = NodeTable()
        let keys = (0..<300).map { StateKey(.sha256([UInt8($0 & 255), UInt8($0 >> 8)])) }
        table.apply(Dictionary(uniqueKeysWithValues: keys.map { ($0, $0.digest.bytes + [1, 2, 3]) }), height: 1)
        self.table = table
        self.keys = keys
    }

    /// Every bit of the encoding flipped, one at a time: each is refused by the decoder or by the root.
    private func expectEveryFlipRefused(_ proof: StateProof, for key: StateKey) {
        let bytes = proof.encoded
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            let isAccepted = (try? StateProof(decoding: flipped).verify(root: table.root.hash, key: key)) != nil
            #expect(!isAccepted, "bit \(bit)")
        }
    }

    @Test func `every flipped bit of a proof of a value is refused`() throws {
        for key in keys.prefix(4) {
            let proof = try StateTree.proof(of: key, at: table.root, in: table)
            guard case .value = proof.end else { throw Unexpected() }
            expectEveryFlipRefused(proof, for: key)
        }
    }

    @Test func `every flipped bit of a proof of absence is refused`() throws {
        var ends = (nothing: 0, other: 0)
        for number in 0..<40 where ends.nothing < 2 || ends.other < 2 {
            let key = StateKey(.sha256([7, 7, UInt8(number)]))
            let proof = try StateTree.proof(of: key, at: table.root, in: table)
            switch proof.end {
            case .nothing: ends.nothing += 1
            case .other: ends.other += 1
            case .value: throw Unexpected()
            }
            expectEveryFlipRefused(proof, for: key)
        }
        #expect(ends.nothing >= 2 && ends.other >= 2)
    }

    @Test func `a proof of one key proves nothing of another`() throws {
        let proof = try StateTree.proof(of: keys[0], at: table.root, in: table)
        #expect(throws: StateProofFailure.wrongRoot) { try proof.verify(root: table.root.hash, key: keys[1]) }
    }

    @Test func `a leaf that is there cannot be shown as another key's neighbour to prove itself absent`() throws {
        let proof = try StateTree.proof(of: keys[0], at: table.root, in: table)
        guard case .value(let value) = proof.end else { throw Unexpected() }
        let valueHash = Digest.hash(value, in: Domain("state-value"))
        let forged = StateProof(siblings: proof.siblings, end: .other(key: keys[0], valueHash: valueHash))
        #expect(throws: StateProofFailure.unrelatedLeaf) { try forged.verify(root: table.root.hash, key: keys[0]) }
        #expect(throws: StateProofFailure.unrelatedLeaf) { try forged.verify(root: table.root.hash, key: keys[1]) }
    }

    @Test func `the empty state proves every absence and nothing else`() throws {
        let proof = try StateTree.proof(of: keys[0], at: .empty, in: NodeTable())
        #expect(try proof.verify(root: .zero, key: keys[0]) == nil)
        #expect(throws: StateProofFailure.wrongRoot) { try proof.verify(root: table.root.hash, key: keys[0]) }
    }

    @Test func `257 levels, an unneeded zero sibling and an oversized value are refused before they are used`() {
        var deep = CBORWriter()
        deep.beginArray(4)
        deep.write(257)
        #expect(throws: DecodingFailure.outOfRange(offset: 1)) { try StateProof(decoding: deep.bytes) }

        var zero = CBORWriter()
        zero.beginArray(4)
        zero.write(1)
        zero.write(bytes: [0x80])
        zero.write(bytes: [UInt8](repeating: 0, count: 32))
        zero.write(StateProof.End.nothing)
        #expect(throws: DecodingFailure.invalid(field: "sibling")) { try StateProof(decoding: zero.bytes) }

        let large = StateProof(
            siblings: [], end: .value([UInt8](repeating: 0, count: StateProof.maximumValueLength + 1)))
        #expect(throws: DecodingFailure.self) { try StateProof(decoding: large.encoded) }
    }

    private struct Unexpected: Error {}
}
