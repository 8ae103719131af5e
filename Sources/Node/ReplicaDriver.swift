internal import API
internal import ChainStorage
internal import Codec
internal import Consensus
internal import Cryptography
internal import Foundation
internal import Ledger
internal import Logging
internal import P2P
internal import Replication
internal import Synchronization

/// Runs the replica on a thread of its own: takes all that has happened, lets it decide once, then makes everything
/// durable with one sync, says what is to be said, and writes what is final, in this order.
///
/// The thread waits for nobody but the disk. Packets are decoded on network threads, signatures are checked on the pool,
/// and whoever waits for a block is woken elsewhere.
final class ReplicaDriver: Sendable {
    /// What arrives from outside.
    private enum Input: Sendable {
        case packets([Packet], bytes: Int, from: Int)
        case connected(Int)
        case disconnected(Int)
        case submitted(Transaction, CheckedContinuation<SubmissionVerdict, Never>)
        case verified(job: UInt64, verdicts: [Bool])
    }

    /// Why the driver ended by itself.
    struct Halted: Error, CustomStringConvertible {
        let description: String
    }

    /// What a replica needs that is known before it runs.
    struct Parts: Sendable {
        var configuration: Replica<ReplicaStore>.Configuration
        var key: SigningKey
        var identity: TLSIdentity
        var roster: Roster
        var store: LedgerStore
        var home: NodeHome
        var pool: SignaturePool
        var metrics: NodeMetrics
        var logger: Logger
    }

    private let parts: Parts
    private let queue = EventQueue<Input>()
    private let latest: Mutex<ReplicaReport?> = Mutex(nil)

    init(_ parts: Parts) { self.parts = parts }

    /// Hands in a transaction that a client has brought.
    func submit(_ transaction: Transaction) async -> SubmissionVerdict {
        await withCheckedContinuation { continuation in
            if !queue.append(.submitted(transaction, continuation)) { continuation.resume(returning: .stopping) }
        }
    }

    /// Takes what the peer network tells, on its threads.
    ///
    /// - Returns: Whether the peer keeps to the rules; not if it sent something that is no packet.
    func receive(_ event: PeerEvent) -> Bool {
        switch event {
        case .connected(let peer): queue.append(.connected(peer))
        case .disconnected(let peer): queue.append(.disconnected(peer))
        case .received(let frames, let peer):
            var packets: [Packet] = []
            var bytes = 0
            for frame in frames {
                bytes += frame.payload.count
                do throws(DecodingFailure) { packets.append(try Packet(decoding: frame.payload)) } catch {
                    queue.append(.packets(packets, bytes: bytes, from: peer))
                    parts.logger.warning("no packet", metadata: ["peer": "\(peer)", "failure": "\(error)"])
                    return false
                }
            }
            queue.append(.packets(packets, bytes: bytes, from: peer))
        }
        return true
    }

    /// How the replica was when it last decided something.
    var report: ReplicaReport? { latest.withLock { $0 } }

    /// Lets the thread end when it has dealt with what is there.
    func stop() { queue.close() }

    /// Starts the thread and returns when it has ended.
    ///
    /// - Parameters:
    ///   - network: Where packets go.
    ///   - follow: Told of blocks that are on the disk.
    /// - Throws: What keeps the journal from being read, or ``Halted``.
    func run(network: PeerNetwork, follow: @escaping @Sendable ([FinalizedBlock]) -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let thread = Thread { [self] in
                do {
                    var loop = try ReplicaLoop(parts, network: network, follow: follow)
                    continuation.resume(with: Result { try drive(&loop) })
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.name = "replica"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    private func drive(_ loop: inout ReplicaLoop) throws {
        defer {
            // However it ends, nobody is left waiting.
            queue.close()
            loop.abandon()
        }
        try loop.handle([.start]) { _ in }
        while let inputs = queue.take(timeout: loop.timeUntilDeadline) {
            var events: [Event] = []
            for input in inputs {
                switch input {
                case .packets(let packets, let bytes, let peer):
                    let sender = ValidatorIndex(rawValue: peer)
                    events += packets.map { .received($0, from: sender) }
                    loop.owe(bytes, to: peer)
                case .connected(let peer): events.append(.connected(ValidatorIndex(rawValue: peer)))
                case .disconnected(let peer): events.append(.disconnected(ValidatorIndex(rawValue: peer)))
                case .submitted(let transaction, let continuation):
                    events.append(.submitted(transaction, token: loop.token(for: continuation)))
                case .verified(let job, let verdicts): events.append(.verified(job: job, verdicts: verdicts))
                }
            }
            try loop.handle(events) { job in verify(job) }
            latest.withLock { $0 = loop.report }
        }
    }

    /// Checks a job's signatures on the pool; a transaction is valid when all its checks hold.
    private func verify(_ job: VerificationJob) {
        let pool = parts.pool
        let metrics = parts.metrics
        let queue = queue
        pool.run {
            let checks = job.transactions.map { $0.signatureChecks() }
            let owners = checks.indices.flatMap { index in Array(repeating: index, count: checks[index].count) }
            let all = checks.flatMap { $0 }
            metrics.signatureChecks.add(UInt64(all.count))
            pool.check(all.count, isValid: { all[$0].holds }) { held in
                var verdicts = [Bool](repeating: true, count: checks.count)
                for (owner, holds) in zip(owners, held) where !holds { verdicts[owner] = false }
                queue.append(.verified(job: job.id, verdicts: verdicts))
            }
        }
    }
}
