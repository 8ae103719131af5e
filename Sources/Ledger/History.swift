public import Codec
public import Cryptography

/// One thing that happened to a subject: `[height, time, transaction, operation index, outcome]`.
///
/// The entry names the operation, it does not repeat it: the transaction with that identifier holds it.
public struct HistoryEntry: Hashable, Sendable {
    static let domain = Domain("history-entry")

    /// The block.
    public var height: Height
    /// The block's time.
    public var time: Timestamp
    /// The transaction.
    public var transaction: TransactionID
    /// The operation's place in it, from 0.
    public var operation: Int
    /// What came of it.
    public var outcome: Outcome

    /// What `operation` of `transaction` did.
    public init(height: Height, time: Timestamp, transaction: TransactionID, operation: Int, outcome: Outcome) {
        self.height = height
        self.time = time
        self.transaction = transaction
        self.operation = operation
        self.outcome = outcome
    }

    /// What the head of the history is built from.
    public var digest: Digest { .hash(encoded, in: Self.domain) }
}

extension HistoryEntry: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        height = try reader.read()
        time = try reader.read()
        transaction = try reader.read()
        operation = try reader.readInt(max: Transaction.maximumOperations - 1)
        outcome = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(height)
        writer.write(time)
        writer.write(transaction)
        writer.write(UInt64(operation))
        writer.write(outcome)
    }
}

/// The length and head of a history. Whoever knows it knows whether a list of entries is all of them, in order.
public struct HistoryHead: Hashable, Sendable {
    static let domain = Domain("history")

    /// No entries: 0 and 32 zero bytes.
    public static let empty = HistoryHead(count: 0, digest: .zero)

    /// How many entries there are.
    public private(set) var count: UInt64
    /// `H(head before || entry's digest)`.
    public private(set) var digest: Digest

    /// A head that somebody proved.
    public init(count: UInt64, digest: Digest) {
        self.count = count
        self.digest = digest
    }

    /// Adds an entry.
    public mutating func append(_ entry: HistoryEntry) { append(entry.digest) }

    mutating func append(_ entry: Digest) {
        digest = .hash(digest, entry, in: Self.domain)
        count += 1
    }

    /// Whether `entries` are the whole history.
    public func isComplete(_ entries: some Sequence<HistoryEntry>) -> Bool {
        var head = HistoryHead.empty
        for entry in entries { head.append(entry) }
        return head == self
    }
}

/// An entry with its place: the `index`th (from 0) of a subject's history.
public struct HistoryRecord: Hashable, Sendable {
    /// Whose history.
    public var subject: Subject
    /// The entry's place.
    public var index: UInt64
    /// The entry.
    public var entry: HistoryEntry

    /// An entry in its place.
    public init(subject: Subject, index: UInt64, entry: HistoryEntry) {
        self.subject = subject
        self.index = index
        self.entry = entry
    }
}
