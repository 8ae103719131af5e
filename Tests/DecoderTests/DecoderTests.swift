import Decoders
import Testing

/// Short and the same on every run; `Tools/Fuzz` looks for longer.
@Suite("Bytes from outside")
struct DecoderTests {
    private static let alterations = 80
    private static let names = Decoder.all.map(\.name)

    private func decoder(_ name: String) throws -> Decoder { try #require(Decoder.all.first { $0.name == name }) }

    @Test func `no two decoders have one name`() { #expect(Set(Self.names).count == Self.names.count) }

    @Test(arguments: names) func `samples are written back byte for byte`(name: String) throws {
        let decoder = try decoder(name)
        #expect(!decoder.samples.isEmpty)
        for sample in decoder.samples where decoder.givesBack { #expect(decoder.reencode(sample) == sample) }
    }

    @Test(arguments: names) func `whatever is accepted has one encoding, and nothing traps`(name: String) throws {
        let decoder = try decoder(name)
        for (number, sample) in decoder.samples.enumerated() {
            var mutator = Mutator(seed: UInt64(number))
            for _ in 0..<Self.alterations {
                for bytes in [mutator.alter(sample), mutator.noise()] {
                    guard let encoded = decoder.reencode(bytes) else { continue }
                    let isSame = encoded == bytes
                    #expect(isSame, "\(bytes)")
                }
            }
        }
    }

    @Test(arguments: names) func `a sample cut short is refused`(name: String) throws {
        let decoder = try decoder(name)
        for sample in decoder.samples where sample.count > 1 {
            for count in stride(from: 0, to: sample.count, by: max(1, sample.count / 60)) {
                #expect(decoder.reencode(Array(sample[..<count])) == nil, "\(count) bytes")
            }
        }
    }
}
