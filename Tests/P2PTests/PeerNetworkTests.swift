import Cryptography
import NIOCore
import NIOPosix
import NIOSSL
import P2P
import Testing

@Suite("PeerNetwork: real TLS on loopback", .timeLimit(.minutes(5)))
struct PeerNetworkTests {
    @Test func `four validators exchange frames in order`() async throws {
        var network = try TestNetwork(count: 4)
        let nodes = try await network.startAll()
        for node in nodes { await node.witness.wait { $0.connected.count == 3 } }
        for (sender, node) in nodes.enumerated() {
            for number in 0..<100 {
                node.network.broadcast(Frame(kind: .consensus, payload: [UInt8(sender), UInt8(number)]))
            }
        }
        for node in nodes { await node.witness.wait { $0.frames.count == 300 } }
        for (receiver, node) in nodes.enumerated() {
            for sender in 0..<4 where sender != receiver {
                let numbers = node.witness.seen.frames.filter { $0.from == sender }.map { $0.frame.payload }
                #expect(numbers == (0..<100).map { [UInt8(sender), UInt8($0)] })
            }
        }
        #expect(nodes[0].network.counters[3]?.framesReceived == 100)
        for node in nodes { await node.network.shutdown() }
    }

    @Test func `the largest frame passes whole`() async throws {
        var network = try TestNetwork(count: 2)
        let nodes = try await network.startAll()
        await nodes[0].witness.wait { $0.connected == [1] }
        await nodes[1].witness.wait { $0.connected == [0] }
        let payload = (0..<Frame.maximumPayload).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        nodes[0].network.send(Frame(kind: .bulk, payload: payload), to: 1)
        await nodes[1].witness.wait { $0.frames.count == 1 }
        #expect(nodes[1].witness.seen.frames.first?.frame.payload == payload)
        for node in nodes { await node.network.shutdown() }
    }

    @Test func `a stranger's key is refused, and the true peer still gets in`() async throws {
        var network = try TestNetwork(count: 2)
        let listener = try await network.start(1)
        network.ports[1] = listener.port
        let impostor = try await network.start(0, identity: TLSIdentity.make())
        await eventually { impostor.network.counters[1]?.failedAttempts ?? 0 > 2 }
        #expect(impostor.witness.seen.connected.isEmpty)
        #expect(listener.witness.seen.connected.isEmpty)
        await impostor.network.shutdown()
        let honest = try await network.start(0)
        await listener.witness.wait { $0.connected == [0] }
        await honest.network.shutdown()
        await listener.network.shutdown()
    }

    @Test func `a listener with another key than the pinned one is not spoken to`() async throws {
        var network = try TestNetwork(count: 2)
        let impostor = try await network.start(1, identity: TLSIdentity.make())
        network.ports[1] = impostor.port
        let honest = try await network.start(0)
        await eventually { honest.network.counters[1]?.failedAttempts ?? 0 > 2 }
        #expect(honest.witness.seen.connected.isEmpty)
        await honest.network.shutdown()
        await impostor.network.shutdown()
    }

    @Test func `a peer of another chain is dropped with that reason`() async throws {
        var network = try TestNetwork(count: 2)
        let other = Digest.sha256(Array("another chain".utf8))
        let listener = try await network.start(1, chain: other)
        network.ports[1] = listener.port
        let dialler = try await network.start(0)
        await eventually {
            dialler.network.counters[1]?.lastFault != nil || listener.network.counters[0]?.lastFault != nil
        }
        let faults = [dialler.network.counters[1]?.lastFault, listener.network.counters[0]?.lastFault].compactMap { $0 }
        #expect(faults.allSatisfy { $0 == .greeting(.chain(other)) || $0 == .greeting(.chain(TestNetwork.chain)) })
        #expect(dialler.witness.seen.connected.isEmpty)
        await dialler.network.shutdown()
        await listener.network.shutdown()
    }

    @Test func `a peer that restarts is met again`() async throws {
        var network = try TestNetwork(count: 3)
        let nodes = try await network.startAll()
        for node in nodes { await node.witness.wait { $0.connected.count == 2 } }
        await nodes[1].network.shutdown()
        await nodes[0].witness.wait { $0.connected == [2] }
        await nodes[2].witness.wait { $0.connected == [0] }
        let again = try await network.start(1, port: nodes[1].port)
        await again.witness.wait { $0.connected == [0, 2] }
        again.network.broadcast(Frame(kind: .transactions, payload: [7]))
        await nodes[0].witness.wait { $0.frames.last?.frame.payload == [7] }
        await nodes[2].witness.wait { $0.frames.last?.frame.payload == [7] }
        for node in [nodes[0], again, nodes[2]] { await node.network.shutdown() }
    }

