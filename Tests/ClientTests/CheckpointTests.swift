import API
import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Checkpoints: format and cosignatures")
struct CheckpointTests {
    private static func digest(_ byte: UInt8) throws -> Digest {
        try #require(Digest([UInt8](repeating: byte, count: 32)))
    }

    private static func key(_ byte: UInt8) throws -> SigningKey {
        try #require(SigningKey(SecretBytes(copying: [UInt8](repeating: byte, count: 32))))
    }

    private static func header() throws -> BlockHeader {
        BlockHeader(
            chain: ChainID(try digest(1)), height: Height(rawValue: 1000), epoch: 0,
            time: Timestamp(rawValue: 1_790_000_000_000), parent: BlockHash(try digest(2)), ancestryRoot: try digest(3),
            transactionsRoot: try digest(4), receiptsRoot: try digest(5), stateRoot: try digest(6),
            validatorsHash: try digest(7), nextValidatorsHash: try digest(7), proposer: 3)
    }

    private static func checkpoint() throws -> Checkpoint {
        var checkpoint = Checkpoint(FinalityProof(header: try header(), certificate: nil))
        checkpoint.cosign(at: Timestamp(rawValue: 1_790_000_001_234), with: try key(9))
        return checkpoint
    }

    @Test func `the format is locked, by an implementation that is not ours`() throws {
        let encoded = try Self.checkpoint().encoded
        #expect(encoded.count == 406)
        #expect(
            Digest.sha256(encoded).hex == "2e890f13910045796a3a9db268bda5a4ca176157c70bb7eff698c12618f53894")
        #expect(try Checkpoint(decoding: encoded) == Self.checkpoint())
    }

    @Test func `cosigners ascend, and who signs again replaces their word`() throws {
        var checkpoint = try Self.checkpoint()
        for byte in UInt8(10)..<14 { checkpoint.cosign(at: Timestamp(rawValue: 5), with: try Self.key(byte)) }
        checkpoint.cosign(at: Timestamp(rawValue: 6), with: try Self.key(9))
        #expect(checkpoint.cosignatures.count == 5)
        #expect(checkpoint.cosignatures.map(\.key) == checkpoint.cosignatures.map(\.key).sorted())
        let own = try Self.key(9).publicKey
        #expect(checkpoint.cosignatures.first { $0.key == own }?.time == Timestamp(rawValue: 6))
        #expect(try Checkpoint(decoding: checkpoint.encoded) == checkpoint)
    }

    @Test func `65 cosignatures are one too many, and none may stand twice or out of order`() throws {
        let one = try Self.checkpoint()
        let cosignature = try #require(one.cosignatures.first)
        func encoded(_ cosignatures: [Checkpoint.Cosignature]) -> [UInt8] {
            var writer = CBORWriter()
            writer.beginArray(4)
            writer.write(UInt64(1))
            writer.beginArray(0)
            writer.write(one.proof)
            writer.write(array: cosignatures)
            return writer.bytes
        }
        #expect(throws: DecodingFailure.invalid(field: "cosignatures")) {
            try Checkpoint(decoding: encoded([cosignature, cosignature]))
        }
        #expect(throws: DecodingFailure.self) {
            try Checkpoint(decoding: encoded(Array(repeating: cosignature, count: 65)))
        }
        #expect(throws: DecodingFailure.trailingBytes(count: 1)) { try Checkpoint(decoding: one.encoded + [0]) }
    }
}
