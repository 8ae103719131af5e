import ContentStorage
import Cryptography
import Testing

@Suite("Content filter")
struct ContentFilterTests {
    private func id(_ number: Int) -> ContentID {
        ContentID(of: withUnsafeBytes(of: number.bigEndian) { Array($0) })
    }

    @Test func `what was added is there, whatever it has grown to, and little else`() {
        var filter = ContentFilter(capacity: 100)
        for number in 0..<3_000 { filter.insert(id(number)) }
        #expect((0..<3_000).allSatisfy { filter.mayContain(id($0)) })
        let mistaken = (3_000..<8_000).count { filter.mayContain(id($0)) }
        // Each of five stages errs about once in a hundred.
        #expect(mistaken < 400)
    }

    @Test func `an empty filter contains nothing`() { #expect(!ContentFilter().mayContain(id(1))) }
}
