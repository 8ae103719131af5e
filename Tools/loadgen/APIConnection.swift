import Client
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One keep-alive TLS connection to a node, over which messages go one after the other.
///
/// It is thinner than the client that wallets use, because it shares the cores with what it measures.
struct APIConnection: Sendable {
    /// A node's answer.
    struct Reply: Sendable {
        let status: UInt
        let body: ByteBuffer
    }

    /// What is asked of a node.
    struct Message: Sendable {
        var method = HTTPMethod.POST
        /// Path and query.
        let target: String
        /// Beside host, accept and the body's length and type.
        var headers: [(String, String)] = []
        var body: [UInt8]?
    }

    private let channel: any Channel

    /// Connects.
    init(to node: NodeAddress, on group: any EventLoopGroup) async throws {
        let context = try NIOSSLContext(configuration: try Self.tls(node))
        let authority = String(node.url.dropFirst("https://".count))
        let address = authority.split(separator: ":")
        let host = String(address[0])
        channel = try await ClientBootstrap(group: group)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(ExchangeHandler(authority))
                }
            }
            .connect(host: host, port: address.count > 1 ? Int(address[1]) ?? 443 : 443).get()
    }

    /// Sends a message and waits for the whole answer.
    func send(_ message: Message) async throws -> Reply {
        let promise = channel.eventLoop.makePromise(of: Reply.self)
        channel.writeAndFlush(ExchangeHandler.Exchange(message: message, reply: promise)).cascadeFailure(to: promise)
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
        let message: APIConnection.Message
        let reply: EventLoopPromise<APIConnection.Reply>
    }

    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private let authority: String
    private var waiting: EventLoopPromise<APIConnection.Reply>?
    private var status: UInt = 0
    private var body = ByteBuffer()

    init(_ authority: String) { self.authority = authority }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        waiting = exchange.reply
        let message = exchange.message
        var head = HTTPRequestHead(
            version: .http1_1, method: message.method, uri: message.target,
            headers: ["host": authority, "accept": "application/cbor"])
        for (name, value) in message.headers { head.headers.add(name: name, value: value) }
        if let body = message.body {
            head.headers.add(name: "content-type", value: "application/cbor")
            head.headers.add(name: "content-length", value: String(body.count))
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = message.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
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
