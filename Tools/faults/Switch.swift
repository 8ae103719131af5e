import Foundation
import Glibc
import Simulation
import Synchronization

/// What becomes of packets on their way from one machine to another.
struct Link: Equatable {
    /// None arrives.
    var isCut = false
    /// The share that is lost.
    var loss = 0.0
    /// The share that arrives twice.
    var duplication = 0.0
    /// What every packet needs, in microseconds.
    var delay: Int64 = 0
    /// The mean of what comes on top, exponentially distributed; packets overtake each other by it.
    var jitter = 0.0
    /// Bytes a second; nothing for no limit.
    var rate: Double?
}

/// The cables between the machines: carries every packet from the interface that sent it to the one it is for, as the
/// links say. One direction of a pair is one link.
///
/// It takes the place of a bridge with `tc netem`: it needs no kernel module, and each direction can be cut alone.
final class Switch: Sendable {
    private struct Packet {
        let due: Int64
        let port: Int
        let bytes: [UInt8]
    }

    private struct Links {
        var table: [[Link]]
        /// When the last byte that a limited link took has left it.
        var freeAt: [[Int64]]
        var generator: SeededGenerator
    }

    private static let longestPacket = 65_536
    /// Bytes that wait before a limited link are at most what it carries in this many microseconds.
    private static let queue: Int64 = 1_000_000

    private let interfaces: [Int32]
    private let links: Mutex<Links>

    /// - Parameter interfaces: Of the machines in order; the last one is this process's own.
    init(_ interfaces: [Int32], seed: UInt64) {
        self.interfaces = interfaces
        let count = interfaces.count
        links = Mutex(
            Links(
                table: Array(repeating: Array(repeating: Link(), count: count), count: count),
                freeAt: Array(repeating: Array(repeating: 0, count: count), count: count),
                generator: SeededGenerator(seed: seed)))
    }

    /// Changes the links of which the closure makes something else.
    ///
    /// - Parameter change: Given the sender's and the receiver's number and the link.
    func change(_ change: (Int, Int, inout Link) -> Void) {
        links.withLock { links in
            for sender in interfaces.indices {
                for receiver in interfaces.indices { change(sender, receiver, &links.table[sender][receiver]) }
            }
        }
    }

    /// Begins to carry packets, in a thread of its own, until the process ends.
    func start() {
        let thread = Thread { self.carry() }
        thread.name = "switch"
        thread.start()
    }

    private func carry() {
        var waiting: [Packet] = []
        var buffer = [UInt8](repeating: 0, count: Self.longestPacket)
        var polled = interfaces.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            let timeout = waiting.last.map { Int32(min(max(0, ($0.due - Self.now() + 999) / 1000), 1000)) } ?? 1000
            _ = poll(&polled, nfds_t(polled.count), timeout)
            let now = Self.now()
            for (port, entry) in polled.enumerated() where entry.revents & Int16(POLLIN) != 0 {
                for _ in 0..<64 {
                    let count = read(entry.fd, &buffer, buffer.count)
                    guard count > 0 else { break }
                    accept(Array(buffer[0..<count]), from: port, at: now, into: &waiting)
                }
            }
            while let packet = waiting.last, packet.due <= now {
                waiting.removeLast()
                // A receiver whose queue is full loses it, as a real one does.
                _ = write(interfaces[packet.port], packet.bytes, packet.bytes.count)
            }
        }
    }

    /// Puts a packet in its place among those that wait, which are ordered from the last to the first.
    private func accept(_ bytes: [UInt8], from sender: Int, at now: Int64, into waiting: inout [Packet]) {
        guard bytes.count >= 20, bytes[0] >> 4 == 4 else { return }
        let host = Int(bytes[19])
        let receiver = host == Consortium.ownHost ? interfaces.count - 1 : host - 1
        guard interfaces.indices.contains(receiver), receiver != sender else { return }
        for due in links.withLock({ Self.arrivals(&$0, sender, receiver, bytes.count, now) }) {
            var (low, high) = (0, waiting.count)
            while low < high {
                let middle = (low + high) / 2
                if waiting[middle].due > due { low = middle + 1 } else { high = middle }
            }
            waiting.insert(Packet(due: due, port: receiver, bytes: bytes), at: low)
        }
    }

    private static func arrivals(
        _ links: inout Links, _ sender: Int, _ receiver: Int, _ size: Int, _ now: Int64
    ) -> [Int64] {
        let link = links.table[sender][receiver]
        guard !link.isCut, !links.generator.chance(link.loss) else { return [] }
        var departure = now
        if let rate = link.rate {
            departure = max(now, links.freeAt[sender][receiver]) + Int64(Double(size) / rate * 1e6)
            guard departure - now <= queue else { return [] }
            links.freeAt[sender][receiver] = departure
        }
        return (0..<(links.generator.chance(link.duplication) ? 2 : 1)).map { _ in
            let extra = link.jitter > 0 ? links.generator.exponential(mean: link.jitter) : 0
            return departure + link.delay + extra
        }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
