public import Codec
public import Cryptography
public import Ledger

/// What an auditor saw of running nodes, signed: `[chain, time, [measurement…], key, signature]`.
///
/// Connections leave no proof behind. Whoever reads the report later has the auditor's word for these, and knows whose.
public struct ControlObservations: Hashable, Sendable {
    static let domain = Domain("control-observations")

    /// The chain.
    public let chain: ChainID
    /// By the auditor's clock.
    public let time: Timestamp
    /// What was seen, ascending by check, each once.
    public let measurements: [ControlMeasurement]
    /// Who saw it.
    public let key: PublicKey
    private let signature: Signature

    /// Signs what was seen.
    package init(chain: ChainID, time: Timestamp, measurements: [ControlMeasurement], signedBy key: SigningKey) {
        self.chain = chain
        self.time = time
        self.measurements = measurements
        self.key = key.publicKey
        signature = key.sign(Self.message(chain, time, measurements), in: Self.domain)
    }

    /// Whether the key signed it.
    var isValid: Bool { key.isValid(signature, for: Self.message(chain, time, measurements), in: Self.domain) }

    private static func message(_ chain: ChainID, _ time: Timestamp, _ measurements: [ControlMeasurement]) -> [UInt8] {
        var writer = CBORWriter()
        writer.beginArray(3)
        writer.write(chain)
        writer.write(time)
        writer.write(array: measurements)
        return writer.bytes
    }
}

extension ControlObservations: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        chain = try reader.read()
        time = try reader.read()
        measurements = try reader.readArray(max: ControlCheck.allCases.count)
        let checks = measurements.map(\.check.rawValue)
        guard zip(checks, checks.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .invalid(field: "measurements") }
        key = try reader.read()
        signature = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(chain)
        writer.write(time)
        writer.write(array: measurements)
        writer.write(key)
        writer.write(signature)
    }
}
