import API
import Client
import Codec
import Consensus
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("Watching: after the validators and the auditors have changed", .timeLimit(.minutes(10)), .serialized)
struct WatchEpochTests {
    private static let latecomer = SigningKey.random()

    /// Five validators in their second epoch, and an auditor whom the genesis file does not name.
    private func withSecondEpoch(
        _ body: (TestConsortium, LedgerClient, WalletHome) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            let home = WalletHome(path: directory + "/audit")
            try home.prepare(consortium.genesis)
            let ledger = try LedgerClient(consortium.genesis, home: home, isStrict: true)
            let result: Result<Void, any Error>
            do {
                let candidate = try consortium.makeGuest(4)
                try await consortium.start(4)
                try await decide(.addValidator(candidate), consortium, ledger)
                try await decide(.appointAuditor(Self.auditor), consortium, ledger)
                while try await ledger.tip().epoch == 0 { _ = try await ledger.submit(consortium.registration()) }
                result = .success(try await body(consortium, ledger, home))
            } catch { result = .failure(error) }
            await ledger.shutDown()
            try? await consortium.stop(4)
            try? await consortium.stopAll()
            try result.get()
        }
    }

    private static let auditor = Genesis.Auditor(
        name: "latecomer", key: latecomer.publicKey, expires: Timestamp(rawValue: 4_000_000_000_000))

    private func decide(_ change: Change, _ consortium: TestConsortium, _ ledger: LedgerClient) async throws {
        try await ledger.apply(
            .proposeChange(consortium.proposal(change)), signedBy: [GenesisSample.hospitalKey])
    }

    /// A head of the second epoch with a certificate of its own.
    private func head(_ consortium: TestConsortium, _ ledger: LedgerClient) async throws -> FinalityProof {
        while true {
            _ = try await ledger.submit(consortium.registration())
            _ = try await ledger.tip()
            let proof = ledger.light.headProof
            if proof.certificate != nil, proof.anchor == nil, proof.header.epoch == 1 { return proof }
        }
    }

    @Test func `an auditor who was appointed later vouches for a head of a later epoch, until they are dismissed`()
        async throws
    {
        try await withSecondEpoch { consortium, ledger, home in
            let genesis = consortium.genesis
            let proof = try await head(consortium, ledger)
            await #expect(throws: ClientFailure.self) { try await ledger.appointment(of: .random()) }
            let appointment = try await ledger.appointment(of: Self.latecomer)
            var checkpoint = Checkpoint(proof, boundaries: ledger.light.boundaries)
            let time = Timestamp(rawValue: 7)
            checkpoint.cosign(at: time, with: Self.latecomer, as: appointment)
            let path = try CheckpointFile.write(checkpoint, to: home.path + "/published")
            #expect(try CheckpointFile.read(path, genesis) == checkpoint)
            // A wallet that knows nothing but the genesis file goes on from it.
            let wallet = try LedgerClient(genesis, checkpoint: checkpoint)
            let tip = try await wallet.tip()
            await wallet.shutDown()
            #expect(tip.height >= proof.header.height && wallet.light.trust.epoch == 1)

            // The key alone, or the way to the epoch missing, is not enough.
            var bare = Checkpoint(proof, boundaries: ledger.light.boundaries)
            bare.cosign(at: time, with: Self.latecomer)
            #expect(throws: CheckpointRefusal.unknownCosigner) { try bare.verify(TrustAnchor(genesis), known: []) }
            var lost = Checkpoint(proof)
            lost.cosign(at: time, with: Self.latecomer, as: appointment)
            #expect(throws: CheckpointRefusal.proof(.unknownEpoch(1))) {
                try lost.verify(TrustAnchor(genesis), known: [])
            }

            // Once dismissed, neither a new proof nor the old one helps with a head that came later.
            try await decide(.dismissAuditor(Self.auditor.id), consortium, ledger)
            await #expect(throws: ClientFailure.self) { try await ledger.appointment(of: Self.latecomer) }
            var later = try await head(consortium, ledger)
            // The appointment was shown at some block; a head above it is what it does not cover.
            while (try? vouch(appointment, covers: later, ledger)) != nil {
                later = try await head(consortium, ledger)
            }
            #expect(throws: CheckpointRefusal.proof(.wrongSubject)) {
                try vouch(appointment, covers: later, ledger)
            }
        }
    }

    @Test func `whom the genesis file names vouches for no head that came after their dismissal`() async throws {
        try await withSecondEpoch { consortium, ledger, _ in
            let genesis = consortium.genesis
            let appointment = try await ledger.appointment(of: GenesisSample.auditorKey)
            try await decide(.dismissAuditor(try #require(genesis.auditors.first).id), consortium, ledger)
            await #expect(throws: ClientFailure.self) { try await ledger.appointment(of: GenesisSample.auditorKey) }
            var head = try await head(consortium, ledger)
            while head.header.height <= appointment.height { head = try await self.head(consortium, ledger) }
            var checkpoint = Checkpoint(head, boundaries: ledger.light.boundaries)
            checkpoint.cosign(at: Timestamp(rawValue: 8), with: GenesisSample.auditorKey)
            #expect(throws: CheckpointRefusal.unknownCosigner) {
                try checkpoint.verify(TrustAnchor(genesis), known: [])
            }
            checkpoint.cosign(at: Timestamp(rawValue: 8), with: GenesisSample.auditorKey, as: appointment)
            #expect(throws: CheckpointRefusal.proof(.wrongSubject)) {
                try checkpoint.verify(TrustAnchor(genesis), known: [])
            }
            // Whoever trusts the key for reasons of their own says so.
            checkpoint.cosign(at: Timestamp(rawValue: 8), with: GenesisSample.auditorKey)
            try checkpoint.verify(TrustAnchor(genesis), known: [GenesisSample.auditorKey.publicKey])
        }
    }

    private func vouch(_ appointment: Appointment, covers proof: FinalityProof, _ ledger: LedgerClient) throws {
        var checkpoint = Checkpoint(proof, boundaries: ledger.light.boundaries)
        checkpoint.cosign(at: Timestamp(rawValue: 8), with: Self.latecomer, as: appointment)
        try checkpoint.verify(TrustAnchor(ledger.genesis), known: [])
    }

    @Test func `a fork in a later epoch is proved from the genesis file alone, and its guilty are named`() async throws
    {
        try await withSecondEpoch { consortium, ledger, home in
            let known = try await head(consortium, ledger)
            let lie = try forged(consortium, like: known)
            let file = home.evidenceDirectory + "/two-finals-\(known.header.height).cbor"
            #expect(throws: LightClient.Doubt.conflict(known.header.height, evidence: file)) {
                try ledger.light.accept(lie)
            }
            var reader = CBORReader(Array(try Data(contentsOf: URL(filePath: file))))
            try reader.readArray(count: 3)
            let boundaries: [EpochBoundary] = try reader.readArray(max: 8)
            let sides: [FinalityProof] = [try reader.read(), try reader.read()]
            #expect(boundaries.count == 1)
            #expect(ForkProof(sides[0], sides[1], trust: TrustAnchor(consortium.genesis)) == nil)
            let trust = try TrustAnchor(consortium.genesis, following: boundaries)
            let fork = try #require(ForkProof(sides[0], sides[1], trust: trust))
            let liars = try (1...4).map { ValidatorID(consensusKey: try key($0, consortium).publicKey) }
            // Four of five signed the lie, and at least four the truth.
            #expect(fork.guilty(trust).count >= 3 && fork.guilty(trust).allSatisfy(liars.contains))
        }
    }

    private func key(_ index: Int, _ consortium: TestConsortium) throws -> SigningKey {
        try NodeHome(path: "\(consortium.directory)/\(index)").keys().consensus
    }

    /// Another block in place of a final one, made final by four of the five validators.
    private func forged(_ consortium: TestConsortium, like proof: FinalityProof) throws -> FinalityProof {
        var header = proof.header
        header.stateRoot = .zero
        let reference = BlockReference(hash: header.hash.digest, parent: header.parent.digest, height: header.height)
        let honest = try #require(proof.certificate?.proposal)
        let proposal = try #require(
            Proposal(epoch: honest.epoch, view: honest.view, parentView: honest.parentView, block: reference))
        let statement = Statement.finalize(proposal)
        let votes = try (1...4).map { index in
            Vote(
                statement: statement, signer: ValidatorIndex(rawValue: index),
                signature: try key(index, consortium).sign(
                    digest: statement.digest(chain: consortium.genesis.chain.digest)))
        }
        return FinalityProof(header: header, certificate: Certificate(statement: statement, votes: votes))
    }
}
