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

    /// What a block does.
    public init(receipts: [Receipt], changes: [StateChange], entries: [HistoryRecord]) {
        self.receipts = receipts
        self.changes = changes
        self.entries = entries
    }

    /// Who decides from the next block on, where this block changes that.
    public var nextValidators: ValidatorSetRecord? {
        guard let bytes = changes.first(where: { $0.key == ValidatorSetRecord.place })?.value else { return nil }
        do { return try Leaf<ValidatorSetRecord>(decoding: bytes).record } catch {
            preconditionFailure("a set that was written decodes: \(error)")
        }
    }

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

/// The rules: a state and a block's transactions give the state after it, on every machine the same.
///
/// Nothing here reads a clock or checks an envelope's signatures: whoever calls has settled
/// ``Transaction/signatureChecks()`` for every transaction, which needs no state and runs on all cores.
public enum Transition {
    /// Executes a block's transactions in order. Each operation is applied or refused on its own.
    ///
    /// - Parameters:
    ///   - transactions: Their signature checks have held.
    ///   - block: Where they stand.
    ///   - reader: The state after the parent block.
    /// - Throws: ``BlockInvalid`` when one of them cannot be in the block at all.
    public static func execute(
        _ transactions: [Transaction], at block: BlockContext, over reader: some LedgerReader
    ) throws(BlockInvalid) -> Execution {
        guard !transactions.isEmpty else { return .empty }
        let state = WorkingState(over: reader, in: block)
        precondition(state.version <= .latest, "nobody executes a block by rules that this program does not have")
        guard fits(transactions, in: state.parameters.limits.maximumBlockBytes) else { throw .tooLarge }
        var seen: Set<TransactionID> = []
        var receipts: [Receipt] = []
        seen.reserveCapacity(transactions.count)
        receipts.reserveCapacity(transactions.count)
        for (index, transaction) in transactions.enumerated() {
            do throws(TransactionRefusal) {
                try admit(transaction, at: block.height, state.parameters, over: reader)
                guard seen.insert(transaction.id).inserted else { throw .replayed }
            } catch {
                throw .transaction(index, error)
            }
            receipts.append(state.execute(transaction))
        }
        return Execution(receipts: receipts, changes: state.changes, entries: state.history)
    }

    /// Whether the next block may include a transaction. Checks no signature.
    ///
    /// - Parameter tip: The height of the block that `reader` is the state after.
    public static func admit(
        _ transaction: Transaction, tip: Height, over reader: some LedgerReader
    ) throws(TransactionRefusal) {
        try admit(transaction, at: tip.next, reader.parameters, over: reader)
    }

    private static func admit(
        _ transaction: Transaction, at height: Height, _ parameters: ParametersRecord, over reader: some LedgerReader
    ) throws(TransactionRefusal) {
        guard transaction.body.chain == parameters.chain else { throw .wrongChain }
        let last = transaction.body.validUntil.rawValue
        guard last >= height.rawValue else { throw .expired }
        guard last - height.rawValue < parameters.limits.transactionWindow else { throw .validUntilTooFar }
        guard !reader.contains(transaction.id) else { throw .replayed }
    }

    private static func fits(_ transactions: [Transaction], in limit: UInt64) -> Bool {
        transactions.reduce(0) { $0 + UInt64($1.bytes.count) } <= limit
    }
}

extension WorkingState {
    /// Applies or refuses each operation of a transaction and notes what came of it.
    fileprivate func execute(_ transaction: Transaction) -> Receipt {
        let signers = Signers(of: transaction)
        var outcomes: [Outcome] = []
        for (index, operation) in transaction.operations.enumerated() {
            let outcome: Outcome
            let concerned: [Subject]
            do throws(Refusal) {
                try authorize(operation, signers)
                if operation.holdsPaymentData { throw .paymentCardNumber }
                concerned = try apply(operation)
                outcome = .applied
            } catch {
                concerned = concernedByRefusal(of: operation, signers)
                outcome = .refused(error)
            }
            let entry = HistoryEntry(
                height: block.height, time: block.time, transaction: transaction.id, operation: index, outcome: outcome)
            record(entry, for: concerned)
            outcomes.append(outcome)
        }
        return Receipt(transaction: transaction.id, outcomes: outcomes)
    }

    /// Whether whoever has to has signed (``Authorization``).
    private func authorize(_ operation: Operation, _ signers: Signers) throws(Refusal) {
        let code = operation.code
        let parties = try Parties(of: operation, in: self)
        for requirement in Authorization.requirements(for: code) {
            try requirement.check(parties, signers, in: self)
        }
        try checkFreeze(code, parties)
        try checkPolicy(operation, code, parties)
    }

    /// Does what the operation asks for, or changes nothing.
    ///
    /// - Returns: Whose history it belongs in.
    private func apply(_ operation: Operation) throws(Refusal) -> [Subject] {
        switch operation {
        case .openScope(let operation): try apply(operation)
        case .authorizeAuthor(let operation): try apply(operation)
        case .withdrawAuthor(let operation): try apply(operation)
        case .registerStaff(let operation): try apply(operation)
        case .endStaff(let operation): try apply(operation)
        case .commitDocument(let operation): try apply(operation)
        case .grantConsent(let operation): try apply(operation)
        case .acknowledgeGrant(let operation): try apply(operation)
        case .revokeConsent(let operation): try apply(operation)
        case .requestAccess(let operation): try apply(operation)
        case .recordService(let operation): try apply(operation)
        case .rotateScope(let operation): try apply(operation)
        case .closeScope(let operation): try apply(operation)
        case .eraseDocument(let operation): try apply(operation)
        case .confirmErasure(let operation): try apply(operation)
        case .restrictScope(let operation): try apply(operation)
        case .shareDocument(let operation): try apply(operation)
        case .declareEmergency(let operation): try apply(operation)
        case .reviewEmergency(let operation): try apply(operation)
        case .freeze(let operation): try apply(operation)
        case .unfreeze(let operation): try apply(operation)
        case .publishNotice(let operation): try apply(operation)
        case .setPolicy(let operation): try apply(operation)
        case .proposeChange(let operation): try apply(operation)
        case .approveChange(let operation): try apply(operation)
        case .reportEvidence(let operation): try apply(operation)
        case .appointGuardians(let operation): try apply(operation)
        case .proposeOwner(let operation): try apply(operation)
        case .vetoOwner(let operation): try apply(operation)
        case .confirmOwner(let operation): try apply(operation)
        case .recoverDocuments(let operation): try apply(operation)
        case .stateNames(let operation): try apply(operation)
        case .postMessage(let operation): try apply(operation)
        case .reshareGrant(let operation): try apply(operation)
        case .answerResharing(let operation): try apply(operation)
        }
    }

    /// A refused attempt to open documents is part of the histories, if a member of staff really signed it: a stranger's
    /// forgery in their name is not.
    private func concernedByRefusal(of operation: Operation, _ signers: Signers) -> [Subject] {
        guard let attempt = operation.accessAttempt, let member = staff[attempt.staff],
            signers.contains(member.deviceKey)
        else { return [] }
        var subjects = subjects(of: attempt)
        // The same for the colleague: only who signed has tried.
        if let second = attempt.emergency?.second, second != attempt.staff {
            let hasSigned = staff[second].map { signers.contains($0.deviceKey) } ?? false
            if !hasSigned { subjects.removeAll { $0 == .staff(second) } }
        }
        return subjects
    }
}
