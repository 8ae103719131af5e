import API
import AsyncHTTPClient
import Codec
import Cryptography
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Ledger
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Node
import P2P
import Synchronization

/// A validator that lies: the validator's own certificate in front of its honest API, with answers altered on the way.
final class TamperingProxy: Sendable {
    /// Alters an answer to a request: nothing leaves it as it is.
    typealias Alteration = @Sendable (API.Request, [UInt8]) -> Reply?

    /// What is answered instead.
    struct Reply: Sendable {
        var status = HTTPResponse.Status.ok
        var body: [UInt8]

        init(_ value: some CBOREncodable) { body = value.encoded }

        /// "Not here, or not for this key."
        static let notFound = Reply(.notFound, Problem(.notFound).encoded)

        private init(_ status: HTTPResponse.Status, _ body: [UInt8]) {
            self.status = status
            self.body = body
        }
    }

    private let alteration = Mutex<Alteration?>(nil)
    private let url: String
    private let target: String
    private let certificate: [UInt8]

    private init(url: String, target: String, certificate: [UInt8]) {
        self.url = url
        self.target = target
        self.certificate = certificate
    }

    /// Has answers altered from now on; nothing passes them on.
    func alter(_ alteration: Alteration?) { self.alteration.withLock { $0 = alteration } }

    /// Stands in front of a validator while `body` runs.
    static func with<Value>(
        _ index: Int, of consortium: TestConsortium, _ body: (TamperingProxy) async throws -> Value
    ) async throws -> Value {
        let validator = consortium.genesis.validators[index]
        let proxy = TamperingProxy(
            url: validator.apiURL, target: "https://127.0.0.1:\(consortium.apiPorts[index])",
            certificate: validator.certificate)
        guard let port = URL(string: validator.apiURL)?.port else { throw CancellationError() }
        let identity = try NodeHome(path: "\(consortium.directory)/\(index)").keys().tls
        let (serving, isServing) = AsyncStream.makeStream(of: Void.self)
        let application = Application(
            responder: proxy, server: try .tls(.http1(), tlsConfiguration: identity.serverConfiguration()),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in isServing.yield() },
            logger: Logger(label: "proxy", factory: { _ in SwiftLogNoOpLogHandler() }))
        let server = Task {
            defer { isServing.finish() }
            try await application.run()
        }
        for await _ in serving { break }
        let result: Result<Value, any Error>
        do { result = .success(try await body(proxy)) } catch { result = .failure(error) }
        server.cancel()
        _ = await server.result
        return try result.get()
    }
}

extension TamperingProxy: HTTPResponder {
    func respond(to request: Hummingbird.Request, context: BasicRequestContext) async throws -> Response {
        let path = request.head.path ?? "/"
        var outgoing = HTTPClientRequest(url: target + path)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        // Signatures name whom the client spoke to.
        outgoing.headers.replaceOrAdd(name: "Host", value: String(url.dropFirst("https://".count)))
        let body = try await request.body.collect(upTo: 8 << 20)
        if body.readableBytes > 0 { outgoing.body = .bytes(body) }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates([try NIOSSLCertificate(bytes: certificate, format: .der)])
        tls.certificateVerification = .noHostnameVerification
        outgoing.tlsConfiguration = tls
        let response = try await HTTPClient.shared.execute(outgoing, timeout: .seconds(60))
        let answer = Array(buffer: try await response.body.collect(upTo: 64 << 20))
        var status = HTTPResponse.Status(code: Int(response.status.code))
        var bytes = answer
        if status == .ok, let parsed = try? API.Request(method: request.method, target: path),
            let altered = alteration.withLock({ $0 })?(parsed, answer)
        {
            (status, bytes) = (altered.status, altered.body)
        }
        return Response(
            status: status, headers: [.contentType: response.headers.first(name: "Content-Type") ?? ""],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
