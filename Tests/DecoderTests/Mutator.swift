/// Alters bytes as a fuzzer does, the same way for the same seed.
struct Mutator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// One to three small alterations of a sample.
    mutating func alter(_ sample: [UInt8]) -> [UInt8] {
        var bytes = sample
        for _ in 0...below(3) { alterOnce(&bytes) }
        return bytes
    }

    /// Bytes of any kind, half of them such as begin CBOR items.
    mutating func noise() -> [UInt8] {
        (0..<below(80)).map { _ in below(2) == 0 ? Self.telling[below(Self.telling.count)] : byte() }
    }

    private mutating func alterOnce(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = noise()
            return
        }
        let position = below(bytes.count)
        let end = min(bytes.count, position + 1 + below(16))
        switch below(8) {
        case 0: bytes[position] ^= 1 << UInt8(below(8))
        case 1: bytes[position] = byte()
        case 2: bytes[position] = Self.telling[below(Self.telling.count)]
        case 3: bytes.removeSubrange(position...)
        case 4: bytes.removeSubrange(position..<end)
        case 5: bytes.insert(contentsOf: bytes[position..<end], at: below(bytes.count))
        case 6: bytes.insert(byte(), at: position)
        default: bytes.append(byte())
        }
    }

    /// Heads whose meaning is at an edge: the largest lengths, indefinite ones, floats, tags, simple values.
    private static let telling: [UInt8] = [
        0x00, 0x17, 0x18, 0x1b, 0x38, 0x3b, 0x40, 0x58, 0x5b, 0x5f, 0x60, 0x78, 0x7f, 0x80, 0x81, 0x98, 0x9a, 0x9b,
        0x9f,
        0xa0, 0xbb, 0xbf, 0xd8, 0xdb, 0xf4, 0xf6, 0xf8, 0xf9, 0xfb, 0xff,
    ]

    private mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 32) }

    private mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
