import API
import ChainStorage
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("NodeService: joining by a snapshot", .timeLimit(.minutes(10)), .serialized)
struct JoinFlowTests {
    @Test func `a validator with an empty home is filled from a snapshot, and then serves and votes as usual`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory) { configuration in
                (configuration.snapshotInterval, configuration.joinDistance) = (8, 16)
            }
            do { try await join(consortium) } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
            let store = try await open(NodeHome(path: "\(directory)/3"), consortium.genesis)
            #expect(store.blocks.origin != nil)
        }
    }

    /// Within one process the last request of a validator that stopped may hold its databases a moment longer.
    private func open(_ home: NodeHome, _ genesis: Genesis) async throws -> LedgerStore {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while true {
            do {
                return try LedgerStore(
                    chain: try LevelDB(path: home.chainDirectory), state: try LevelDB(path: home.stateDirectory),
                    genesis: genesis, snapshotInterval: 8)
            } catch DatabaseFailure.inUse(let path) {
                guard ContinuousClock.now < deadline else { throw DatabaseFailure.inUse(path: path) }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func join(_ consortium: TestConsortium) async throws {
        for index in 0..<3 { try await consortium.start(index) }
        let height = try await consortium.withClient(of: 0) { client in
            var height = Height.genesis
            while height.rawValue < 20 {
                height = try await client.submit(consortium.registration(Int(height.rawValue))).finality.header.height
            }
            return height
        }
        try await consortium.start(3)
        try await consortium.wait(for: 3, at: height)
        let last = try await consortium.withClient(of: 3) { client in
            // What it did not execute it has all the same, but for the histories.
            let block = try await client.nodes.send(
                .readBlockTransactions(Height(rawValue: 3)), signedBy: GenesisSample.auditorKey, as: BlockReply.self
            ).value
            #expect(block.finality.header.height.rawValue == 3 && block.transactions.count == block.receipts.count)
            let organization = consortium.genesis.organizations[0].id
            let failure = await #expect(throws: ClientFailure.self) {
                _ = try await client.nodes.send(
                    .readHistory(.organization(organization), HistoryRange(from: 0, limit: 10)),
                    signedBy: GenesisSample.hospitalKey, as: HistoryReply.self)
            }
            guard case .problem(let problem, _) = failure else { throw try #require(failure) }
            #expect(problem.code == .notReady && problem.detail.contains("snapshot"))
            // Of four three decide: without the first, the new one's vote is needed.
            try await consortium.stop(0)
            let proof = try await client.submit(consortium.registration(1000))
            #expect(proof.receipt.outcomes == [.applied])
            return proof.finality.header.height
        }
        // It starts again like any other.
        try await consortium.stop(3)
        try await consortium.start(3)
        try await consortium.wait(for: 3, at: last)
    }
}
