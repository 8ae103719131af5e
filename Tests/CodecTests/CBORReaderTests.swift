import Codec
import Testing

@Suite("CBOR: refusals and bounds")
struct CBORReaderTests {
    @Test(arguments: [
        "1817", "190018", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5817", "780161", "9801", "b801",
        "d817",
    ])
    func `a longer head than needed is not canonical`(_ hex: String) throws {
        let bytes = try #require(hexBytes(hex)) + [UInt8](repeating: 0, count: 32)
        var reader = CBORReader(bytes)
        #expect(throws: DecodingFailure.nonCanonical(offset: 0)) { try reader.skip() }
    }

    @Test func `a simple value below 32 in two bytes is not canonical`() {
        var reader = CBORReader([0xf8, 0x1f])
        #expect(throws: DecodingFailure.nonCanonical(offset: 0)) { try reader.skip() }
    }

    @Test func `map keys out of order or twice are not canonical`() {
        #expect(throws: DecodingFailure.self) { try CBORValue(decoding: [0xa2, 2, 0, 1, 0]) }
        #expect(throws: DecodingFailure.self) { try CBORValue(decoding: [0xa2, 1, 0, 1, 0]) }
        #expect(throws: Never.self) { try CBORValue(decoding: [0xa2, 1, 0, 2, 0]) }
    }

    @Test func `bytes after the value are refused`() {
        #expect(throws: DecodingFailure.trailingBytes(count: 1)) { try CBORValue(decoding: [0, 0]) }
    }

    @Test func `text that is not UTF-8 is refused`() {
        #expect(throws: DecodingFailure.invalidText(offset: 0)) { try CBORValue(decoding: [0x62, 0xc3, 0x28]) }
        #expect(throws: DecodingFailure.invalidText(offset: 0)) { try CBORValue(decoding: [0x63, 0xed, 0xa0, 0x80]) }
    }

    @Test func `nesting stops at the limit`() {
        let deepest = [UInt8](repeating: 0x81, count: CBORReader.maximumDepth - 1) + [0]
        #expect(throws: Never.self) { try CBORValue(decoding: deepest) }
        #expect(throws: DecodingFailure.tooDeep(limit: CBORReader.maximumDepth)) {
            try CBORValue(decoding: [0x81] + deepest)
        }
    }

    @Test func `a length is compared with its bound before the bytes are looked for`() {
        var atBound = CBORReader([0x43, 1, 2, 3])
        #expect(throws: Never.self) { try atBound.readBytes(max: 3) }
        var above = CBORReader([0x44])
        #expect(throws: DecodingFailure.tooLong(limit: 3, offset: 0)) { try above.readBytes(max: 3) }
        var huge = CBORReader([0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
        #expect(throws: DecodingFailure.truncated(offset: 0)) { try huge.readBytes(max: .max) }
        var manyItems = CBORReader([0x9a, 0xff, 0xff, 0xff, 0xff])
        #expect(throws: DecodingFailure.truncated(offset: 0)) { try manyItems.readArrayCount(max: .max) }
        var manyPairs = CBORReader([0xba, 0xff, 0xff, 0xff, 0xff])
        #expect(throws: DecodingFailure.truncated(offset: 0)) { try manyPairs.readMapCount(max: .max) }
    }

    @Test func `an array of another count than the record's is refused`() {
        var reader = CBORReader([0x82, 0, 0])
        #expect(throws: DecodingFailure.wrongCount(expected: 3, actual: 2, offset: 0)) {
            try reader.readArray(count: 3)
        }
    }

    @Test func `signed integers reach both ends and no further`() throws {
        for value in [0, 1, -1, 23, 24, -24, -25, Int64.max, Int64.min] {
            var writer = CBORWriter()
            writer.write(signed: value)
            var reader = CBORReader(writer.bytes)
            #expect(try reader.readSigned() == value)
        }
        var above = CBORReader([0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0])
        #expect(throws: DecodingFailure.outOfRange(offset: 0)) { try above.readSigned() }
    }

    @Test func `a valid encoding cut anywhere is refused as truncated`() throws {
        let value = CBORValue.array([
            .unsigned(1000), .bytes([1, 2, 3]), .text("abc"), .map([.init(.unsigned(1), .tagged(9, .null))]),
        ])
        let bytes = value.encoded
        for end in bytes.indices {
            #expect(throws: DecodingFailure.self, "cut at \(end)") { try CBORValue(decoding: Array(bytes[..<end])) }
        }
    }

    @Test func `whatever is accepted is written back byte for byte`() {
        var generator = SplitMix(state: 1)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...24, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            guard let value = try? CBORValue(decoding: bytes) else { continue }
            #expect(value.encoded == bytes)
        }
    }

    @Test func `an item is handed out as received`() throws {
        let item: [UInt8] = [0x82, 0x01, 0x41, 0xff]
        var reader = CBORReader(item + [0x00])
        #expect(try reader.readEncodedItem(max: 4) == item)
        #expect(reader.remaining == 1)
        var tooLong = CBORReader(item)
        #expect(throws: DecodingFailure.tooLong(limit: 3, offset: 0)) { try tooLong.readEncodedItem(max: 3) }
    }
}

/// A small generator whose sequence is the same everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
