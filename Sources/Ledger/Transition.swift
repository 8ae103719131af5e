public import Codec

/// Which block operations are executed in.
public struct BlockContext: Hashable, Sendable {
    /// Its position.
    public var height: Height
    /// Its time, which every rule about time reads.
    public var time: Timestamp

    /// A block.
    public init(height: Height, time: Timestamp) {
        self.height = height
        self.time = time
    }
}

/// What a block does.
public struct Execution: Hashable, Sendable {
    /// One a transaction, in order.
    public var receipts: [Receipt]
    /// The leaves that changed, ascending by key, each once.
    public var changes: [StateChange]
    /// What histories grew by, in the order in which it happened.
    public var entries: [HistoryRecord]

    /// Nothing: what a block without transactions does.
    public static let empty = Execution(receipts: [], changes: [], entries: [])
}

/// Why a transaction cannot be in a block now.
public enum TransactionRefusal: Error, Hashable, Sendable {
    /// It is for another chain.
    case wrongChain
    /// Its last height has passed: it will never be included.
    case expired
    /// Its last height is too far above the tip.
    case validUntilTooFar
    /// A block includes it already.
    case replayed
}

/// Why a block cannot be voted for.
public enum BlockInvalid: Error, Hashable, Sendable {
    /// A transaction that cannot be in it, by its place.
    case transaction(Int, TransactionRefusal)
    /// Its transactions have more bytes than the chain's limit.
    case tooLarge
}
