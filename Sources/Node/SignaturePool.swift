public import NIOCore
internal import NIOPosix
internal import Synchronization

/// Checks signatures on a fixed set of threads, in chunks, away from the replica's own thread.
public final class SignaturePool: Sendable {
    /// Enough checks to hide the cost of handing them over (about 1 ms of work), few enough to share a burst.
    private static let chunk = 32

    private let pool: NIOThreadPool

    /// - Parameter threads: As many as there are cores.
    public init(threads: Int = System.coreCount) {
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// Runs something on a thread of the pool; never after ``shutdown()``.
    func run(_ body: @escaping @Sendable () -> Void) {
        pool.submit { state in
            if case .active = state { body() }
        }
    }

    /// Runs `isValid` for each index below `count` and hands over all the verdicts at once.
    ///
    /// - Parameter completion: Called on a thread of the pool, or at once when there is nothing to check; never after
    ///   ``shutdown()``.
    public func check(
        _ count: Int, isValid: @escaping @Sendable (Int) -> Bool, completion: @escaping @Sendable ([Bool]) -> Void
    ) {
        guard count > 0 else { return completion([]) }
        let verdicts = Verdicts(count: count)
        for start in stride(from: 0, to: count, by: Self.chunk) {
            let range = start..<min(start + Self.chunk, count)
            pool.submit { state in
                guard case .active = state else { return }
                for index in range { verdicts.set(index, isValid(index)) }
                if verdicts.finished(range.count) { completion(verdicts.all) }
            }
        }
    }

    /// Lets what runs finish and forgets the rest.
    public func shutdown() async { try? await pool.shutdownGracefully() }
}

/// A place for each verdict. Safe to share: each index is written by one chunk, and read only when the count of
/// unfinished ones, which orders memory, has come to zero.
private final class Verdicts: @unchecked Sendable {
    private let buffer: UnsafeMutableBufferPointer<Bool>
    private let unfinished: Atomic<Int>

    init(count: Int) {
        buffer = .allocate(capacity: count)
        buffer.initialize(repeating: false)
        unfinished = Atomic(count)
    }

    deinit { buffer.deallocate() }

    func set(_ index: Int, _ verdict: Bool) { buffer[index] = verdict }

    /// - Returns: Whether these were the last.
    func finished(_ count: Int) -> Bool {
        unfinished.subtract(count, ordering: .acquiringAndReleasing).newValue == 0
    }

    var all: [Bool] { Array(buffer) }
}