    @Test func `a peer that is not read does not hold up the others, and its queue stays bounded`() async throws {
        var network = try TestNetwork(count: 3)
        var limits = TestNetwork.limits
        limits.queuedBytes = 4 << 20
        limits.unconsumedBytes = 1 << 20
        // The slow validator's upper layer never says that it consumed anything.
        let slow = try await network.start(2, limits: limits)
        network.ports[2] = slow.port
        let quick = try await network.start(1, limits: TestNetwork.limits)
        network.ports[1] = quick.port
        let sender = try await network.start(0, limits: limits)
        await sender.witness.wait { $0.connected == [1, 2] }
        await quick.witness.wait { $0.connected.contains(0) }
        let megabyte = [UInt8](repeating: 1, count: 1 << 20)
        var sent = 0
        await eventually {
            sender.network.send(Frame(kind: .bulk, payload: megabyte), to: 2)
            sent += 1
            return sent > 64 && sender.network.counters[2]?.dropped[.bulk] ?? 0 > 0
        }
        sender.network.send(Frame(kind: .consensus, payload: [9]), to: 1)
        await quick.witness.wait { $0.frames.contains { $0.frame.payload == [9] } }
        #expect(slow.network.counters[0]?.bytesReceived ?? .max <= 3 << 20)
        // Once the layer above catches up, the consensus frame is ahead of the bulk that still waits.
        sender.network.send(Frame(kind: .consensus, payload: [8]), to: 2)
        var consumed = 0
        while !slow.witness.seen.frames.contains(where: { $0.frame.payload == [8] }) {
            let bytes = slow.witness.seen.frames.reduce(0) { $0 + $1.frame.payload.count }
            slow.network.consumed(bytes - consumed, from: 0)
            consumed = bytes
            await Task.yield()
        }
        for node in [slow, quick, sender] { await node.network.shutdown() }
    }

    @Test func `a validator that sends garbage is dropped and counted`() async throws {
        var network = try TestNetwork(count: 2)
        let victim = try await network.start(1)
        network.ports[1] = victim.port
        let oversized: [UInt8] = [0x7f, 0xff, 0xff, 0xff]
        try await RawPeer.send(oversized, as: network.identities[0], to: victim.port)
        await eventually { victim.network.counters[0]?.faults == 1 }
        #expect(victim.network.counters[0]?.lastFault == .frameTooLong(bytes: 0x7fff_ffff, limit: 512))
        let nonsense: [UInt8] = [0, 0, 0, 3, 0x83, 0x00, 0x00]
        try await RawPeer.send(nonsense, as: network.identities[0], to: victim.port)
        await eventually { victim.network.counters[0]?.faults == 2 }
        #expect(victim.network.counters[0]?.lastFault == .malformedFrame)
        let impatient: [UInt8] = [0, 0, 0, 3, 0x82, 0x02, 0x40]
        try await RawPeer.send(impatient, as: network.identities[0], to: victim.port)
        await eventually { victim.network.counters[0]?.faults == 3 }
        #expect(victim.network.counters[0]?.lastFault == .unexpectedKind(.consensus))
        #expect(victim.witness.seen.connected.isEmpty)
        await victim.network.shutdown()
    }

    @Test func `a payload that the layer above does not understand ends the connection`() async throws {
        var network = try TestNetwork(count: 2)
        let nodes = try await network.startAll()
        await nodes[0].witness.wait { $0.connected == [1] }
        await nodes[1].witness.wait { $0.connected == [0] }
        nodes[0].network.send(Frame(kind: .consensus, payload: [0xff]), to: 1)
        await nodes[1].witness.wait { $0.disconnections == 1 }
        #expect(nodes[1].network.counters[0]?.lastFault == .malformedPayload)
        // It may come back: only what it sends is judged.
        await nodes[1].witness.wait { $0.connected == [0] }
        for node in nodes { await node.network.shutdown() }
    }

    @Test func `whoever says nothing is shown out`() async throws {
        var network = try TestNetwork(count: 2)
        var limits = TestNetwork.limits
        limits.handshakeTimeout = .milliseconds(50)
        let victim = try await network.start(1, limits: limits)
        network.ports[1] = victim.port
        let mute = try await ClientBootstrap(group: TestNetwork.group).connect(host: "127.0.0.1", port: victim.port)
            .get()
        try await mute.closeFuture.get()
        #expect(victim.network.refusedConnections == 1)
        await victim.network.shutdown()
    }
}

/// A validator's key in the hands of a program that does not keep to the protocol.
enum RawPeer {
    static func send(_ bytes: [UInt8], as identity: TLSIdentity, to port: Int) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificatePEM.utf8))
            .map { .certificate($0) }
        configuration.privateKey = try identity.withPrivateKeyPEM {
            .privateKey(try NIOSSLPrivateKey(bytes: Array($0.utf8), format: .pem))
        }
        configuration.certificateVerification = .none
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: TestNetwork.group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        try NIOSSLClientHandler(context: context, serverHostname: nil))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        try await channel.closeFuture.get()
    }
}
