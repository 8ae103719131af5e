public import Cryptography

/// A set of content ids that may say yes to one that is not in it, about once in a hundred, and never no to one that is:
/// what a garbage collection needs to know of millions of documents in 10 bits each.
///
/// A Bloom filter of stages, each twice as large as the one before. The ids are hashes already; whoever grinds one that
/// is taken for another keeps some garbage alive.
public struct ContentFilter: Sendable {
    private static let bitsPerID = 10
    private static let probes = 7

    private struct Stage {
        var words: [UInt64]
        var room: Int

        init(capacity: Int) {
            words = [UInt64](repeating: 0, count: (capacity * bitsPerID + 63) / 64)
            room = capacity
        }

        /// The bits of an id: two of its words combined (Kirsch and Mitzenmacher, "Less Hashing, Same Performance").
        private func bits(of id: ContentID) -> some Sequence<Int> {
            let (first, second) = id.digest.withUnsafeBytes {
                ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) | 1)
            }
            let count = UInt64(words.count * 64)
            return (0..<UInt64(probes)).lazy.map { Int((first &+ $0 &* second) % count) }
        }

        func contains(_ id: ContentID) -> Bool {
            bits(of: id).allSatisfy { words[$0 >> 6] & (1 << UInt64($0 & 63)) != 0 }
        }

        mutating func insert(_ id: ContentID) {
            for bit in bits(of: id) { words[bit >> 6] |= 1 << UInt64(bit & 63) }
            room -= 1
        }
    }

    private var stages: [Stage]

    /// An empty set.
    ///
    /// - Parameter capacity: How many ids the first stage is made for.
    public init(capacity: Int = 65_536) {
        precondition(capacity > 0, "a stage holds something")
        stages = [Stage(capacity: capacity)]
    }

    /// Adds an id.
    public mutating func insert(_ id: ContentID) {
        if mayContain(id) { return }
        if stages[stages.count - 1].room == 0 {
            stages.append(Stage(capacity: stages[stages.count - 1].words.count * 64 / Self.bitsPerID * 2))
        }
        stages[stages.count - 1].insert(id)
    }

    /// Whether the id was added; about once in a hundred also when it was not.
    public func mayContain(_ id: ContentID) -> Bool { stages.contains { $0.contains(id) } }
}
