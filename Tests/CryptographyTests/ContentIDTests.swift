import Codec
import Cryptography
import Testing

@Suite("Content id")
struct ContentIDTests {
    /// Made by PyPI multiformats 0.3.1: `CID("base32", 1, codec, multihash.digest(data, "sha2-256"))`.
    static let known: [(text: String, format: ContentID.Format, content: [UInt8])] = [
        ("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", .raw, []),
        ("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", .raw, Array("hello world".utf8)),
        // An empty map.
        ("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua", .dagCBOR, [0xa0]),
    ]

    @Test func `names are those of other tools`() {
        for (text, format, content) in Self.known {
            let id = ContentID(of: content, format: format)
            #expect(id.description == text)
            #expect(ContentID(text) == id)
            #expect(ContentID(id.bytes) == id)
        }
    }

    @Test func `a name tells its content from any other`() {
        let id = ContentID(of: [1, 2, 3])
        #expect(id.names([1, 2, 3]))
        #expect(!id.names([1, 2, 4]))
    }

    @Test func `only one spelling is accepted`() throws {
        let text = ContentID(of: [1, 2, 3], format: .dagCBOR).description
        let body = text.dropFirst()
        for other in [
            text.uppercased(), "B" + body, "z" + body, text + "a", String(text.dropLast()), text + "=", " " + text,
            "b" + body.dropFirst() + "a", text.dropLast() + "1", "",
        ] { #expect(ContentID(other) == nil, "\(other)") }
    }

    @Test func `leftover bits of the last digit are zero`() {
        let text = ContentID(of: [7]).description
        let alphabet = "abcdefghijklmnopqrstuvwxyz234567"
        let accepted = alphabet.filter { ContentID(text.dropLast() + String($0)) != nil }
        #expect(accepted.count == 8)
    }

    @Test func `another version, codec, hash or length is refused`() {
        let bytes = ContentID(of: [1]).bytes
        for (index, value) in [(0, UInt8(0)), (0, 2), (1, 0x70), (1, 0x51), (2, 0x13), (2, 0x1e), (3, 31), (3, 33)] {
            var altered = bytes
            altered[index] = value
            #expect(ContentID(altered) == nil)
        }
        #expect(ContentID(bytes.dropLast()) == nil)
        #expect(ContentID(bytes + [0]) == nil)
    }

    @Test func `it decodes from its encoding and from nothing shorter`() throws {
        let id = ContentID(of: [9, 9], format: .dagCBOR)
        #expect(try ContentID(decoding: id.encoded) == id)
        #expect(throws: DecodingFailure.self) { try ContentID(decoding: Array(id.encoded.dropLast())) }
    }
}
