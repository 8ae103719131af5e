/// Links that lose, repeat, delay, reorder, clog and choke, and partitions that cut them one way or both ways.
package struct SimulatedNetwork {
    /// A link between two validators, in one direction.
    package struct Link: Hashable {
        package let from: Int
        package let to: Int

        package init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    /// What a packet is to the network.
    package struct Parcel {
        package let link: Link
        package let kind: PacketKind
        package let bytes: Int
    }

    /// How likely a packet is lost.
    package var loss = 0.0
    /// How likely it arrives twice.
    package var duplication = 0.0
    /// The least delay in microseconds.
    package var leastDelay: Int64 = 50_000
    /// The mean of what exponentially distributed delay comes on top.
    package var meanDelay = 150_000.0
    /// How likely a packet arrives at the very moment at which its receiver would give up waiting.
    package var punctuality = 0.0
    /// The links that carry nothing for now.
    package var cut: Set<Link> = []
    /// The links that never carry anything again.
    package var severed: Set<Link> = []
    /// Kinds of packets that nobody delivers for now.
    package var dropped: Set<PacketKind> = []
    /// When links hold back what is sent, as `from..<until`; it arrives afterwards.
    package var clogs: [Link: Range<Int64>] = [:]
    /// What delay some links add.
    package var slowness: [Link: Int64] = [:]
    /// How many bytes a second each link carries; nothing for as many as wanted.
    package var bandwidth: Int?
    private var freeAt: [Link: Int64] = [:]
    /// Packets that were handed over.
    package private(set) var count = 0

    package init() {}

    /// The delays after which a packet arrives: none when it is lost, two when it is repeated.
    ///
    /// - Parameter deadline: When its receiver next gives something up.
    package mutating func delays(
        of parcel: Parcel, at now: Int64, deadline: Int64?, using random: inout SeededGenerator
    ) -> [Int64] {
        let link = parcel.link
        if cut.contains(link) || severed.contains(link) || dropped.contains(parcel.kind) || random.chance(loss) {
            return []
        }
        let copies = random.chance(duplication) ? 2 : 1
        count += copies
        if let deadline, deadline > now, deadline < now + 30_000_000, random.chance(punctuality) {
            return Array(repeating: deadline - now, count: copies)
        }
        let held = clogs[link].map { $0.contains(now) ? $0.upperBound - now : 0 } ?? 0
        let queued = queue(parcel, at: now)
        return (0..<copies).map { _ in
            held + queued + (slowness[link] ?? 0) + leastDelay + random.exponential(mean: meanDelay)
        }
    }

    /// How long a packet waits for those before it; a link that is a second behind loses what comes.
    private mutating func queue(_ parcel: Parcel, at now: Int64) -> Int64 {
        guard let bandwidth else { return 0 }
        let start = min(max(freeAt[parcel.link] ?? 0, now), now + 1_000_000)
        freeAt[parcel.link] = start + Int64(parcel.bytes) * 1_000_000 / Int64(bandwidth)
        return start - now
    }

    /// Cuts every link out of a group and, unless the partition is one way only, into it.
    package mutating func partition(_ group: Set<Int>, of count: Int, oneWay: Bool) {
        cut = links(of: count) {
            group.contains($0.from) != group.contains($0.to) && (!oneWay || group.contains($0.from))
        }
    }

    /// Leaves everybody with the links to two neighbours.
    package mutating func ring(of count: Int) {
        cut = links(of: count) {
            (($0.from - $0.to) % count + count) % count != 1 && (($0.to - $0.from) % count + count) % count != 1
        }
    }

    /// Every link of a number of validators that is such.
    package func links(of count: Int, where isSuch: (Link) -> Bool = { _ in true }) -> Set<Link> {
        var links: Set<Link> = []
        for from in 0..<count {
            for to in 0..<count where from != to && isSuch(Link(from: from, to: to)) {
                links.insert(Link(from: from, to: to))
            }
        }
        return links
    }

    /// Every link works again, but for those that never will.
    package mutating func heal() { cut = [] }

    /// Cuts validators off for good: each can still send, or still receive, or neither.
    package mutating func sever(_ lost: [Int], of count: Int, using random: inout SeededGenerator) {
        for index in lost {
            let (isMute, isDeaf) = random.pick([(true, true), (true, false), (false, true)])
            severed.formUnion(links(of: count) { (isMute && $0.from == index) || (isDeaf && $0.to == index) })
        }
    }

    /// Nothing is held back, slow, choked or dropped any more.
    package mutating func clear() {
        heal()
        (dropped, clogs, slowness, bandwidth, punctuality) = ([], [:], [:], nil, 0)
    }
}
