internal import API
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import P2P
internal import ServiceLifecycle

/// Serves the HTTP API over TLS with the validator's own certificate.
struct HTTPDoor: Service {
    /// A connection on which nothing happens for so long is closed.
    private static let idleTimeout = TimeAmount.seconds(120)

    let node: NodeCore
    let identity: TLSIdentity
    let address: Address
    let connections: Int
    let group: any EventLoopGroup
    let metrics: @Sendable (inout MetricsPage) -> Void
    let onServing: @Sendable (Int) -> Void

    /// Serves until a graceful shutdown.
    func run() async throws {
        let server = try HTTPServerBuilder.tls(
            .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            tlsConfiguration: identity.serverConfiguration())
        let onServing = onServing
        let application = Application(
            responder: Responder(node: node, metrics: metrics), server: server,
            configuration: .init(
                address: .hostname(address.host, port: address.port), serverName: "careledger",
                availableConnectionsDelegate: .maximum(connections, logger: node.logger)),
            onServerRunning: { onServing($0.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(group), logger: node.logger)
        let feed = node.feed
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            // Whoever follows the chain or waits for a block must not keep the server from ending.
            feed.close()
        }
    }
}

extension Responder {
    func ready(_ exchange: Exchange) throws -> Response {
        let status = node.status()
        guard status.ready else { throw Problem(.notReady, status.reasons.joined(separator: "; "), retryAfter: 1) }
        return exchange.form.answer(Health(ok: true))
    }
}
