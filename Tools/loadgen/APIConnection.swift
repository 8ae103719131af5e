import Client
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One keep-alive TLS connection to a node, over which transactions go one after the other.
///
/// It is thinner than the client that wallets use, because it shares the cores with what it measures.
struct APIConnection: Sendable {
    /// A node's answer.
    struct Reply: Sendable {
        let status: UInt
        let body: ByteBuffer
    }

    private let channel: any Channel

    /// Connects.
    ///
    /// - Parameter target: Path and query that everything is posted to.
    init(to node: NodeAddress, target: String, on group: any EventLoopGroup) async throws {
        let context = try NIOSSLContext(configuration: try Self.tls(node))
        let address = node.url.dropFirst("https://".count).split(separator: ":")
        let host = String(address[0])
        let head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: target,
            headers: [
                "host": String(node.url.dropFirst("https://".count)), "content-type": "application/cbor",
                "accept": "application/cbor",
            ])
        channel = try await ClientBootstrap(group: group)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(ExchangeHandler(head))
                }
            }
            .connect(host: host, port: address.count > 1 ? Int(address[1]) ?? 443 : 443).get()
    }

    /// Posts a body and waits for the whole answer.
    func post(_ body: [UInt8]) async throws -> Reply {
        let promise = channel.eventLoop.makePromise(of: Reply.self)
        channel.writeAndFlush(ExchangeHandler.Exchange(body: body, reply: promise)).cascadeFailure(to: promise)
        return try await promise.futureResult.get()
    }

    /// Waits until a moment, on the connection's own timer.
    func wait(until deadline: NIODeadline) async throws {
        try await channel.eventLoop.scheduleTask(deadline: deadline) {}.futureResult.get()
    }

    /// Closes the connection.
    func close() async { try? await channel.close() }

    /// The certificate of the genesis file and nothing else, as the client that wallets use does.
    private static func tls(_ node: NodeAddress) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(
            try node.certificates.map { try NIOSSLCertificate(bytes: $0, format: .der) })
        configuration.certificateVerification = .noHostnameVerification
        return configuration
    }
}

/// Turns bodies into requests and gathers each answer. One request is on its way at a time.
private final class ExchangeHandler: ChannelDuplexHandler {
    struct Exchange: Sendable {
        let body: [UInt8]
        let reply: EventLoopPromise<APIConnection.Reply>
    }

    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private var waiting: EventLoopPromise<APIConnection.Reply>?
    private var status: UInt = 0
    private var body = ByteBuffer()

    init(_ head: HTTPRequestHead) { self.head = head }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        waiting = exchange.reply
        var head = head
        head.headers.add(name: "content-length", value: String(exchange.body.count))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: exchange.body)))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = head.status.code
            body = ByteBuffer()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            waiting?.succeed(.init(status: status, body: body))
            waiting = nil
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting?.fail(ChannelError.eof)
        waiting = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        waiting?.fail(error)
        waiting = nil
        context.close(promise: nil)
    }
}
