import Client
import Testing

@Suite("Client: server-sent events")
struct ServerEventsTests {
    private static let stream = Array(
        "id: 7\nevent: block\ndata: {\"a\":1}\n\n: hello\n\ndata: x\r\ndata:y\r\n\r\n".utf8)
    private static let events = [Array("{\"a\":1}".utf8), Array("x\ny".utf8)]

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `events come out whole, in whatever pieces the stream comes`(_ size: Int) throws {
        var parser = ServerEvents()
        var found: [[UInt8]] = []
        for start in stride(from: 0, to: Self.stream.count, by: size) {
            found += try parser.append(Self.stream[start..<min(start + size, Self.stream.count)])
        }
        #expect(found == Self.events)
    }

    @Test func `what has no data is no event, and what has not ended is none yet`() throws {
        var parser = ServerEvents()
        #expect(try parser.append(Array("event: ping\n\n\ndata: half\n".utf8)).isEmpty)
        #expect(try parser.append(Array("\n".utf8)) == [Array("half".utf8)])
    }

    @Test func `an event of the longest length is read, and one byte more is not`() throws {
        let head = Array("data:".utf8)
        let longest = [UInt8](repeating: 65, count: ServerEvents.maximumLength - head.count)
        var parser = ServerEvents()
        #expect(try parser.append(head + longest + Array("\n\n".utf8)) == [longest])
        // The length is an event's, not the stream's.
        #expect(try parser.append(head + longest + Array("\n\n".utf8)) == [longest])
        #expect(throws: ServerEvents.TooLong.self) { try parser.append(head + longest + [65]) }
    }
}
