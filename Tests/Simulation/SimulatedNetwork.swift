/// Links that lose, repeat, delay and reorder, and partitions that cut them one way or both ways.
package struct SimulatedNetwork {
    /// A link between two validators, in one direction.
    package struct Link: Hashable {
        package let from: Int
        package let to: Int
    }

    /// How likely a packet is lost.
    package var loss = 0.0
    /// How likely it arrives twice.
    package var duplication = 0.0
    /// The least delay in microseconds.
    package var leastDelay: Int64 = 50_000
    /// The mean of what exponentially distributed delay comes on top.
    package var meanDelay = 150_000.0
    /// The links that carry nothing.
    package var cut: Set<Link> = []
    /// Packets that were handed over.
    package private(set) var count = 0

    package init() {}

    /// The delays after which a packet arrives: none when it is lost, two when it is repeated.
    package mutating func delays(from: Int, to: Int, using random: inout SeededGenerator) -> [Int64] {
        if cut.contains(Link(from: from, to: to)) || random.chance(loss) { return [] }
        let copies = random.chance(duplication) ? 2 : 1
        count += copies
        return (0..<copies).map { _ in leastDelay + random.exponential(mean: meanDelay) }
    }

    /// Cuts every link out of a group and, unless the partition is one way only, into it.
    package mutating func partition(_ group: Set<Int>, of count: Int, oneWay: Bool) {
        cut = []
        for from in 0..<count {
            for to in 0..<count where group.contains(from) != group.contains(to) {
                if !oneWay || group.contains(from) { cut.insert(Link(from: from, to: to)) }
            }
        }
    }

    /// Every link works again.
    package mutating func heal() { cut = [] }
}
