import Node
import Testing

@Suite("HTTP: byte ranges")
struct ByteRangeTests {
    @Test func `the three forms are understood`() {
        #expect(ByteRange.parse("bytes=0-0", length: 10) == 0..<1)
        #expect(ByteRange.parse("bytes=3-7", length: 10) == 3..<8)
        #expect(ByteRange.parse("bytes=3-", length: 10) == 3..<10)
        #expect(ByteRange.parse("bytes=-4", length: 10) == 6..<10)
    }

    @Test func `what reaches beyond the end is cut, whatever its size`() {
        #expect(ByteRange.parse("bytes=3-10", length: 10) == 3..<10)
        #expect(ByteRange.parse("bytes=3-9223372036854775807", length: 10) == 3..<10)
        #expect(ByteRange.parse("bytes=-9223372036854775807", length: 10) == 0..<10)
    }

    @Test func `what begins beyond the end, ends before it begins or is no range is refused`() {
        for text in [
            "bytes=10-", "bytes=10-12", "bytes=7-3", "bytes=-0", "bytes=-", "bytes=", "bytes=a-b", "bytes=0-1,3-4",
            "bytes=--1", "items=0-1", "bytes=3-9223372036854775808", "",
        ] { #expect(ByteRange.parse(text, length: 10) == nil, "\(text)") }
        #expect(ByteRange.parse("bytes=0-", length: 0) == nil)
    }
}
