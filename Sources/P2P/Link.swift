internal import Codec
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// One connection, above TLS: exchanges greetings, then carries frames.
///
/// Lives on its channel's event loop and is never touched elsewhere.
final class Link: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case securing
        /// TLS has proved whose key it is; the peer's greeting is due.
        case greeting(Peer)
        case open(Peer)
        case closed
    }

    private let network: PeerNetwork
    private let tls: NIOSSLHandler
    private var phase = Phase.securing
    private var decoder = FrameDecoder()
    private var pending = ByteBuffer()
    private var batch: [Frame] = []
    private var batchBytes = 0
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?
    private var heartbeat: RepeatedTask?
    private var lastReceived = NIODeadline.now()
    private var sentSinceHeartbeat = false
    private var readWithheld = false

    init(network: PeerNetwork, tls: NIOSSLHandler) {
        self.network = network
        self.tls = tls
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: .init(network.limits.handshakeTimeout)) {
            bound.value.fail(.silent)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent { secured(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let fault = error as? PeerFault {
            fail(fault)
        } else {
            network.logger.debug("connection ended", metadata: ["reason": "\(error)"])
            close()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    /// Closes the connection without blaming anybody.
    func close() {
        end()
        context?.close(promise: nil)
    }

    private func fail(_ fault: PeerFault) {
        switch phase {
        case .securing: network.countStranger(fault)
        case .greeting(let peer), .open(let peer): network.count(fault, of: peer)
        case .closed: return
        }
        close()
    }

    private func end() {
        deadline?.cancel()
        heartbeat?.cancel()
        if case .open(let peer) = phase, peer.detach(self) { _ = network.receive(.disconnected(peer.index)) }
        phase = .closed
    }

    // MARK: Handshake

    private func secured(_ context: ChannelHandlerContext) {
        guard case .securing = phase else { return }
        guard let certificate = tls.peerCertificate, let hash = TLSIdentity.keyHash(of: certificate),
            let peer = network.peer(withKey: hash)
        else { return close() }
        phase = .greeting(peer)
        let greeting = Greeting(
            chain: network.chain, sender: network.keyHash, receiver: peer.configuration.keyHash)
        write(Frame(kind: .hello, payload: greeting.encoded), context)
    }

    private func greeted(by frame: Frame, _ peer: Peer, _ context: ChannelHandlerContext) throws(PeerFault) {
        guard frame.kind == .hello else { throw .unexpectedKind(frame.kind) }
        guard let greeting = try? Greeting(decoding: frame.payload) else { throw .greeting(.malformed) }
        do throws(HandshakeRefusal) {
            try greeting.check(chain: network.chain, peer: peer.configuration.keyHash, own: network.keyHash)
        } catch {
            throw .greeting(error)
        }
        // It may have been dropped while it introduced itself.
        guard network.isCurrent(peer) else { return close() }
        deadline?.cancel()
        decoder.raiseLimit()
        phase = .open(peer)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let period = TimeAmount(network.limits.heartbeat)
        heartbeat = context.eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            bound.value.beat()
        }
        if let previous = peer.attach(bound) { previous.eventLoop.execute { previous.value.close() } }
        network.opened(peer)
    }

    private func beat() {
        guard case .open(let peer) = phase, let context else { return }
        let silence = NIODeadline.now() - lastReceived
        if silence > .init(network.limits.heartbeat * 3), peer.mayRead { return fail(.silent) }
        if !sentSinceHeartbeat { write(Frame(kind: .ping, payload: []), context) }
        sentSinceHeartbeat = false
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        lastReceived = .now()
        if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
        do {
            while let frame = try decoder.decode(buffer: &pending) { try take(frame, context) }
        } catch {
            // What came before the bad bytes is as good as it was.
            deliver()
            return errorCaught(context: context, error: error)
        }
        if pending.readableBytes == 0 { pending = ByteBuffer() } else { pending.discardReadBytes() }
    }

    private func take(_ frame: Frame, _ context: ChannelHandlerContext) throws(PeerFault) {
        switch phase {
        case .securing: throw .unexpectedKind(frame.kind)
        case .greeting(let peer): try greeted(by: frame, peer, context)
        case .open:
            switch frame.kind {
            case .hello: throw .unexpectedKind(.hello)
            case .ping: break
            case .consensus, .transactions, .bulk:
                batch.append(frame)
                batchBytes += frame.payload.count
            }
        case .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliver()
        context.fireChannelReadComplete()
    }

    private func deliver() {
        guard case .open(let peer) = phase, !batch.isEmpty else { return }
        peer.received(frames: batch.count, bytes: batchBytes)
        let frames = batch
        batch = []
        batchBytes = 0
        if !network.receive(.received(frames, from: peer.index)) { fail(.malformedPayload) }
    }

    func read(context: ChannelHandlerContext) {
        if case .open(let peer) = phase, !peer.mayRead {
            readWithheld = true
        } else {
            context.read()
        }
    }

    /// The layer above has caught up.
    func resumeReading() {
        guard readWithheld, let context else { return }
        readWithheld = false
        lastReceived = .now()
        context.read()
    }

    // MARK: Sending

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { drain() }
        context.fireChannelWritabilityChanged()
    }

    /// Writes what waits for the peer, as much as the socket takes.
    func drain() {
        guard case .open(let peer) = phase, let context else { return }
        while context.channel.isWritable, let buffer = peer.nextWrite(allocator: context.channel.allocator) {
            sentSinceHeartbeat = true
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
    }

    private func write(_ frame: Frame, _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 128)
        buffer.write(frame)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
}
