internal import API
internal import ChainStorage
internal import Consensus
internal import ContentStorage
internal import Cryptography
internal import Ledger
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import P2P
internal import Replication
internal import ServiceLifecycle
internal import Synchronization

/// The parts of a validator, opened and wired to each other.
final class RunningNode: Sendable {
    /// The version that the status names.
    static let version = "1.0.0"

    let core: NodeCore
    private let configuration: Configuration
    private let keys: NodeKeys
    private let network: PeerNetwork
    private let driver: ReplicaDriver
    private let pool: SignaturePool
    private let group: any EventLoopGroup
    private let backups: BackupDoor
    private let alarms: Alarms

    init(
        home: NodeHome, configuration: Configuration, keys: NodeKeys, genesis: Genesis,
        helpers: [Int: SnapshotJoin.Account], logger: Logger
    ) throws {
        self.configuration = configuration
        self.keys = keys
        group = MultiThreadedEventLoopGroup.singleton
        pool = SignaturePool()
        let supported = configuration.supportedVersion
        let (chain, state) = (try LevelDB(path: home.chainDirectory), try LevelDB(path: home.stateDirectory))
        let store = try ProgramOutdated.noted(supported: supported) {
            try LedgerStore(
                chain: chain, state: state, genesis: genesis, snapshotInterval: configuration.snapshotInterval,
                supporting: supported)
        }
        let rules = ReplicaReport.Rules(after: store.height, in: store, supported: supported)
        if rules.version > supported, let end = rules.end(after: store.height) {
            throw ProgramOutdated(end, supported: supported)
        }
        guard let validators = ValidatorSet(genesis.validators.map(\.consensusKey)) else {
            preconditionFailure("a genesis names 1 to 128 different validators")
        }
        // Who decides is what the state says; the genesis file only says who did at first.
        let roster = Roster(genesis: genesis, key: keys.consensus.publicKey, over: store)
        try keys.check(store.record(roster.ownID))
        if !roster.isMember { logger.notice("no validator of the present set: following as an observer") }
        let metrics = NodeMetrics()
        let driver = ReplicaDriver(
            .init(
                configuration: .init(
                    chain: genesis.chain, validators: validators,
                    others: Array(roster.keys.dropFirst(validators.count)),
                    index: ValidatorIndex(rawValue: roster.ownNumber),
                    pace: Pace(delay: configuration.networkDelay), supportedVersion: supported,
                    joinDistance: configuration.joinDistance),
                key: keys.consensus, identity: keys.tls, roster: roster, store: store, home: home, pool: pool,
                metrics: metrics, logger: logger))
        let peers = PeerConfiguration(
            chain: genesis.chain.digest, index: roster.ownNumber, identity: keys.tls, peers: roster.peers(of: keys.tls),
            listenHost: configuration.peerListen.host, listenPort: configuration.peerListen.port)
        let network = try PeerNetwork(peers, group: group, logger: logger) { driver.receive($0) }
        self.driver = driver
        self.network = network
        let currency = Currency()
        let content = try FileContentStore(root: home.contentDirectory, reserve: configuration.contentReserve)
        let custody = try LevelDB(path: home.custodyDirectory, options: .small)
        alarms = Alarms(home: home, roster: roster, store: store, content: content, helpers: helpers)
        backups = BackupDoor(
            home: home, stores: .init(chain: chain, state: state, custody: custody), logger: logger)
        core = try NodeCore(
            home: home, keys: keys, genesis: genesis, roster: roster, apiListen: configuration.apiListen,
            contentGrace: configuration.contentGrace, store: store, custody: custody, content: content, group: group,
            metrics: metrics, logger: logger, submit: { await driver.submit($0) },
            status: {
                NodeStatus(
                    of: driver.report, peers: network.counters, genesis: genesis, roster: roster, store: store,
                    content: content, helpers: helpers, supported: supported)
            }, isCurrent: { currency.isCurrent(driver.report, height: store.height) })
    }

    /// The services, in the order in which they start; they stop in the opposite one.
    func services(onReady: @escaping @Sendable (Int, Int) -> Void) -> [any Service] {
        let ports = Mutex<(peer: Int?, api: Int?)>((nil, nil))
        let report: @Sendable (Int?, Int?) -> Void = { peer, api in
            let known = ports.withLock { ports in
                ports = (peer ?? ports.peer, api ?? ports.api)
                return ports
            }
            if let peer = known.peer, let api = known.api { onReady(peer, api) }
        }
        return [
            ReplicaService(driver: driver, network: network, core: core),
            PeerService(network: network) { report($0, nil) },
            Housekeeping(core: core, scrubInterval: configuration.scrubInterval),
            backups,
            HTTPDoor(
                node: core, identity: keys.tls, address: configuration.apiListen,
                connections: configuration.apiConnections, group: group,
                metrics: { [network, driver, alarms] page in
                    let (report, counters) = (driver.report, network.counters)
                    page.add(report, counters)
                    alarms.write(report, counters, to: &page)
                },
                onServing: { report(nil, $0) }),
        ]
    }

    func close() async {
        await core.close()
        await pool.shutdown()
    }
}

/// Runs the replica until the node stops.
private struct ReplicaService: Service {
    let driver: ReplicaDriver
    let network: PeerNetwork
    let core: NodeCore

    func run() async throws {
        let (driver, core) = (driver, core)
        try await withGracefulShutdownHandler {
            try await driver.run(network: network) { core.follow($0) }
        } onGracefulShutdown: {
            driver.stop()
        }
    }
}

/// Keeps the connections to the other validators until the node stops.
private struct PeerService: Service {
    let network: PeerNetwork
    let onListening: @Sendable (Int) -> Void

    func run() async throws {
        onListening(try await network.start())
        try? await gracefulShutdown()
        await network.shutdown()
    }
}
