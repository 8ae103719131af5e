public import Codec
public import Ledger

/// How a node is doing, and what it waits for: `[validator, ready, chain, final height, view, epoch, missing votes,
/// peers, mempool, version, reasons, rules]`.
public struct NodeStatus: Hashable, Sendable {
    /// What the node knows of another validator.
    public struct Peer: Hashable, Sendable {
        /// Which.
        public var validator: ValidatorID
        /// Whether there is a connection.
        public var connected: Bool
        /// The highest final block that it has told of.
        public var height: Height

        /// What is known of a peer.
        public init(validator: ValidatorID, connected: Bool, height: Height) {
            self.validator = validator
            self.connected = connected
            self.height = height
        }
    }

    /// Which rules the chain follows and which ones the node has: `[version, supported, upcoming or null]`.
    public struct Rules: Hashable, Sendable {
        /// The rules of the next block.
        public var version: ProtocolVersion
        /// The newest rules that the program has.
        public var supported: ProtocolVersion
        /// What is decided for a later block.
        public var upcoming: ProtocolActivation?

        /// The rules.
        public init(version: ProtocolVersion, supported: ProtocolVersion, upcoming: ProtocolActivation?) {
            self.version = version
            self.supported = supported
            self.upcoming = upcoming
        }

        /// What the operator has to do, in words; nothing while the program has the rules of all blocks that are decided.
        public var warning: String? {
            guard let upcoming, upcoming.version > supported else { return nil }
            return
                "block \(upcoming.height) and those after it follow version \(upcoming.version) of the rules, this program knows "
                + "version \(supported) at the most: it will stop before that block; install a newer one first"
        }
    }

    /// Who answers; nothing for an observer.
    public var validator: ValidatorID?
    /// Whether it answers everything: it has caught up.
    public var ready: Bool
    /// The chain.
    public var chain: ChainID
    /// The highest final block.
    public var height: Height
    /// When that block was made.
    public var time: Timestamp
    /// The turn of the protocol, and its period.
    public var view: UInt64
    /// The period with one validator set.
    public var epoch: UInt64
    /// Whose vote is missing in this view.
    public var missingVotes: [ValidatorID]
    /// Blocks whose body is missing.
    public var missingBodies: Int
    /// The other validators.
    public var peers: [Peer]
    /// Transactions that wait for a block.
    public var waitingTransactions: Int
    /// The program's version.
    public var version: String
    /// Why the node is not ready or does not move, and what else needs its operator, in words; empty when all is well.
    public var reasons: [String]
    /// Which rules count, and which ones the program has.
    public var rules: Rules

    /// A status.
    public init(
        validator: ValidatorID?, ready: Bool, chain: ChainID, height: Height, time: Timestamp, view: UInt64,
        epoch: UInt64, missingVotes: [ValidatorID], missingBodies: Int, peers: [Peer], waitingTransactions: Int,
        version: String, reasons: [String], rules: Rules
    ) {
        self.validator = validator
        self.ready = ready
        self.chain = chain
        self.height = height
        self.time = time
        self.view = view
        self.epoch = epoch
        self.missingVotes = missingVotes
        self.missingBodies = missingBodies
        self.peers = peers
        self.waitingTransactions = waitingTransactions
        self.version = version
        self.reasons = reasons
        self.rules = rules
    }
}

extension NodeStatus: CBORCodable {
    private static let maximumText = 256
    /// The most reasons.
    public static let maximumReasons = 32

    /// Reads the fourteen items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 14)
        validator = try reader.readOptional()
        ready = try reader.readBool()
        chain = try reader.read()
        height = try reader.read()
        time = try reader.read()
        view = try reader.readUnsigned()
        epoch = try reader.readUnsigned()
        missingVotes = try reader.readArray(max: Genesis.maximumValidators)
        missingBodies = try reader.readInt()
        peers = try reader.readArray(max: Genesis.maximumValidators)
        waitingTransactions = try reader.readInt()
        version = try reader.readText(max: Self.maximumText)
        let count = try reader.readArrayCount(max: Self.maximumReasons)
        reasons = []
        for _ in 0..<count { reasons.append(try reader.readText(max: Self.maximumText)) }
        rules = try reader.read()
    }

    /// Appends the fourteen items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(14)
        writer.write(optional: validator)
        writer.write(ready)
        writer.write(chain)
        writer.write(height)
        writer.write(time)
        writer.write(view)
        writer.write(epoch)
        writer.write(array: missingVotes)
        writer.write(UInt64(missingBodies))
        writer.write(array: peers)
        writer.write(UInt64(waitingTransactions))
        writer.write(text: version)
        writer.beginArray(reasons.count)
        for reason in reasons { writer.write(text: reason) }
        writer.write(rules)
    }
}

extension NodeStatus.Peer: CBORCodable {
    /// Reads the three items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        validator = try reader.read()
        connected = try reader.readBool()
        height = try reader.read()
    }

    /// Appends the three items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(validator)
        writer.write(connected)
        writer.write(height)
    }
}

extension NodeStatus.Rules: CBORCodable {
    /// Reads the three items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        version = try reader.read()
        supported = try reader.read()
        upcoming = try reader.readOptional()
    }

    /// Appends the three items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(version)
        writer.write(supported)
        writer.write(optional: upcoming)
    }
}

/// What `/health` and `/ready` answer: `[ok]`.
public struct Health: Hashable, Sendable {
    /// Whether the node is well, or ready.
    public var ok: Bool

    /// An answer.
    public init(ok: Bool) { self.ok = ok }
}

extension Health: CBORCodable {
    /// Reads `[ok]`.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 1)
        ok = try reader.readBool()
    }

    /// Appends `[ok]`.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(1)
        writer.write(ok)
    }
}
