public import ChainStorage
internal import Codec
internal import Cryptography
public import Ledger
internal import Synchronization

/// Which re-encryptions this validator has handed out, in order, and how many of them the chain knows of.
///
/// A pair of request and document stands in the log once, however often it is asked for. What is to be reported is fixed
/// in the database before it is submitted: whatever happens in between, the same record is submitted again until the
/// chain has it.
public final class ServiceLog: Sendable {
    /// The most services of one record.
    public static let maximumReport = 4096

    /// The log's counters: `[length, reported, pending]`, reported <= pending <= length.
    private struct State: CBORCodable {
        var length: UInt64 = 0
        var reported: UInt64 = 0
        /// Where the record that is on its way ends; ``reported`` when there is none.
        var pending: UInt64 = 0

        init() {}

        init(from reader: inout CBORReader) throws(DecodingFailure) {
            try reader.readArray(count: 3)
            length = try reader.readUnsigned()
            reported = try reader.readUnsigned()
            pending = try reader.readUnsigned()
            guard reported <= pending, pending <= length else { throw .invalid(field: "service log") }
        }

        func encode(to writer: inout CBORWriter) {
            writer.beginArray(3)
            writer.write(length)
            writer.write(reported)
            writer.write(pending)
        }
    }

    private let database: any Database
    private let validator: ValidatorID
    private let state: Mutex<State>

    /// - Parameter database: The custody database. There is one log over it at a time: the counters are kept in memory.
    /// - Throws: When it cannot be read or is damaged.
    public init(database: any Database, validator: ValidatorID) throws(DatabaseFailure) {
        self.database = database
        self.validator = validator
        var state = State()
        if let bytes = try database.get(CustodyKeySpace.logState) {
            do { state = try State(decoding: bytes) } catch {
                throw .damaged(path: "custody", detail: "service log: \(error)")
            }
        }
        self.state = Mutex(state)
    }

    /// How many services there were.
    public var length: UInt64 { state.withLock { $0.length } }

    /// Notes services, each once, and syncs. What has been noted may be handed out.
    func record(_ services: [ServedFragment]) throws(DatabaseFailure) {
        try state.withLock { (state) throws(DatabaseFailure) in
            var batch = WriteBatch()
            var next = state
            for service in services {
                guard try database.get(CustodyKeySpace.pair(service)) == nil else { continue }
                batch.put(CustodyKeySpace.pair(service), [])
                batch.put(CustodyKeySpace.served(next.length), service.encoded)
                next.length += 1
            }
            guard next.length > state.length else { return }
            batch.put(CustodyKeySpace.logState, next.encoded)
            database.write(batch, isSynced: true)
            state = next
        }
    }

    /// The record to submit, signed by the validator's consensus key; nothing when the chain knows of everything.
    ///
    /// The same record again until ``confirm(_:)``.
    public func report() throws(DatabaseFailure) -> RecordService? {
        try state.withLock { (state) throws(DatabaseFailure) in
            if state.pending == state.reported {
                guard state.length > state.reported else { return nil }
                state.pending = min(state.length, state.reported + UInt64(Self.maximumReport))
                write(state)
            }
            return try record(of: state.reported..<state.pending)
        }
    }

    /// Takes note that a final block applied a record of this validator's.
    public func confirm(_ record: RecordService) throws(DatabaseFailure) {
        try state.withLock { (state) throws(DatabaseFailure) in
            guard state.pending > state.reported, try self.record(of: state.reported..<state.pending) == record else {
                return
            }
            state.reported = state.pending
            write(state)
        }
    }

    /// Takes note of what a final block applied.
    public func confirm(in transactions: [Transaction], _ receipts: [Receipt]) throws(DatabaseFailure) {
        for (transaction, receipt) in zip(transactions, receipts) {
            for (operation, outcome) in zip(transaction.operations, receipt.outcomes) where outcome == .applied {
                if case .recordService(let record) = operation { try confirm(record) }
            }
        }
    }

    /// The services at these places of the log, for whoever audits the records.
    public func served(_ places: Range<UInt64>) throws(DatabaseFailure) -> [ServedFragment] {
        let end = CustodyKeySpace.served(places.upperBound)
        let entries = try database.scan(
            from: CustodyKeySpace.served(places.lowerBound), to: end, limit: places.count)
        var services: [ServedFragment] = []
        for entry in entries {
            do { services.append(try ServedFragment(decoding: entry.value)) } catch {
                throw .damaged(path: "custody", detail: "served fragment: \(error)")
            }
        }
        return services
    }

    private func record(of places: Range<UInt64>) throws(DatabaseFailure) -> RecordService {
        let services = try served(places)
        guard services.count == places.count else {
            throw .damaged(path: "custody", detail: "the service log has a gap")
        }
        return RecordService(
            validator: validator, count: UInt64(services.count), root: MerkleTree.root(of: services.map(\.encoded)))
    }

    private func write(_ state: State) {
        var batch = WriteBatch()
        batch.put(CustodyKeySpace.logState, state.encoded)
        database.write(batch, isSynced: true)
    }
}
