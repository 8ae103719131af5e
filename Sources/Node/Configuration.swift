internal import ContentStorage
package import Ledger

/// What an operator decides about one node; everything that the validators must agree on is in the genesis file.
///
/// Read from `node.json`. A field that is missing has its default, an unknown one is refused: a setting that is
/// misspelled must not silently be the default.
public struct Configuration: Hashable, Sendable {
    /// Where to listen for validators.
    public var peerListen = Address(host: "0.0.0.0", port: 7400)
    /// Where to serve the HTTP API.
    public var apiListen = Address(host: "0.0.0.0", port: 7443)
    /// `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`.
    public var logLevel = "info"
    /// The time that a message is taken to need between validators: half of what costs nothing.
    public var networkDelay = Duration.milliseconds(250)
    /// Bytes of transactions that may wait for a block.
    public var mempoolBytes = 64 << 20
    /// Connections that the API serves at once.
    public var apiConnections = 1024
    /// How often the content store is read through and compared with its hashes.
    public var scrubInterval = Duration.seconds(24 * 3600)
    /// For how long content stays that the chain does not name, or that is for others to keep.
    public var contentGrace = GarbageCollection.defaultGrace
    /// Free bytes of the disk below which sealed content is refused, so that the chain has room to go on.
    public var contentReserve = FileContentStore.defaultReserve

    /// How many blocks the others must have for a node that has none to be filled from a snapshot instead of executing
    /// them all; 0 for never.
    public var joinDistance: UInt64 = 10_000
    /// Heights between two states that are kept for nodes that join. Not in the file: all nodes must offer the same.
    package var snapshotInterval: UInt64 = 10_000
    /// The newest rules that this node executes blocks by. Not in the file: it is the program's, and another for tests.
    package var supportedVersion = ProtocolVersion.latest

    /// The defaults.
    public init() {}
}

/// A host and a port.
public struct Address: Hashable, Sendable {
    /// A name or an address.
    public var host: String
    /// From 1 to 65 535, or 0 for any free port where one listens.
    public var port: Int

    /// A host and a port.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`; an IPv6 address stands in brackets.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: Int(port))
    }
}

extension Address: CustomStringConvertible {
    /// `host:port`.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Configuration {
    private static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// Reads a configuration.
    ///
    /// - Throws: ``DescriptionFailure`` that names the field.
    public init(json: [UInt8]) throws(DescriptionFailure) {
        let fields = try JSONFields(json)
        if let value = try fields.textIfPresent("peerListen") { peerListen = try Self.address(value, "peerListen") }
        if let value = try fields.textIfPresent("apiListen") { apiListen = try Self.address(value, "apiListen") }
        if let value = try fields.textIfPresent("logLevel") {
            guard Self.logLevels.contains(value) else {
                throw DescriptionFailure("logLevel", "one of \(Self.logLevels.joined(separator: ", "))")
            }
            logLevel = value
        }
        if let value = try fields.integerIfPresent("networkDelayMilliseconds", in: 1...60_000) {
            networkDelay = .milliseconds(value)
        }
        if let value = try fields.integerIfPresent("mempoolMebibytes", in: 1...65_536) { mempoolBytes = value << 20 }
        if let value = try fields.integerIfPresent("apiConnections", in: 1...65_536) { apiConnections = value }
        if let value = try fields.integerIfPresent("scrubIntervalHours", in: 1...8760) {
            scrubInterval = .seconds(value * 3600)
        }
        if let value = try fields.integerIfPresent("contentGraceHours", in: 1...8760) {
            contentGrace = .seconds(value * 3600)
        }
        if let value = try fields.integerIfPresent("contentReserveMebibytes", in: 0...1 << 30) {
            contentReserve = UInt64(value) << 20
        }
        if let value = try fields.integerIfPresent("joinDistanceBlocks", in: 0...1_000_000_000) {
            joinDistance = UInt64(value)
        }
        try fields.finish()
    }

    /// The file's text for these values.
    public var json: String {
        """
        {
          "peerListen": "\(peerListen)",
          "apiListen": "\(apiListen)",
          "logLevel": "\(logLevel)",
          "networkDelayMilliseconds": \(networkDelay / .milliseconds(1)),
          "mempoolMebibytes": \(mempoolBytes >> 20),
          "apiConnections": \(apiConnections),
          "scrubIntervalHours": \(Int(scrubInterval / .seconds(3600))),
          "contentGraceHours": \(Int(contentGrace / .seconds(3600))),
          "contentReserveMebibytes": \(contentReserve >> 20),
          "joinDistanceBlocks": \(joinDistance)
        }

        """
    }

    private static func address(_ text: String, _ field: String) throws(DescriptionFailure) -> Address {
        guard let address = Address(text) else { throw DescriptionFailure(field, "HOST:PORT") }
        return address
    }
}
