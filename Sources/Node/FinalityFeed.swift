internal import Codec
internal import Ledger
internal import Synchronization

/// Tells whoever waits that blocks have become final.
final class FinalityFeed: Sendable {
    /// What came of waiting for a transaction.
    enum Outcome: Sendable {
        /// It is in a final block.
        case final
        /// Its last height has passed: it will never be.
        case expired
        /// Neither, in the time that one waits.
        case pending
    }

    private struct Waiter {
        var continuation: CheckedContinuation<Outcome, Never>
        var validUntil: Height
        var deadline: ContinuousClock.Instant
    }

    private struct State {
        var waiters: [TransactionID: [Waiter]] = [:]
        var watchers: [UInt64: AsyncStream<Height>.Continuation] = [:]
        var nextWatcher: UInt64 = 0
        var closed = false
    }

    private let state = Mutex(State())

    /// Waits until a transaction is final.
    ///
    /// - Parameters:
    ///   - isFinal: Asked once after the wait has begun, so that nothing falls between.
    ///   - submit: Begins what is waited for.
    func wait(
        for id: TransactionID, validUntil: Height, timeout: Duration, isFinal: () -> Bool
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            let waiter = Waiter(
                continuation: continuation, validUntil: validUntil, deadline: .now.advanced(by: timeout))
            let registered = state.withLock { state in
                if state.closed { return false }
                state.waiters[id, default: []].append(waiter)
                return true
            }
            guard registered else { return continuation.resume(returning: .pending) }
            if isFinal() { resume(id, .final) }
        }
    }

    /// Heights as blocks become final; a slow reader gets the newest and reads the ones between from the store.
    func heights() -> AsyncStream<Height> {
        let (stream, continuation) = AsyncStream.makeStream(of: Height.self, bufferingPolicy: .bufferingNewest(1))
        let (number, closed) = state.withLock { state in
            state.nextWatcher += 1
            if !state.closed { state.watchers[state.nextWatcher] = continuation }
            return (state.nextWatcher, state.closed)
        }
        if closed { continuation.finish() }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.watchers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Blocks up to `height` are on the disk; these transactions are in them.
    func publish(height: Height, transactions: some Sequence<TransactionID>) {
        let (final, expired, watchers) = state.withLock { state in
            let final = transactions.flatMap { state.waiters.removeValue(forKey: $0) ?? [] }
            return (final, Self.remove(&state) { $0.validUntil < height }, Array(state.watchers.values))
        }
        for waiter in final { waiter.continuation.resume(returning: .final) }
        for waiter in expired { waiter.continuation.resume(returning: .expired) }
        for watcher in watchers { watcher.yield(height) }
    }

    /// Lets those go who have waited long enough; called about once a second.
    func sweep() {
        let now = ContinuousClock.now
        let late = state.withLock { state in Self.remove(&state) { $0.deadline <= now } }
        for waiter in late { waiter.continuation.resume(returning: .pending) }
    }

    /// Lets everybody go.
    func close() {
        let (waiters, watchers) = state.withLock { state in
            state.closed = true
            return (Self.remove(&state) { _ in true }, Array(state.watchers.values))
        }
        for waiter in waiters { waiter.continuation.resume(returning: .pending) }
        for watcher in watchers { watcher.finish() }
    }

    private func resume(_ id: TransactionID, _ outcome: Outcome) {
        for waiter in state.withLock({ $0.waiters.removeValue(forKey: id) ?? [] }) {
            waiter.continuation.resume(returning: outcome)
        }
    }

    private static func remove(_ state: inout State, where isDue: (Waiter) -> Bool) -> [Waiter] {
        var removed: [Waiter] = []
        for (id, waiters) in state.waiters where waiters.contains(where: isDue) {
            removed += waiters.filter(isDue)
            let rest = waiters.filter { !isDue($0) }
            state.waiters[id] = rest.isEmpty ? nil : rest
        }
        return removed
    }
}
