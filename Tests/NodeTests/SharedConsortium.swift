import API
import AsyncHTTPClient
import Codec
import Cryptography
import Foundation
import HTTPTypes
import Ledger
import NIOCore
import NIOHTTP1
import NIOSSL
import Node
import Testing

/// Gives a suite four running validators, started once.
struct RunningConsortium: SuiteTrait, TestScoping {
    @TaskLocal static var current: TestConsortium?

    let isRecursive = false

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            do { try await Self.$current.withValue(consortium, operation: function) } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
        }
    }
}

extension Trait where Self == RunningConsortium {
    static var runningConsortium: RunningConsortium { RunningConsortium() }
}

/// Requests as any program could send them, with nothing done for the sender but the signature.
struct RawClient: Sendable {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        /// The code of the problem that the answer is.
        var problem: Problem.Code? { (try? Problem(decoding: body))?.code }
    }

    let consortium: TestConsortium
    let index: Int

    func send(
        _ method: HTTPRequest.Method, _ target: String, body: [UInt8]? = nil, type: String? = nil,
        headers: [String: String] = [:], signedBy key: SigningKey? = nil,
        created: Int64 = Int64(Date.now.timeIntervalSince1970), nonce: [UInt8] = SystemRandom.bytes(16),
        altering alter: (inout HTTPRequest) -> Void = { _ in }
    ) async throws -> Answer {
        let url = consortium.genesis.validators[index].apiURL
        var head = HTTPRequest(
            method: method, scheme: "https", authority: String(url.dropFirst("https://".count)), path: target)
        if let type { head.headerFields[.contentType] = type }
        if let key {
            MessageSignature.sign(&head, body: body.map { .sha256($0) }, with: key, created: created, nonce: nonce)
        }
        alter(&head)
        var request = HTTPClientRequest(url: url + (head.path ?? ""))
        request.method = .init(rawValue: method.rawValue)
        request.headers.add(name: "Accept", value: headers["Accept"] ?? "application/cbor, */*")
        for field in head.headerFields { request.headers.add(name: field.name.rawName, value: field.value) }
        for (name, value) in headers where name != "Accept" { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates([
            try NIOSSLCertificate(bytes: consortium.genesis.validators[index].certificate, format: .der)
        ])
        tls.certificateVerification = .noHostnameVerification
        request.tlsConfiguration = tls
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let answer = try await response.body.collect(upTo: 8 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
            body: Array(answer.readableBytesView))
    }
}
