/// Random numbers that follow from a seed alone (SplitMix64): a seed reproduces a run.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Neighbouring seeds begin far apart: the seed is mixed before it becomes a place in the sequence.
    package init(seed: UInt64) { state = Self.mix(Self.mix(seed &+ 0x1234_5678_9abc_def1)) }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// True with this probability.
    package mutating func chance(_ probability: Double) -> Bool {
        probability > 0 && Double(next() >> 11) * 0x1p-53 < probability
    }

    /// One of these.
    package mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int(next() % UInt64(choices.count))]
    }

    /// `count` different ones of these, in their order.
    package mutating func sample<Element>(_ choices: [Element], count: Int) -> [Element] {
        choices.indices.shuffled(using: &self).prefix(count).sorted().map { choices[$0] }
    }

    /// An exponentially distributed time in microseconds, by von Neumann's comparison method: no library's logarithm
    /// decides what a seed means.
    package mutating func exponential(mean: Double) -> Int64 {
        var whole = 0.0
        while true {
            let first = Double(next() >> 11) * 0x1p-53
            var (previous, run) = (first, 1)
            while true {
                let drawn = Double(next() >> 11) * 0x1p-53
                if drawn >= previous { break }
                previous = drawn
                run += 1
            }
            if run % 2 == 1 { return Int64((whole + first) * mean) }
            whole += 1
        }
    }
}
