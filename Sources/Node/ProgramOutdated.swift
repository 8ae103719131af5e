internal import ChainStorage
internal import Codec
public import Ledger

/// The chain goes on by rules that this program does not have. It has stopped before the first block of them, and has
/// said nothing about that block; a newer program goes on from the same home.
public struct ProgramOutdated: Error, Hashable, Sendable {
    /// The rules, and their first block.
    public let activation: ProtocolActivation
    /// The newest rules that this program has.
    public let supported: ProtocolVersion

    init(_ activation: ProtocolActivation, supported: ProtocolVersion) {
        self.activation = activation
        self.supported = supported
    }

    /// Opens a store, or says that the blocks in it need a newer program.
    static func noted<Value>(supported: ProtocolVersion, _ open: () throws -> Value) throws -> Value {
        do { return try open() } catch StorageFailure.newerRules(let activation) {
            throw ProgramOutdated(activation, supported: supported)
        }
    }
}

extension ProgramOutdated: CustomStringConvertible {
    public var description: String {
        "from block \(activation.height) on the chain follows version \(activation.version) of the rules and this program knows "
            + "version \(supported) at the most: stopped before that block; nothing is lost, install a newer "
            + "careledger-validator and start it in the same home"
    }
}
