internal import Glibc

/// A queue that one thread drains and any thread fills: all that is there is taken at once, and a burst costs one
/// wake-up.
///
/// Safe to share: everything but the two pthread objects is touched only under the mutex, and those are made to be shared.
final class EventQueue<Event: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var events: [Event] = []
    private var closed = false
    private var waiting = false

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A deadline must not move when somebody sets the clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Adds an event.
    ///
    /// - Returns: Whether it will be taken; not after ``close()``.
    @discardableResult
    func append(_ event: Event) -> Bool {
        pthread_mutex_lock(mutex)
        let open = !closed
        let wake = waiting && open
        if open { events.append(event) }
        waiting = waiting && !wake
        pthread_mutex_unlock(mutex)
        if wake { pthread_cond_signal(condition) }
        return open
    }

    /// Lets the drain end once it has taken what is there.
    func close() {
        pthread_mutex_lock(mutex)
        closed = true
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    /// Takes everything, waiting until there is something or `timeout` has passed.
    ///
    /// - Returns: Events in the order they came, none at the timeout; nothing when the queue is closed and empty.
    func take(timeout: Duration?) -> [Event]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if events.isEmpty, !closed {
            waiting = true
            if let timeout { wait(atMost: timeout) } else { pthread_cond_wait(condition, mutex) }
            waiting = false
        }
        if events.isEmpty, closed { return nil }
        var taken: [Event] = []
        swap(&taken, &events)
        return taken
    }

    private func wait(atMost timeout: Duration) {
        guard timeout > .zero else { return }
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, attoseconds) = timeout.components
        deadline.tv_sec += Int(seconds)
        deadline.tv_nsec += Int(attoseconds / 1_000_000_000)
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_nsec -= 1_000_000_000
            deadline.tv_sec += 1
        }
        pthread_cond_timedwait(condition, mutex, &deadline)
    }
}
