import Node
import Testing

@Suite("Configuration: node.json")
struct ConfigurationTests {
    private func read(_ text: String) throws(DescriptionFailure) -> Configuration {
        try Configuration(json: Array(text.utf8))
    }

    @Test func `what is written is read again`() throws {
        var configuration = Configuration()
        configuration.peerListen = Address(host: "::1", port: 7400)
        configuration.logLevel = "debug"
        configuration.networkDelay = .milliseconds(40)
        configuration.mempoolBytes = 3 << 20
        #expect(try read(configuration.json) == configuration)
    }

    @Test func `a missing field has its default`() throws {
        #expect(try read("{}") == Configuration())
    }

    @Test(
        arguments: [
            ("[]", "the file", "a JSON object"),
            ("{", "the file", "a JSON object"),
            (#"{"peerListn": "a:1"}"#, "peerListn", "no such field"),
            (#"{"peerListen": 7400}"#, "peerListen", "text"),
            (#"{"peerListen": "localhost"}"#, "peerListen", "HOST:PORT"),
            (#"{"apiListen": "::1:80"}"#, "apiListen", "HOST:PORT"),
            (#"{"apiListen": "h:65536"}"#, "apiListen", "HOST:PORT"),
            (#"{"apiConnections": 0}"#, "apiConnections", "a whole number from 1 to 65536"),
            (#"{"apiConnections": 65537}"#, "apiConnections", "a whole number from 1 to 65536"),
            (#"{"apiConnections": true}"#, "apiConnections", "a whole number"),
            (#"{"scrubIntervalHours": 1.5}"#, "scrubIntervalHours", "a whole number"),
        ])
    func `a mistake is answered with the field's name`(text: String, field: String, expected: String) {
        #expect(throws: DescriptionFailure(field, expected)) { try read(text) }
    }

    @Test func `a log level that nobody knows is refused`() {
        #expect(throws: DescriptionFailure.self) { try read(#"{"logLevel": "loud"}"#) }
    }
}
