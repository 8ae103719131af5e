public import Codec
public import Ledger

extension Replica {
    /// Whether this program has the rules of the block after the one that `reader` is the state after. When it has not,
    /// the replica stops: it has neither executed that block nor said a word about it, and what is below is stored.
    mutating func hasRules(after reader: OverlayReader<Store>) -> Bool {
        let next = reader.position.header.height.next
        let version = reader.protocolRecord.version(at: next)
        if version <= configuration.supportedVersion { return true }
        if outdated == nil {
            let activation = ProtocolActivation(version: version, height: next)
            outdated = activation
            output.add(.outdated(activation))
        }
        return false
    }
}

extension ReplicaReport {
    /// How a chain's rules stand to a program's.
    public struct Rules: Hashable, Sendable {
        /// What the next block is executed by.
        public var version: ProtocolVersion
        /// The newest rules that the program has.
        public var supported: ProtocolVersion
        /// What is decided for a later block.
        public var upcoming: ProtocolActivation?

        /// The rules after the block of this height, in its state.
        public init(after height: Height, in reader: some LedgerReader, supported: ProtocolVersion) {
            let record = reader.protocolRecord
            version = record.version(at: height.next)
            upcoming = record.upcoming(after: height.next)
            self.supported = supported
        }

        /// The first block that the program does not have the rules of, as far as anybody has decided.
        public func end(after height: Height) -> ProtocolActivation? {
            if version > supported { return ProtocolActivation(version: version, height: height.next) }
            return upcoming.flatMap { $0.version > supported ? $0 : nil }
        }
    }
}
