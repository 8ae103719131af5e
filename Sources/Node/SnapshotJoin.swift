internal import ChainStorage
internal import Codec
internal import Consensus
internal import Cryptography
internal import Foundation
internal import Ledger
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import P2P
internal import Replication
internal import ServiceLifecycle
internal import Synchronization

/// The others have so many blocks, and this node none, that it is filled from a snapshot instead of executing them.
struct JoinRequested: Error {}

/// Fills an empty home from the other validators: their blocks, not executed, and the state after the last of them. What
/// is stored has been proved, and a stop at any moment costs what was on its way.
///
/// The API is not served meanwhile, and the node votes on nothing. Its journal stays: what it said before is known when
/// it takes part again.
final class SnapshotJoin: Sendable {
    private enum Input: Sendable {
        case packets([JoinMessage], bytes: Int, from: Int)
        case connected(Int)
        case disconnected(Int)
    }

    /// How a peer, by its number, has answered.
    struct Account: Hashable, Sendable {
        /// Answers that were not so.
        var refuted = 0
        /// Questions that it did not answer in time.
        var unanswered = 0
    }

    private static let reportInterval: UInt64 = 10_000

    private let home: NodeHome
    private let genesis: Genesis
    private let logger: Logger
    private let queue = EventQueue<Input>()
    private let network: PeerNetwork
    private let peers = Mutex<[Int: Account]>([:])
    /// How the peers have answered that did not do so well.
    var accounts: [Int: Account] { peers.withLock { $0 } }

