public import Codec

/// Which rules count, and from which block on: `[version before, last activation or null]`. There is none while the
/// chain follows the first version and nothing else has been decided.
///
/// The activation may lie ahead, or long ago: no block writes this leaf but one that decides.
public struct ProtocolRecord: StateRecord {
    public typealias ID = Only
    public static var kind: StateKind { .protocolVersion }

    /// The version below the activation's height.
    public var version: ProtocolVersion
    /// The last activation that was decided.
    public var activation: ProtocolActivation?

    init(version: ProtocolVersion = .first, activation: ProtocolActivation? = nil) {
        self.version = version
        self.activation = activation
    }

    /// The rules that the block at a height is executed by, as far as the state that this is from has decided.
    public func version(at height: Height) -> ProtocolVersion {
        activation.map { height >= $0.height ? $0.version : version } ?? version
    }

    /// What is decided for a block above `height`.
    public func upcoming(after height: Height) -> ProtocolActivation? {
        activation.flatMap { $0.height > height ? $0 : nil }
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        version = try reader.read()
        activation = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(version)
        writer.write(optional: activation)
    }
}

extension LedgerReader {
    /// Which rules count.
    public var protocolRecord: ProtocolRecord { record(.only) ?? ProtocolRecord() }
}
