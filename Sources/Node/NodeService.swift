internal import API
internal import ChainStorage
internal import ContentStorage
internal import Cryptography
internal import Foundation
internal import Ledger
public import Logging
internal import NIOCore
internal import NIOPosix
internal import P2P
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// A validator, put together from its home and run until it is told to stop.
///
/// One thread decides (``ReplicaDriver``); everything else is a door to it: the other validators' channel, the HTTP API,
/// the stores. Doors never wait for each other, and what crosses to the thread crosses once a batch.
///
/// ## The path of a document, 4 of 4: from a final block to evidence
/// ``ReplicaDriver`` commits a final block to the `LedgerStore` (ChainStorage) in one synced batch and wakes whoever waits
/// in ``FinalityFeed``. ``ChainReads`` answers with proofs: a receipt and its transaction under the roots of a header, the
/// header under a certificate, a subject's whole history under the state root. A request for access that is final lets
/// ``ReEncryptionService`` help its reader, and each help is logged and its Merkle root put on the chain
/// (``ValidatorDuties``). `LightClient` (Client) believes none of it before it has checked it from the genesis file on;
/// `Evidence` (Client) is the same proofs in a file, and `AccessAudit` what an auditor concludes from it, offline.
public final class NodeService: Sendable {
    private let home: NodeHome
    private let lock: HomeLock
    private let configuration: Configuration
    private let keys: NodeKeys
    private let genesis: Genesis
    private let logger: Logger
    private let group = Mutex<ServiceGroup?>(nil)
    /// How the peers answered from which the home was filled in this run.
    private let helpers = Mutex<[Int: SnapshotJoin.Account]>([:])

    /// Reads and checks the home, and takes it for this process.
    ///
    /// - Parameter adjust: Changes the operator's settings for this run, beyond what `node.json` can say.
    /// - Throws: ``NodeHomeFailure``, or that another process runs there.
    public init(
        home: NodeHome, logger: Logger? = nil, adjust: (inout Configuration) -> Void = { _ in }
    ) throws {
        self.home = home
        var configuration = try home.configuration()
        adjust(&configuration)
        self.configuration = configuration
        keys = try home.keys()
        genesis = try home.genesis()
        lock = try HomeLock(home: home.path)
        self.logger = logger ?? Self.logger(level: configuration.logLevel, validator: keys)
    }

    /// Runs the validator; returns when it has been told to stop and everything is at rest.
    ///
    /// - Parameters:
    ///   - untilInputEnds: Stop too when standard input ends: whoever holds the other end has ended.
    ///   - signals: Whether SIGTERM and SIGINT stop it.
    ///   - onReady: Told the ports on which peers and clients are served.
    /// - Throws: When a store cannot be opened, an address is taken, or a part fails.
    public func run(
        untilInputEnds: Bool = false, signals: Bool = true,
        onReady: @escaping @Sendable (_ peerPort: Int, _ apiPort: Int) -> Void = { _, _ in }
    ) async throws {
        defer { withExtendedLifetime(lock) {} }
        if try SnapshotJoin.isUnderway(in: home) {
            guard try await join(untilInputEnds: untilInputEnds, signals: signals) else { return }
        }
        do {
            try await serve(untilInputEnds: untilInputEnds, signals: signals, onReady: onReady)
        } catch is JoinRequested {
            try await SnapshotJoin.begin(in: home, genesis: genesis)
            guard try await join(untilInputEnds: untilInputEnds, signals: signals) else { return }
            try await serve(untilInputEnds: untilInputEnds, signals: signals, onReady: onReady)
        }
    }

    /// Fills the home from a snapshot.
    ///
    /// - Returns: Whether all is there; not when the process was told to stop before.
    private func join(untilInputEnds: Bool, signals: Bool) async throws -> Bool {
        let join = try SnapshotJoin(
            home: home, configuration: configuration, keys: keys, genesis: genesis, logger: logger)
        do {
            try await run([SnapshotJoinService(join: join)], untilInputEnds: untilInputEnds, signals: signals)
            return false
        } catch is SnapshotJoinService.Joined {
            helpers.withLock { $0 = join.accounts }
            return true
        }
    }

    private func serve(
        untilInputEnds: Bool, signals: Bool, onReady: @escaping @Sendable (_ peerPort: Int, _ apiPort: Int) -> Void
    ) async throws {
        let node = try RunningNode(
            home: home, configuration: configuration, keys: keys, genesis: genesis,
            helpers: helpers.withLock { $0 }, logger: logger)
        logger.info(
            "starting", metadata: ["chain": "\(genesis.chain)", "height": "\(node.core.reads.store.height)"])
        do {
            try await run(node.services(onReady: onReady), untilInputEnds: untilInputEnds, signals: signals)
        } catch {
            await node.close()
            throw error
        }
        await node.close()
        logger.info("stopped", metadata: ["height": "\(node.core.reads.store.height)"])
    }

    private func run(_ parts: [any Service], untilInputEnds: Bool, signals: Bool) async throws {
        let services = untilInputEnds ? parts + [InputWatch()] : parts
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: signals ? [.sigterm, .sigint] : [], logger: logger))
        self.group.withLock { $0 = group }
        try await group.run()
    }

    /// Tells a running validator to stop, as SIGTERM does.
    public func stop() async { await group.withLock { $0 }?.triggerGracefulShutdown() }

    private static func logger(level: String, validator keys: NodeKeys) -> Logger {
        var logger = Logger(label: "careledger") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: level) ?? .info
        logger[metadataKey: "validator"] = "\("\(ValidatorID(consensusKey: keys.consensus.publicKey))".prefix(8))"
        return logger
    }
}

/// Ends when standard input does.
private struct InputWatch: Service {
    func run() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let thread = Thread {
            var byte: UInt8 = 0
            while read(0, &byte, 1) > 0 {}
            continuation.finish()
        }
        thread.start()
        await cancelWhenGracefulShutdown { for await _ in stream {} }
    }
}
