import Cryptography
import Testing

@Suite("Sealed document: sizes")
struct PadmeTests {
    /// Made by another program from the paper's definition.
    static let known: [(UInt64, UInt64)] = [
        (0, 0), (1, 1), (2, 2), (3, 3), (8, 8), (9, 10), (15, 16), (17, 18), (100, 104), (1_000, 1_024), (1_025, 1_088),
        (65_536, 65_536), (65_537, 67_584), (1_000_000, 1_015_808), (1_073_741_825, 1_107_296_256),
    ]

    @Test func `sizes are those of the paper`() {
        for (size, padded) in Self.known { #expect(Padme.paddedSize(of: size) == padded, "\(size)") }
    }

    @Test func `padding never shrinks, costs at most 12 percent and is done once`() {
        var previous: UInt64 = 0
        let small: [UInt64] = (0..<2_100).map { UInt64($0) }
        let edges: [UInt64] = (17..<61).flatMap { (bits: UInt64) in
            let power: UInt64 = 1 << bits
            return [power - 1, power, power + 1]
        }
        for size in small + edges {
            let padded = Padme.paddedSize(of: size)
            #expect(padded >= size && (padded - size) * 25 <= size * 3 + 25)
            #expect(padded >= previous)
            #expect(Padme.isPadded(padded))
            previous = padded
        }
    }

    @Test func `a layout covers the plaintext without gap or overlap`() throws {
        for contentSize: UInt64 in [0, 1, 65_527, 65_528, 65_529, 1_048_568, 1_048_569, 3_000_000, 1 << 32] {
            let layout = try #require(DocumentLayout(contentSize: contentSize))
            #expect(layout.size >= contentSize + 8)
            var next: UInt64 = 0
            var plaintext: UInt64 = 0
            for block in 0..<layout.blockCount {
                let segments = layout.segments(ofBlock: block)
                #expect(segments.lowerBound == next && !segments.isEmpty)
                next = segments.upperBound
                let length = segments.reduce(0) { $0 + layout.length(ofSegment: $1) }
                #expect(layout.sealedLength(ofBlock: block) == length + 16 * segments.count)
                #expect(layout.sealedLength(ofBlock: block) <= 1_048_832)
                plaintext += UInt64(length)
            }
            #expect(next == layout.segmentCount && plaintext == layout.size)
        }
    }

    @Test func `sizes without a header, not padded or above 32 GiB have no layout`() {
        #expect(DocumentLayout(size: 7) == nil)
        #expect(DocumentLayout(size: 1_001) == nil)
        #expect(DocumentLayout(size: 1 << 35) != nil)
        #expect(DocumentLayout(size: 1 << 35 + 1 << 30) == nil)
        #expect(DocumentLayout(contentSize: 1 << 35 - 8) != nil)
        #expect(DocumentLayout(contentSize: 1 << 35 - 7) == nil)
        #expect(DocumentLayout(contentSize: .max) == nil)
    }
}