    init(home: NodeHome, configuration: Configuration, keys: NodeKeys, genesis: Genesis, logger: Logger) throws {
        self.home = home
        self.genesis = genesis
        self.logger = logger
        let first = try LedgerStore(chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: genesis)
        let roster = Roster(genesis: genesis, key: keys.consensus.publicKey, over: first)
        let queue = queue
        network = try PeerNetwork(
            PeerConfiguration(
                chain: genesis.chain.digest, index: roster.ownNumber, identity: keys.tls,
                peers: roster.peers(of: keys.tls), listenHost: configuration.peerListen.host,
                listenPort: configuration.peerListen.port),
            group: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { Self.receive($0, into: queue) }
    }

    /// Whether the home is being filled.
    static func isUnderway(in home: NodeHome) throws -> Bool {
        guard FileManager.default.fileExists(atPath: home.chainDirectory) else { return false }
        return try JoinStore.isUnderway(in: try LevelDB(path: home.chainDirectory))
    }

    /// Makes the home an empty one that is to be filled: nothing but the genesis block was in it.
    static func begin(in home: NodeHome, genesis: Genesis) async throws {
        for directory in [home.chainDirectory, home.stateDirectory] {
            try await released { _ = try LevelDB(path: directory) }
            try FileManager.default.removeItem(atPath: directory)
        }
        _ = try JoinStore(
            chain: try LevelDB(path: home.chainDirectory), state: try LevelDB(path: home.stateDirectory),
            genesis: genesis)
    }

    /// The last request of the node that was running may hold a database a moment longer.
    private static func released(_ open: () throws -> Void) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while true {
            do { return try open() } catch DatabaseFailure.inUse(let path) {
                guard ContinuousClock.now < deadline else { throw DatabaseFailure.inUse(path: path) }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Only what a node that joins can use is read; everything else is for when it has joined.
    private static func receive(_ event: PeerEvent, into queue: EventQueue<Input>) -> Bool {
        switch event {
        case .connected(let peer): queue.append(.connected(peer))
        case .disconnected(let peer): queue.append(.disconnected(peer))
        case .received(let frames, let peer):
            var messages: [JoinMessage] = []
            var bytes = 0
            for frame in frames {
                bytes += frame.payload.count
                do throws(DecodingFailure) {
                    if case .join(let message) = try Packet(decoding: frame.payload) { messages.append(message) }
                } catch { return false }
            }
            queue.append(.packets(messages, bytes: bytes, from: peer))
        }
        return true
    }

    /// Lets the thread end.
    func stop() { queue.close() }

    /// Fills the home.
    ///
    /// - Returns: Whether all is there; not when it was stopped.
    func run() async throws -> Bool {
        _ = try await network.start()
        let result: Result<Bool, any Error>
        do {
            result = .success(
                try await withCheckedThrowingContinuation { continuation in
                    let thread = Thread { [self] in continuation.resume(with: Result { try fill() }) }
                    thread.name = "join"
                    thread.start()
                })
        } catch { result = .failure(error) }
        queue.close()
        await network.shutdown()
        return try result.get()
    }

    private func fill() throws -> Bool {
        let store = try JoinStore(
            chain: try LevelDB(path: home.chainDirectory), state: try LevelDB(path: home.stateDirectory),
            genesis: genesis)
        var joiner = Joiner(try position(of: store))
        var clock = NodeClock()
        var reported = store.tip.height.rawValue / Self.reportInterval
        logger.notice("joining by a snapshot", metadata: ["height": "\(store.tip.height)"])
        while true {
            let wait = joiner.nextDeadline.map {
                Duration.microseconds(max(0, $0.microseconds - clock.now().microseconds))
            }
            guard let inputs = queue.take(timeout: wait) else { return false }
            var events: [Joiner.Event] = []
            for input in inputs {
                switch input {
                case .connected(let peer): events.append(.connected(ValidatorIndex(rawValue: peer)))
                case .disconnected(let peer): events.append(.disconnected(ValidatorIndex(rawValue: peer)))
                case .packets(let messages, let bytes, let peer):
                    events += messages.map { .received($0, from: ValidatorIndex(rawValue: peer)) }
                    network.consumed(bytes, from: peer)
                }
            }
            if events.isEmpty { events = [.tick] }
            for event in events where try carryOut(joiner.handle(event, now: clock.now()), in: store) {
                note(joiner)
                logger.notice(
                    "joined by a snapshot",
                    metadata: [
                        "height": "\(store.tip.height)", "refuted": "\(joiner.lies.values.reduce(0, +))",
                        "unanswered": "\(joiner.silences.values.reduce(0, +))",
                    ])
                return true
            }
            if store.tip.height.rawValue / Self.reportInterval > reported {
                reported = store.tip.height.rawValue / Self.reportInterval
                logger.notice(
                    "joining by a snapshot",
                    metadata: [
                        "height": "\(store.tip.height)", "snapshot": "\(joiner.progress.target ?? .genesis)",
                        "state": "\(store.isFetchingState)",
                    ])
            }
        }
    }

    private func note(_ joiner: Joiner) {
        var accounts: [Int: Account] = [:]
        for (peer, count) in joiner.lies { accounts[peer.rawValue, default: Account()].refuted = count }
        for (peer, count) in joiner.silences { accounts[peer.rawValue, default: Account()].unanswered = count }
        peers.withLock { $0 = accounts }
    }

    private func position(of store: JoinStore) throws -> Joiner.Position {
        let header = store.header
        let record = store.opening(of: header.nextEpoch)?.validators ?? genesis.validatorSet
        guard let validators = ValidatorSet(record.keys.compactMap(\.publicKey)),
            validators.count == record.keys.count
        else { throw StorageFailure.damaged(record: "opening of epoch \(header.nextEpoch)") }
        return Joiner.Position(
            header: header, ancestry: store.tip.ancestry, validators: validators,
            isFetchingState: store.isFetchingState, path: store.path)
    }

    /// - Returns: Whether all is there.
    private func carryOut(_ effects: [Joiner.Effect], in store: JoinStore) throws -> Bool {
        var blocks: [(block: Block, certificate: Certificate?, receipts: [Receipt], next: ValidatorSetRecord?)] = []
        for effect in effects {
            if case .append(let block, let certificate, let receipts, let next) = effect {
                blocks.append((block, certificate, receipts, next))
                continue
            }
            if !blocks.isEmpty { store.append(blocks) }
            blocks.removeAll()
            switch effect {
            case .append: break
            case .send(let message, let peer):
                network.send(Frame(kind: .bulk, payload: Packet.join(message).encoded), to: peer.rawValue)
            case .beginState: store.beginState()
            case .abandonState: store.abandonState()
            case .add(let leaves): store.add(leaves)
            case .divide: store.divide()
            case .finish:
                try store.finish()
                return true
            }
        }
        if !blocks.isEmpty { store.append(blocks) }
        return false
    }
}

/// ``SnapshotJoin`` as a service that ends when the process is told to.
struct SnapshotJoinService: Service {
    let join: SnapshotJoin

    func run() async throws {
        let join = join
        try await withGracefulShutdownHandler {
            if try await join.run() { throw Joined() }
        } onGracefulShutdown: {
            join.stop()
        }
    }

    /// All is there: the node can start.
    struct Joined: Error {}
}
