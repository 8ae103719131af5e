import API
import Client
import Codec
import Cryptography
import Ledger
import Synchronization

/// Hospitals that register staff all the while: each transaction is offered to one validator after the other until one
/// proves that it is final, and what was acknowledged is written down.
final class Load: Sendable {
    /// Where a transaction is final, as its proof says.
    struct Place: Hashable, Sendable {
        let height: Height
        let block: BlockHash
    }

    /// What has come of the load.
    struct Record: Sendable {
        var acknowledged: [TransactionID: Place] = [:]
        /// Transactions that an answer said must not be.
        var contradictions: [String] = []
        /// The longest time without any acknowledgement, and when the last one came.
        var longestSilence = Duration.zero
        var last = ContinuousClock.now
    }

    private let organizations: [OrganizationKeys]
    private let clients: [LedgerClient]
    private let tip: BlockHeader
    private let sealingKey = SealingKey.random().publicKey
    private let isOver = Atomic(false)
    private let pause: Duration
    private let record = Mutex(Record())

    /// - Parameter rate: Transactions a second, at most.
    init(_ consortium: Consortium, rate: Double) async throws {
        organizations = consortium.hospitals
        let genesis = consortium.genesis
        clients = try consortium.machines.map { try LedgerClient(genesis, urls: [$0.node.url]) }
        tip = try await clients[0].tip()
        pause = .seconds(Double(consortium.machines.count * Self.workersPerNode) / rate)
    }

    static let workersPerNode = 4

    /// Works until ``finish()``, and then until the last transaction is settled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for node in clients.indices {
                for _ in 0..<Self.workersPerNode { group.addTask { await self.work(node) } }
            }
        }
    }

    /// Begins no further transactions.
    func finish() { isOver.store(true, ordering: .relaxed) }

    /// What has come of the load so far.
    var soFar: Record { record.withLock { $0 } }

    /// Closes the connections.
    func shutDown() async { for client in clients { await client.shutDown() } }

    /// Registers somebody through one validator and no other, as often as it takes.
    ///
    /// - Returns: Whether it became final in time.
    func probe(_ node: Int, within limit: Duration) async -> Bool {
        let transaction = registration(by: node)
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if await offer(transaction, to: node) { return true }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    private func work(_ node: Int) async {
        while !isOver.load(ordering: .relaxed) {
            let due = ContinuousClock.now + pause
            let transaction = registration(by: node)
            var attempt = node
            while await !offer(transaction, to: attempt % clients.count) {
                attempt += 1
                try? await Task.sleep(for: .milliseconds(100))
            }
            try? await Task.sleep(until: due)
        }
    }

    /// Submits a transaction to one validator. True when it is settled.
    private func offer(_ transaction: Transaction, to node: Int) async -> Bool {
        do throws(ClientFailure) {
            let proof = try await clients[node].submit(transaction, timeout: .seconds(5))
            try proof.requireApplied()
            acknowledge(transaction.id, proof.finality.header)
            return true
        } catch {
            switch error {
            case .unreachable, .pending: return false
            case .problem(let problem, _) where Self.isPassing(problem.code): return false
            default:
                record.withLock { $0.contradictions.append("\(transaction.id): \(error)") }
                return true
            }
        }
    }

    private func acknowledge(_ id: TransactionID, _ header: BlockHeader) {
        record.withLock { record in
            record.acknowledged[id] = Place(height: header.height, block: header.hash)
            record.longestSilence = max(record.longestSilence, ContinuousClock.now - record.last)
            record.last = .now
        }
    }

    private static func isPassing(_ code: Problem.Code) -> Bool {
        switch code {
        case .notReady, .tooManyRequests, .internalFailure, .storageFull: true
        default: false
        }
    }

    private func registration(by index: Int) -> Transaction {
        let keys = organizations[index]
        guard let organization = keys.organization else { preconditionFailure("a hospital is on the chain") }
        // Letters: a row of digits could pass for the number of a payment card, which the ledger refuses.
        let pseudonym = String(decoding: SystemRandom.bytes(16).map { UInt8(ascii: "a") + $0 % 26 }, as: UTF8.self)
        let operation = RegisterStaff(
            organization: organization, role: .clinician, pseudonym: pseudonym,
            registrationHash: .sha256(SystemRandom.bytes(32)), deviceKey: SigningKey.random().publicKey,
            receivingKey: SigningKey.random().publicKey, sealingKey: sealingKey,
            expires: tip.time.advanced(byMilliseconds: 365 * 86_400_000), needsCosignature: false)
        let body = TransactionBody(
            chain: clients[0].chain, nonce: SystemRandom.bytes(TransactionBody.nonceLength),
            validUntil: Height(rawValue: tip.height.rawValue + 9_900), operations: [.registerStaff(operation)])
        return Transaction(body, signedBy: keys.signing)
    }
}
