import API
import Client
import Cryptography
import Foundation
import HTTPTypes
import Ledger
import Node
import Testing

@Suite("NodeService: what an operator is told", .timeLimit(.minutes(10)), .serialized)
struct AlarmTests {
    private func withConsortium(
        _ validators: Int = 4, _ body: (TestConsortium) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory, validators: validators)
            try await consortium.startAll()
            do { try await body(consortium) } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
        }
    }

    private func page(_ consortium: TestConsortium, _ index: Int = 0) async throws -> String {
        let answer = try await RawClient(consortium: consortium, index: index).send(
            .get, "/metrics", headers: ["Accept": "*/*"])
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// The value of a metric without labels.
    private func value(_ name: String, in page: String) -> Double? {
        page.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    private static let network = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Network")

    @Test func `every alert is about metrics that a validator answers, and the deployment page explains it`()
        async throws
    {
        let rules = try String(contentsOf: Self.network.appending(path: "alerts.yaml"), encoding: .utf8)
        let manual = try String(contentsOf: Self.network.appending(path: "Deployment.md"), encoding: .utf8)
        try await withConsortium(1) { consortium in
            let client = try consortium.client(of: 0)
            try await waitForReasons(client, ready: true) { _ in true }
            await client.shutDown()
            let page = try await page(consortium)
            let exported = Set(
                page.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] })
            let named = rules.matches(of: #/careledger_[a-z_]+/#).map(\.output)
            #expect(named.count > 10)
            for name in named { #expect(exported.contains(name), "\(name)") }
        }
        let alerts = rules.matches(of: #/alert: (\w+)/#).map(\.output.1)
        #expect(alerts.count > 10 && Set(alerts).count == alerts.count)
        for alert in alerts { #expect(manual.contains("`\(alert)`"), "\(alert)") }
    }

    @Test func `who is missing and whose vote is awaited is said by name, and counted`() async throws {
        try await withConsortium { consortium in
            let client = try consortium.client(of: 0)
            _ = try await client.submit(consortium.registration(1))
            let quiet = try await page(consortium)
            #expect(value("careledger_validators", in: quiet) == 4)
            #expect(value("careledger_validator", in: quiet) == 1)
            #expect(value("careledger_contradictions", in: quiet) == 0)
            #expect(value("careledger_journal_lost", in: quiet) == 0)
            #expect(value("careledger_emergency_reviews_overdue", in: quiet) == 0)
            // With one away the others go on, and say who it is.
            try await consortium.stop(3)
            let names = consortium.genesis.validators.map { "\("\($0.id)".prefix(8)) at \($0.peerAddress)" }
            try await waitForReasons(client, ready: true) { $0.contains("not connected: \(names[3])") }
            #expect(try await client.submit(consortium.registration(2)).receipt.outcomes == [.applied])
            // With two away nothing moves.
            try await consortium.stop(2)
            try await waitForReasons(client, ready: false) { reasons in
                reasons.contains("2 of 4 validators are connected; a block needs 3; missing: \(names[2]), \(names[3])")
                    && reasons.contains("no vote has come from")
                    && reasons.components(separatedBy: names[3]).count > 2
            }
            let stalled = try await page(consortium)
            #expect(value("careledger_validators_missing", in: stalled) == 2)
            #expect(value("careledger_quorum_connected", in: stalled) == 0)
            await client.shutDown()
        }
    }

    private func waitForReasons(
        _ client: LedgerClient, ready: Bool, _ isSaid: (String) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(180))
        while true {
            let status = try await client.nodes.send(.status, as: NodeStatus.self).value
            let reasons = status.reasons.joined(separator: "\n")
            if isSaid(reasons), status.ready == ready { return }
            guard ContinuousClock.now < deadline else { throw Unsaid(reasons: reasons) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private struct Unsaid: Error { let reasons: String }

    @Test func `a disk that fills up keeps voting: documents are refused, and the node says so`() async throws {
        try await TemporaryDirectory.with { directory in
            // No disk has so much left.
            let consortium = try TestConsortium(directory: directory) { $0.contentReserve = 1 << 60 }
            try await consortium.startAll()
            do {
                let bytes = SystemRandom.bytes(50_000)
                let answer = try await RawClient(consortium: consortium, index: 0).send(
                    .put, "/v1/content/\(ContentID(of: bytes))", body: bytes, type: "application/octet-stream",
                    signedBy: GenesisSample.hospitalKey)
                #expect(answer.status == 507 && answer.problem == .storageFull)
                let page = try await page(consortium)
                #expect(value("careledger_content_full", in: page) == 1)
                #expect((value("careledger_disk_free_bytes", in: page) ?? 0) > 0)
                let client = try consortium.client(of: 0)
                try await waitForReasons(client, ready: true) { $0.contains("sealed documents are refused") }
                // Of four three decide: without the last, each vote of the others is needed.
                try await consortium.stop(3)
                #expect(try await client.submit(consortium.registration(1)).receipt.outcomes == [.applied])
                await client.shutDown()
            } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
        }
    }
}
