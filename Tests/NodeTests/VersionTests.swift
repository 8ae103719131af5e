import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("NodeService: versions of the rules", .timeLimit(.minutes(10)), .serialized)
struct VersionTests {
    private func status(of index: Int, _ consortium: TestConsortium) async throws -> NodeStatus {
        let client = try consortium.client(of: index)
        let status = try await client.nodes.send(.status, as: NodeStatus.self).value
        await client.shutDown()
        return status
    }

    private func decide(_ activation: ProtocolActivation, in consortium: TestConsortium) -> Transaction {
        let proposal = ProposeChange(
            organization: consortium.genesis.organizations[0].id, change: .activateVersion(activation),
            expires: Timestamp(rawValue: UInt64(Date().timeIntervalSince1970 * 1000) + 86_400_000))
        let body = TransactionBody(
            chain: consortium.genesis.chain, nonce: SystemRandom.bytes(16), validUntil: Height(rawValue: 1000),
            operations: [.proposeChange(proposal)])
        return Transaction(body, signedBy: [GenesisSample.hospitalKey])
    }

    @Test func `an old program warns, stops before the height, will not start there, and a new one goes on`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory, validators: 1)
            try await consortium.start(0, supporting: .first)
            let client = try consortium.client(of: 0)
            // A node makes blocks of its own accord too: how many there are by now is not known beforehand.
            let present = try await status(of: 0, consortium).height
            let height = Height(rawValue: present.rawValue + ProtocolActivation.shortestNotice + 20)
            let activation = ProtocolActivation(version: .latest, height: height)
            try #require(try await client.submit(decide(activation, in: consortium)).receipt.outcomes == [.applied])
            let warned = try await status(of: 0, consortium)
            #expect(warned.ready && warned.rules.upcoming == activation && warned.rules.supported == .first)
            #expect(warned.rules.warning?.contains("block \(height)") == true)
            var last = Height.genesis
            while last.rawValue < height.rawValue - 1 {
                guard let proof = try? await client.submit(consortium.registration(Int(last.rawValue))) else { break }
                last = proof.finality.header.height
            }
            await client.shutDown()
            let outdated = await #expect(throws: ProgramOutdated.self) { try await consortium.ending(0) }
            #expect(outdated?.activation == activation && outdated?.supported == .first)
            await #expect(throws: ProgramOutdated.self) { try await consortium.start(0, supporting: .first) }
            try await consortium.start(0)
            let after = try consortium.client(of: 0)
            let proof = try await after.submit(consortium.registration(1000))
            #expect(proof.finality.header.height == height)
            await after.shutDown()
            let now = try await status(of: 0, consortium)
            #expect(now.rules.version == .latest && now.rules.warning == nil)
            try await consortium.stopAll()
        }
    }
}
