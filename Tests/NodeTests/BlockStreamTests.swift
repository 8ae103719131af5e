import API
import AsyncHTTPClient
import Client
import Codec
import Foundation
import Ledger
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

@Suite("HTTP API: the stream of final blocks", .runningConsortium, .serialized, .timeLimit(.minutes(10)))
struct BlockStreamTests {
    private let consortium: TestConsortium

    init() throws { consortium = try #require(RunningConsortium.current) }

    private struct Event {
        var id: UInt64?
        var kind = ""
        var fields: [String: String] = [:]
        var height: UInt64?
    }

    /// Reads events until `count` are there.
    private func events(
        from target: String, count: Int, headers: [String: String] = [:], meanwhile: () async throws -> Void = {}
    ) async throws -> (type: String, events: [Event]) {
        let validator = consortium.genesis.validators[0]
        var request = HTTPClientRequest(url: validator.apiURL + target)
        request.headers.add(name: "Accept", value: "text/event-stream")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates([try NIOSSLCertificate(bytes: validator.certificate, format: .der)])
        tls.certificateVerification = .noHostnameVerification
        request.tlsConfiguration = tls
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        try #require(response.status == .ok)
        try await meanwhile()
        var (events, text) = ([Event](), "")
        for try await chunk in response.body {
            text += String(buffer: chunk)
            while let end = text.range(of: "\n\n") {
                events.append(try Self.event(String(text[..<end.lowerBound])))
                text.removeSubrange(..<end.upperBound)
            }
            if events.count >= count { break }
        }
        return (response.headers.first(name: "content-type") ?? "", events)
    }

    private static func event(_ text: String) throws -> Event {
        var event = Event()
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
            switch parts.first {
            case "id": event.id = UInt64(value)
            case "event": event.kind = value
            case "data":
                let object = try JSONSerialization.jsonObject(with: Data(value.utf8)) as? [String: Any] ?? [:]
                event.height = (object["height"] as? NSNumber)?.uint64Value
                event.fields = object.compactMapValues { $0 as? String }
            default: Issue.record("a line that no event has: \(line)")
            }
        }
        return event
    }

    @Test func `every final block comes once, in order, with a proof that holds`() async throws {
        let client = try consortium.client(of: 1)
        for number in 0..<2 { _ = try await client.submit(consortium.registration(number)) }
        let (type, events) = try await events(from: "/v1/blocks/stream?from=0", count: 4) {
            // These become final while somebody listens.
            for number in 2..<4 { _ = try await client.submit(consortium.registration(number)) }
        }
        await client.shutDown()
        #expect(type.hasPrefix("text/event-stream"))
        let trust = TrustAnchor(consortium.genesis)
        for (height, event) in events.enumerated() {
            #expect(event.id == UInt64(height) && event.height == UInt64(height) && event.kind == "block")
            let bytes = try #require(event.fields["proof"].flatMap { Data(base64Encoded: $0) })
            let proof = try FinalityProof(decoding: Array(bytes))
            try proof.verify(trust)
            #expect(proof.header.height == Height(rawValue: UInt64(height)))
            #expect(event.fields["hash"] == "\(proof.header.hash)")
        }
    }
}
