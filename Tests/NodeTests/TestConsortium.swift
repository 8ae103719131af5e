import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Logging
import Node
import Synchronization

/// Four validators of one hospital on loopback, in this process, with homes of their own.
final class TestConsortium: Sendable {
    let genesis: Genesis
    let directory: String
    private let scrubInterval: Duration?
    private let adjust: @Sendable (inout Configuration) -> Void
    /// Where each validator's API listens; the genesis file names another port for those behind a proxy.
    let apiPorts: [Int]
    private let running: Mutex<[Int: (service: NodeService, task: Task<Void, any Error>)]> = Mutex([:])

    /// - Parameter proxied: Validators whose address in the genesis file is a proxy's, which a test puts there.
    init(
        directory: String, validators: Int = 4, scrubInterval: Duration? = nil, proxied: Set<Int> = [],
        documentCopies: Int = 0, adjust: @escaping @Sendable (inout Configuration) -> Void = { _ in }
    ) throws {
        self.directory = directory
        self.scrubInterval = scrubInterval
        self.adjust = adjust
        let ports = FreePorts.find((proxied.isEmpty ? 2 : 3) * validators)
        apiPorts = (0..<validators).map { ports[2 * $0 + 1] }
        var made: [NodeKeys] = []
        var cards: [ValidatorCard] = []
        for index in 0..<validators {
            var configuration = Configuration()
            configuration.peerListen = Address(host: "127.0.0.1", port: ports[2 * index])
            configuration.apiListen = Address(host: "127.0.0.1", port: ports[2 * index + 1])
            configuration.networkDelay = .milliseconds(100)
            let keys = try NodeHome.make(at: "\(directory)/\(index)", configuration: configuration).keys
            let publicPort = proxied.contains(index) ? ports[2 * validators + index] : ports[2 * index + 1]
            made.append(keys)
            cards.append(
                ValidatorCard(
                    organization: "hospital", keys: keys, peerAddress: "127.0.0.1:\(ports[2 * index])",
                    apiURL: "https://127.0.0.1:\(publicPort)"))
        }
        let description = try GenesisDescription(
            json: Array(GenesisSample.description(name: "test", documentCopies: documentCopies).utf8))
        genesis = try description.genesis(validators: cards)
        for index in 0..<validators { try NodeHome(path: "\(directory)/\(index)").install(genesis) }
    }

    /// Starts a validator and returns when its doors are open.
    ///
    /// Within one process the last request of the validator that stopped before may hold its databases a moment longer.
    ///
    /// - Parameter supported: The newest rules that its program has.
    func start(_ index: Int, supporting supported: ProtocolVersion = .latest) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while true {
            do { return try await startOnce(index, supported) } catch {
                guard "\(error)".contains("another process"), ContinuousClock.now < deadline else { throw error }
                await Task.yield()
            }
        }
    }

    private func startOnce(_ index: Int, _ supported: ProtocolVersion) async throws {
        let service = try NodeService(
            home: NodeHome(path: "\(directory)/\(index)"),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { [scrubInterval, adjust] in
            adjust(&$0)
            $0.scrubInterval = scrubInterval ?? $0.scrubInterval
            $0.supportedVersion = supported
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            defer { continuation.finish() }
            try await service.run(signals: false) { _, _ in continuation.yield() }
        }
        var isOpen = false
        for await _ in stream {
            isOpen = true
            break
        }
        // A service that ended before its doors were open says why.
        if !isOpen { try await task.value }
        running.withLock { $0[index] = (service, task) }
    }

    /// Stops a validator and returns when it is at rest.
    func stop(_ index: Int) async throws {
        guard let node = running.withLock({ $0.removeValue(forKey: index) }) else { return }
        await node.service.stop()
        try await node.task.value
    }

    /// Waits until a validator stops by itself, and says why.
    func ending(_ index: Int) async throws {
        guard let node = running.withLock({ $0.removeValue(forKey: index) }) else { return }
        try await node.task.value
    }

    func startAll() async throws { for index in genesis.validators.indices { try await start(index) } }

    func stopAll() async throws { for index in genesis.validators.indices { try await stop(index) } }

    /// A client of one validator alone.
    func client(of index: Int) throws -> LedgerClient {
        try LedgerClient(genesis, urls: [genesis.validators[index].apiURL])
    }

    /// Does something with a client of one validator alone, which is shut down after it.
    func withClient<Result>(of index: Int, _ body: (LedgerClient) async throws -> Result) async throws -> Result {
        let client = try client(of: index)
        do {
            let result = try await body(client)
            await client.shutDown()
            return result
        } catch {
            await client.shutDown()
            throw error
        }
    }

    /// Waits until a validator is ready, and stands where another does.
    func wait(for index: Int, at height: Height) async throws {
        try await withClient(of: index) { client in
            let deadline = ContinuousClock.now.advanced(by: .seconds(240))
            while true {
                if let status = try? await client.nodes.send(.status, as: NodeStatus.self).value, status.ready,
                    status.height >= height
                {
                    return
                }
                guard ContinuousClock.now < deadline else { throw Unreached(index: index, height: height) }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// A validator does not get where it should.
    struct Unreached: Error {
        let index: Int
        let height: Height
    }

    /// The hospital registers somebody: the smallest thing that changes the ledger.
    func registration(_ number: Int = 0, validFor heights: UInt64 = 1000) -> Transaction {
        let staff = RegisterStaff(
            organization: genesis.organizations[0].id, role: .clinician, pseudonym: "clinician \(number)",
            registrationHash: .sha256(SystemRandom.bytes(8)), deviceKey: SigningKey.random().publicKey,
            receivingKey: SigningKey.random().publicKey, sealingKey: Self.sealingKey,
            expires: Timestamp(rawValue: 4_000_000_000_000), needsCosignature: true)
        let body = TransactionBody(
            chain: genesis.chain, nonce: SystemRandom.bytes(16), validUntil: Height(rawValue: heights),
            operations: [.registerStaff(staff)])
        return Transaction(body, signedBy: [GenesisSample.hospitalKey])
    }

    private static let sealingKey = SealingKey.random().publicKey
}
