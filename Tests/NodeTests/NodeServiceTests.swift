import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("NodeService: four validators on loopback", .timeLimit(.minutes(10)), .serialized)
struct NodeServiceTests {
    /// Runs `body` with four validators up, and stops them whatever it throws.
    private func withConsortium(_ body: (TestConsortium) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            do { try await body(consortium) } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
        }
    }

    @Test func `a transaction that any validator takes is final, and every validator proves it`() async throws {
        try await withConsortium { consortium in
            for index in 0..<4 {
                let client = try consortium.client(of: index)
                let transaction = consortium.registration(index)
                let proof = try await client.submit(transaction)
                #expect(proof.receipt.outcomes == [.applied])
                #expect(proof.transaction.id == transaction.id)
                // Sent again, it is answered as the first time.
                #expect(try await client.submit(transaction).receipt == proof.receipt)
                await client.shutDown()
            }
            let reader = try consortium.client(of: 3)
            let organization = consortium.genesis.organizations[0].id
            let record = try await reader.state(
                .readSubject(.organization(organization)), signedBy: GenesisSample.hospitalKey
            ).leaf(organization, as: OrganizationRecord.self)
            #expect(record?.history.count == 4)
            await reader.shutDown()
        }
    }

    @Test func `three of four go on, and the fourth catches up when it is back`() async throws {
        try await withConsortium { consortium in
            let client = try consortium.client(of: 0)
            _ = try await client.submit(consortium.registration(0))
            try await consortium.stop(3)
            var last = Height.genesis
            for number in 1...5 {
                last = try await client.submit(consortium.registration(number)).finality.header.height
            }
            try await consortium.start(3)
            let late = try consortium.client(of: 3)
            var height = Height.genesis
            while height < last {
                height = try await late.nodes.send(.readBlock(.latest), as: FinalityProof.self).value.header.height
                await Task.yield()
            }
            let proof = try await late.submit(consortium.registration(6))
            #expect(proof.finality.header.height > last)
            await client.shutDown()
            await late.shutDown()
        }
    }

    @Test func `everything that was final is there after all have restarted`() async throws {
        try await withConsortium { consortium in
            let client = try consortium.client(of: 1)
            let transaction = consortium.registration()
            let first = try await client.submit(transaction)
            try await consortium.stopAll()
            try await consortium.startAll()
            let again = try await client.transaction(transaction.id, signedBy: GenesisSample.hospitalKey)
            #expect(again.receipt == first.receipt)
            #expect(try await client.submit(consortium.registration(1)).receipt.outcomes == [.applied])
            await client.shutDown()
        }
    }

    @Test func `a home is used by one process`() async throws {
        try await withConsortium { consortium in
            #expect(throws: (any Error).self) { try NodeService(home: NodeHome(path: "\(consortium.directory)/0")) }
        }
    }
}
