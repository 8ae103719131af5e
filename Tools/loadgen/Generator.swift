import API
import Client
import Codec
import Ledger
import NIOCore
import NIOPosix
import Synchronization

/// Sends messages over many connections and times each to its answer: of a transaction, the final receipt.
///
/// With a rate, a message is due at its place in the schedule and its time counts from there, sent or not: a network
/// that stalls does not hide it by holding the generator up. Without, each connection sends the next when it has an answer.
final class Generator: Sendable {
    /// What came of a load.
    struct Outcome: Sendable {
        var latencies = Histogram()
        /// Answers that were not a final receipt, by status; 0 for a connection that broke.
        var failures: [UInt: Int] = [:]
        /// How often a node asked to come again later.
        var postponed = 0
        /// Every so many-th answer, for ``Verification``.
        var samples: [ByteBuffer] = []
        var elapsed = Duration.zero
    }

    private static let sampleEvery = 16
    /// How long to stay away from a node that has too much to do.
    private static let pause = TimeAmount.milliseconds(20)

    private let count: Int
    private let message: @Sendable (Int) -> APIConnection.Message
    private let interval: TimeAmount?
    private let start: NIODeadline
    private let end: NIODeadline
    private let next = Atomic(0)
    private let outcome = Mutex(Outcome())

    /// - Parameters:
    ///   - count: How many messages there are.
    ///   - message: Each of them; asked once for each place, when it is due.
    ///   - rate: Messages a second; nothing for as fast as the answers come.
    ///   - seconds: When to stop sending; nothing for when all are sent.
    init(
        _ count: Int, of message: @escaping @Sendable (Int) -> APIConnection.Message, rate: Double?, seconds: Double?
    ) {
        self.count = count
        self.message = message
        interval = rate.map { .nanoseconds(Int64(1e9 / $0)) }
        let start = NIODeadline.now() + .milliseconds(50)
        self.start = start
        end = seconds.map { start + .nanoseconds(Int64($0 * 1e9)) } ?? .distantFuture
    }

    /// Runs the load to its end.
    ///
    /// - Parameters:
    ///   - connections: How many to open, spread over the nodes.
    func run(over connections: Int, to nodes: [NodeAddress]) async throws -> Outcome {
        var open: [APIConnection] = []
        for index in 0..<connections {
            open.append(
                try await APIConnection(to: nodes[index % nodes.count], on: MultiThreadedEventLoopGroup.singleton))
        }
        let outcome = await run(over: open)
        for connection in open { await connection.close() }
        return outcome
    }

    private func run(over connections: [APIConnection]) async -> Outcome {
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await self.send(over: connection) } }
        }
        let elapsed = NIODeadline.now() - start
        return outcome.withLock { outcome in
            outcome.elapsed = .nanoseconds(elapsed.nanoseconds)
            return outcome
        }
    }

    private func send(over connection: APIConnection) async {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            do {
                let due = interval.map { start + $0 * index } ?? max(start, .now())
                guard due < end else { return }
                try await connection.wait(until: due)
                try await settle(index, due, connection)
            } catch {
                outcome.withLock { $0.failures[0, default: 0] += 1 }
                return
            }
        }
    }

    /// Sends one message until a node has taken it or refused it.
    private func settle(_ index: Int, _ due: NIODeadline, _ connection: APIConnection) async throws {
        let message = message(index)
        while true {
            let reply = try await connection.send(message)
            let latency = NIODeadline.now() - due
            if reply.status == 429, NIODeadline.now() < end {
                outcome.withLock { $0.postponed += 1 }
                try await connection.wait(until: .now() + Self.pause)
                continue
            }
            outcome.withLock { outcome in
                guard reply.status == 200 else { return outcome.failures[reply.status, default: 0] += 1 }
                outcome.latencies.record(UInt64(latency.nanoseconds / 1000))
                if index % Self.sampleEvery == 0 { outcome.samples.append(reply.body) }
            }
            return
        }
    }
}

/// Checks what nodes answered the way a wallet does, after the load, where it costs the network nothing.
enum Verification {
    /// Whether every sampled answer proves that all operations were applied in a final block.
    static func check(_ samples: [ByteBuffer], from genesis: Genesis) throws {
        let trust = TrustAnchor(genesis)
        for sample in samples {
            guard let proof = try SubmissionReply(decoding: Array(sample.readableBytesView)).proof else {
                throw LoadFailure.noReceipt
            }
            try proof.verify(trust)
            for case .refused(let refusal) in proof.receipt.outcomes { throw LoadFailure.operationRefused(refusal) }
        }
    }
}
