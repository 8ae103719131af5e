public import Codec

/// What came of one operation.
public enum Outcome: Hashable, Sendable {
    /// It took effect.
    case applied
    /// It changed nothing but, for a request for access, the histories.
    case refused(Refusal)

    /// The number on the wire: 0, or the refusal's.
    public var code: UInt16 {
        switch self {
        case .applied: 0
        case .refused(let refusal): refusal.rawValue
        }
    }
}

extension Outcome: CBORCodable, CustomStringConvertible {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let code = UInt16(try reader.readInt(max: Int(UInt16.max)))
        if code == 0 {
            self = .applied
        } else if let refusal = Refusal(rawValue: code) {
            self = .refused(refusal)
        } else {
            throw .invalid(field: "outcome")
        }
    }

    public func encode(to writer: inout CBORWriter) { writer.write(UInt64(code)) }

    public var description: String {
        switch self {
        case .applied: "applied"
        case .refused(let refusal): "refused (\(refusal.name))"
        }
    }
}

/// What came of a transaction: `[transaction, [outcome…]]`, one outcome an operation, in order.
public struct Receipt: Hashable, Sendable {
    /// The transaction.
    public var transaction: TransactionID
    /// One for each of its operations.
    public var outcomes: [Outcome]

    /// What came of `transaction`.
    public init(transaction: TransactionID, outcomes: [Outcome]) {
        self.transaction = transaction
        self.outcomes = outcomes
    }
}

extension Receipt: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        transaction = try reader.read()
        outcomes = try reader.readArray(max: Transaction.maximumOperations)
        if outcomes.isEmpty { throw .invalid(field: "outcomes") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(transaction)
        writer.write(array: outcomes)
    }
}
