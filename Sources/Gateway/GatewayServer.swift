internal import API
internal import Codec
internal import Cryptography
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Ledger
internal import Logging
internal import NIOCore
public import P2P

/// The gateway's door: `POST /v1/cosign` over TLS 1.3 with a certificate of its own. The body is a ``CosignRequest``, the
/// answer the transaction with the organisation's signatures, or a problem (RFC 9457) with the refusal's name.
public struct GatewayServer: Sendable {
    private static let path = "/v1/cosign"
    private static let idleTimeout = TimeAmount.seconds(60)
    private static let maximumConnections = 256

    private let gateway: Gateway
    private let identity: TLSIdentity
    private let host: String
    private let port: Int

    /// A door at an address; port 0 is any that is free.
    public init(_ gateway: Gateway, identity: TLSIdentity, host: String, port: Int) {
        self.gateway = gateway
        self.identity = identity
        self.host = host
        self.port = port
    }

    /// Serves until the task is cancelled or the process is told to end.
    ///
    /// - Parameter onServing: Hears of the port once.
    public func run(onServing: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let logger = Logger(label: "careledger.gateway")
        let server = try HTTPServerBuilder.tls(
            .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            tlsConfiguration: identity.serverConfiguration())
        let application = Application(
            responder: GatewayResponder(gateway: gateway), server: server,
            configuration: .init(
                address: .hostname(host, port: port), serverName: "careledger-gateway",
                availableConnectionsDelegate: .maximum(Self.maximumConnections, logger: logger)),
            onServerRunning: { onServing($0.localAddress?.port ?? 0) }, logger: logger)
        try await application.runService()
    }

    fileprivate struct GatewayResponder: HTTPResponder {
        let gateway: Gateway

        func respond(to request: Hummingbird.Request, context: BasicRequestContext) async throws -> Response {
            guard request.uri.path == GatewayServer.path, request.method == .post else {
                return Self.problem("not-found", "There is nothing here.", status: 404)
            }
            do {
                let buffer = try await request.body.collect(upTo: CosignRequest.maximumBytes)
                let cosign = try Self.decode(Array(buffer.readableBytesView))
                let signed = try await gateway.cosign(cosign)
                return Response(
                    status: .ok, headers: [.contentType: "application/cbor", .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: signed.bytes)))
            } catch let refusal as GatewayRefusal {
                return Self.problem(refusal.rawValue, refusal.explanation, status: refusal.status)
            } catch is NIOTooManyBytesError {
                return Self.problem("malformed", "The request is too large.", status: 413)
            }
        }

        private static func decode(_ bytes: [UInt8]) throws(GatewayRefusal) -> CosignRequest {
            do { return try CosignRequest(decoding: bytes) } catch { throw .malformed }
        }

        private static func problem(_ name: String, _ text: String, status: Int) -> Response {
            let body = JSONValue.object([
                .init("type", .string("urn:careledger:gateway:\(name)")), .init("title", .string(text)),
                .init("status", .integer(Int64(status))),
            ])
            return Response(
                status: .init(code: status),
                headers: [.contentType: "application/problem+json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: body.prettyText)))
        }
    }
}
