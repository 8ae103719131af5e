package import Consensus

/// Simulated time: a queue of what happens when, in microseconds; ties happen in the order they were planned.
package struct SimulatedClock<Event> {
    private struct Entry {
        let time: Int64
        let order: UInt64
        let slot: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.order < right.order
        }
    }

    /// Simulated microseconds so far.
    package private(set) var time: Int64 = 0
    private var planned: UInt64 = 0
    private var heap: [Entry] = []
    private var events: [Event?] = []
    private var free: [Int] = []

    package init() {}

    /// The reading that the machines are given.
    package var now: Instant { Instant(microseconds: time) }

    /// Plans an event.
    package mutating func plan(_ event: Event, after delay: Int64) {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            events[slot] = event
        } else {
            slot = events.count
            events.append(event)
        }
        planned += 1
        heap.append(Entry(time: time + max(0, delay), order: planned, slot: slot))
        siftUp()
    }

    /// Moves to the next event at or before `end`; nothing is left when it returns nothing.
    package mutating func advance(to end: Int64) -> Event? {
        guard let first = heap.first, first.time <= end else {
            time = max(time, end)
            return nil
        }
        time = first.time
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            siftDown()
        }
        free.append(first.slot)
        defer { events[first.slot] = nil }
        return events[first.slot]
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
