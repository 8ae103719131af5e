import API
import Codec
import Consensus
import Cryptography
import Ledger
import Testing

@Suite("TrustAnchor: from the genesis file through the epochs")
struct EpochBoundaryTests {
    private static let keys = (1...8).map { number in
        guard let key = SigningKey(SecretBytes(copying: [UInt8](repeating: UInt8(number), count: 32))) else {
            preconditionFailure("a small number is a key")
        }
        return key
    }

    private let genesis: Genesis

    init() throws {
        guard let sealing = SealingPublicKey([UInt8](repeating: 0, count: SealingPublicKey.length)) else {
            preconditionFailure("zeros have the shape of a sealing key")
        }
        let hospital = Genesis.Organization(
            name: "Hospital", signingKeys: [Self.keys[7].publicKey], threshold: 1,
            receivingKey: Self.keys[7].publicKey, sealingKey: sealing, roles: [.clinician])
        genesis = try Genesis(
            name: "Consortium", time: Timestamp(rawValue: 1), parameters: Genesis.Parameters(),
            organizations: [hospital],
            validators: Self.keys.prefix(4).enumerated().map { place, key in
                Genesis.Validator(
                    organization: hospital.id, consensusKey: key.publicKey, certificate: [1], sealingKey: sealing,
                    peerAddress: "v\(place).example:1", apiURL: "https://v\(place).example:2")
            }, auditors: [])
    }

    private func set(_ keys: some Sequence<SigningKey>) -> ValidatorSetRecord {
        ValidatorSetRecord(keys: keys.map { KeyID($0.publicKey) })
    }

    private func header(
        height: UInt64, epoch: UInt64, by old: ValidatorSetRecord, next: ValidatorSetRecord
    ) -> BlockHeader {
        var header = TrustAnchor.header(of: genesis)
        header.height = Height(rawValue: height)
        header.epoch = epoch
        header.validatorsHash = old.hash
        header.nextValidatorsHash = next.hash
        return header
    }

    private func finalization(of header: BlockHeader, by keys: [SigningKey], epoch: UInt64? = nil) throws -> Certificate
    {
        let block = BlockReference(
            hash: header.hash.digest, parent: header.parent.digest, height: header.height)
        let proposal = try #require(
            Proposal(
                epoch: Epoch(rawValue: epoch ?? header.epoch), view: View(rawValue: 9), parentView: View(rawValue: 8),
                block: block))
        let statement = Statement.finalize(proposal)
        return Certificate(
            statement: statement,
            votes: keys.enumerated().map { place, key in
                Vote(
                    statement: statement, signer: ValidatorIndex(rawValue: place),
                    signature: key.sign(digest: statement.digest(chain: genesis.chain.digest)))
            })
    }

    private var first: [SigningKey] { Array(Self.keys.prefix(4)) }
    private var second: [SigningKey] { Array(Self.keys.prefix(5)) }
    private var third: [SigningKey] { Array(Self.keys.dropFirst().prefix(4)) }

    private func boundary(height: UInt64, epoch: UInt64, _ old: [SigningKey], _ next: [SigningKey]) throws
        -> EpochBoundary
    {
        let header = header(height: height, epoch: epoch, by: set(old), next: set(next))
        return EpochBoundary(header: header, certificate: try finalization(of: header, by: old), validators: set(next))
    }

    @Test func `a block of a later epoch is believed after the boundaries, and of none before`() throws {
        let boundaries = [
            try boundary(height: 10, epoch: 0, first, second), try boundary(height: 20, epoch: 1, second, third),
        ]
        let header = header(height: 30, epoch: 2, by: set(third), next: set(third))
        let proof = FinalityProof(header: header, certificate: try finalization(of: header, by: third))
        var trust = TrustAnchor(genesis)
        #expect(throws: ProofFailure.unknownEpoch(2)) { try proof.verify(trust) }
        for boundary in boundaries { try trust.follow(boundary) }
        try proof.verify(trust)
        #expect(trust.epoch == 2 && trust.validators.keys == third.map(\.publicKey))
        // The old set's word counts for its own blocks, before and after.
        let old = self.header(height: 5, epoch: 0, by: set(first), next: set(first))
        try FinalityProof(header: old, certificate: try finalization(of: old, by: first)).verify(trust)
    }

    @Test func `validators of one epoch decide nothing in another`() throws {
        let trust = try TrustAnchor(genesis, following: [try boundary(height: 10, epoch: 0, first, third)])
        let header = header(height: 30, epoch: 1, by: set(third), next: set(third))
        let proof = FinalityProof(header: header, certificate: try finalization(of: header, by: first))
        #expect(throws: ProofFailure.self) { try proof.verify(trust) }
        let lie = self.header(height: 30, epoch: 1, by: set(first), next: set(first))
        let forged = FinalityProof(header: lie, certificate: try finalization(of: lie, by: first))
        #expect(throws: ProofFailure.wrongValidators) { try forged.verify(trust) }
        // A block that claims an epoch that was over at its height.
        let late = self.header(height: 9, epoch: 1, by: set(third), next: set(third))
        let early = FinalityProof(header: late, certificate: try finalization(of: late, by: third))
        #expect(throws: ProofFailure.wrongValidators) { try early.verify(trust) }
    }

    @Test func `a boundary that does not hold teaches nothing`() throws {
        let good = try boundary(height: 10, epoch: 0, first, second)
        let other = EpochBoundary(header: good.header, certificate: good.certificate, validators: set(third))
        let open = header(height: 10, epoch: 0, by: set(first), next: set(first))
        let closesNothing = EpochBoundary(
            header: open, certificate: try finalization(of: open, by: first), validators: set(first))
        let short = EpochBoundary(
            header: good.header, certificate: try finalization(of: good.header, by: Array(first.prefix(2))),
            validators: set(second))
        let stolen = EpochBoundary(
            header: good.header, certificate: try finalization(of: good.header, by: third), validators: set(second))
        let wrongEpoch = EpochBoundary(
            header: good.header, certificate: try finalization(of: good.header, by: first, epoch: 1),
            validators: set(second))
        let skipped = try boundary(height: 20, epoch: 1, second, third)
        for bad in [other, closesNothing, short, stolen, wrongEpoch, skipped] {
            var trust = TrustAnchor(genesis)
            #expect(throws: ProofFailure.self) { try trust.follow(bad) }
            #expect(trust == TrustAnchor(genesis))
        }
        var trust = TrustAnchor(genesis)
        try trust.follow(good)
        #expect(throws: ProofFailure.self) { try trust.follow(good) }
    }

    @Test func `boundaries decode to themselves, and one more than an answer holds is refused`() throws {
        let boundary = try boundary(height: 10, epoch: 0, first, second)
        let reply = EpochsReply(boundaries: Array(repeating: boundary, count: EpochsReply.maximumCount))
        #expect(try EpochsReply(decoding: reply.encoded) == reply)
        let long = EpochsReply(boundaries: Array(repeating: boundary, count: EpochsReply.maximumCount + 1))
        #expect(throws: DecodingFailure.self) { try EpochsReply(decoding: long.encoded) }
    }
}
