internal import ChainStorage
internal import Codec
internal import Cryptography
internal import Ledger
internal import Logging
internal import Synchronization

/// What a validator submits in its own name: that it holds a fragment, and what it has served.
///
/// Each is submitted again once the chain can no longer include the last attempt, until the chain has it.
final class ValidatorDuties: Sendable {
    /// Heights within which an attempt is included or never will be.
    private static let attemptWindow: UInt64 = 20

    private struct State {
        /// Until when the last attempt for each grant may be included.
        var acknowledged: [GrantID: Height] = [:]
        var reportedUntil: Height?
        var queue: [AcknowledgeGrant] = []
    }

    private let custody: FragmentCustody
    private let log: ServiceLog
    private let reads: ChainReads
    private let key: SigningKey
    private let logger: Logger
    private let submit: @Sendable (Transaction) async -> SubmissionVerdict
    private let state = Mutex(State())

    init(
        custody: FragmentCustody, log: ServiceLog, reads: ChainReads, key: SigningKey, logger: Logger,
        submit: @escaping @Sendable (Transaction) async -> SubmissionVerdict
    ) {
        self.custody = custody
        self.log = log
        self.reads = reads
        self.key = key
        self.logger = logger
        self.submit = submit
    }

    /// Takes note of a fragment that has just been stored; submitted at once.
    func acknowledge(_ acknowledgement: AcknowledgeGrant) {
        let isNew = state.withLock { state in
            guard isDue(state.acknowledged[acknowledgement.grant]) else { return false }
            state.acknowledged[acknowledgement.grant] = lastHeight
            return true
        }
        guard isNew else { return }
        Task { await send([.acknowledgeGrant(acknowledgement)]) }
    }

    /// Follows a final block: forgets what was revoked, and learns what the chain has of this validator's reports.
    func follow(_ transactions: [Transaction], _ receipts: [Receipt]) {
        custody.forgetRevoked(in: transactions, receipts)
        do throws(DatabaseFailure) {
            let length = try log.report()
            try log.confirm(in: transactions, receipts)
            if try log.report() != length { state.withLock { $0.reportedUntil = nil } }
        } catch {
            logger.error("service log cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// Submits what is due; called about once a second.
    func attend() async {
        do throws(DatabaseFailure) {
            // Who has left the set helps with the grants that it holds, and takes no new ones.
            let isMember = reads.store.validatorSet.ids.contains(custody.validator)
            for acknowledgement in try isMember ? custody.unacknowledged(over: reads.store, tip: reads.tip) : [] {
                acknowledge(acknowledgement)
            }
            let tip = reads.tip.height
            state.withLock { state in state.acknowledged = state.acknowledged.filter { $0.value >= tip } }
            if isDue(state.withLock { $0.reportedUntil }), let record = try log.report() {
                state.withLock { $0.reportedUntil = lastHeight }
                await send([.recordService(record)])
            }
        } catch {
            logger.error("custody cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// The last height at which what is submitted now may be included.
    var lastHeight: Height { Height(rawValue: reads.tip.height.rawValue + Self.attemptWindow) }

    /// Whether what was submitted last can no longer be included.
    func isDue(_ until: Height?) -> Bool { until.map { $0 < reads.tip.height } ?? true }

    /// Signs operations in the validator's name and submits them.
    func send(_ operations: [Operation]) async {
        let body = TransactionBody(
            chain: custody.chain, nonce: SystemRandom.bytes(TransactionBody.nonceLength), validUntil: lastHeight,
            operations: operations)
        let verdict = await submit(Transaction(body, signedBy: [key]))
        if verdict != .accepted {
            logger.notice("duty not accepted", metadata: ["verdict": "\(verdict)"])
        }
    }
}

/// What a node says to a transaction that is brought to it.
enum SubmissionVerdict: Hashable, Sendable {
    /// Its signatures hold, it may be included, and the other validators have been told.
    case accepted
    case invalidSignature
    case refused(TransactionRefusal)
    /// Too many wait already; there may be room after so long.
    case full(retryAfter: Duration)
    /// The node is going down.
    case stopping
}
