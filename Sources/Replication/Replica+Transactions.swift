internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

/// Transactions whose signatures are being checked, and the verdicts on those that were.
///
/// A verdict belongs to the hash of all bytes, signatures included, so that each signature is checked once here.
struct Verification: Sendable {
    /// How many verdicts are remembered.
    static let memory = 131_072
    /// The most transactions that are being checked at once.
    static let capacity = 32_768
    /// Transactions in one job.
    static let jobSize = 1024

    /// Who brought a transaction that is being checked.
    struct Waiting: Sendable {
        let transaction: Transaction
        var origin: ValidatorIndex?
        var tokens: [SubmissionToken] = []
    }

    private var verdicts: [Digest: Bool] = [:]
    private var order: [Digest] = []
    private var oldest = 0
    private var waiting: [Digest: Waiting] = [:]
    private var jobs: [UInt64: [Digest]] = [:]
    private var unsent: [Transaction] = []
    private var nextJob: UInt64 = 0

    /// Whether the signatures hold, nothing while nobody has looked.
    func verdict(on transaction: Transaction) -> Bool? { verdicts[transaction.digest] }

    /// How many are being checked.
    var waitingCount: Int { waiting.count }

    /// Whether another transaction can be taken in.
    var hasRoom: Bool { waiting.count < Self.capacity }

    /// Asks for a check, once.
    mutating func request(_ transaction: Transaction, origin: ValidatorIndex?, token: SubmissionToken?) {
        if waiting[transaction.digest] == nil {
            waiting[transaction.digest] = Waiting(transaction: transaction)
            unsent.append(transaction)
        }
        if let origin { waiting[transaction.digest]?.origin = origin }
        if let token { waiting[transaction.digest]?.tokens.append(token) }
    }

    /// Hands what was asked for since the last call to the pool.
    mutating func flush(into output: inout ReplicaOutput) {
        var rest = unsent[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(Self.jobSize))
            rest = rest.dropFirst(Self.jobSize)
            nextJob += 1
            jobs[nextJob] = chunk.map(\.digest)
            output.add(.verify(VerificationJob(id: nextJob, transactions: chunk)))
        }
        unsent.removeAll(keepingCapacity: true)
    }

    /// Takes the verdicts of a job in.
    ///
    /// - Returns: What was checked, in order, with its verdict.
    mutating func settle(_ job: UInt64, _ results: [Bool]) -> [(Waiting, Bool)] {
        guard let digests = jobs.removeValue(forKey: job), digests.count == results.count else { return [] }
        var settled: [(Waiting, Bool)] = []
        for (digest, holds) in zip(digests, results) {
            remember(digest, holds)
            if let entry = waiting.removeValue(forKey: digest) { settled.append((entry, holds)) }
        }
        return settled
    }

    private mutating func remember(_ digest: Digest, _ holds: Bool) {
        if verdicts.updateValue(holds, forKey: digest) == nil { order.append(digest) }
        while order.count - oldest > Self.memory {
            verdicts[order[oldest]] = nil
            oldest += 1
        }
        if oldest > Self.memory {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}

extension Replica {
    /// A client's transaction: into the queue once its signatures are known to hold, and on to every other validator.
    mutating func submit(_ transaction: Transaction, _ token: SubmissionToken) {
        if mempool.contains(transaction.id) { return output.add(.answer(token, .known)) }
        do throws(TransactionRefusal) {
            try Transition.admit(transaction, tip: finalTip.height, over: finalState)
        } catch {
            return output.add(.answer(token, .refused(error)))
        }
        guard verification.hasRoom, mempool.hasRoom(for: transaction.bytes.count, from: configuration.index) else {
            return output.add(.answer(token, .full(retryAfter: .seconds(1))))
        }
        switch verification.verdict(on: transaction) {
        case true?: admit(transaction, from: configuration.index, [token])
        case false?: output.add(.answer(token, .invalidSignature))
        case nil: verification.request(transaction, origin: configuration.index, token: token)
        }
    }

    /// Another validator's client's transaction; nobody waits for an answer here.
    mutating func relay(_ transaction: Transaction, from sender: ValidatorIndex) {
        guard !mempool.contains(transaction.id), verification.hasRoom,
            mempool.hasRoom(for: transaction.bytes.count, from: sender)
        else { return }
        do throws(TransactionRefusal) {
            try Transition.admit(transaction, tip: finalTip.height, over: finalState)
        } catch {
            return
        }
        switch verification.verdict(on: transaction) {
        case true?: admit(transaction, from: sender, [])
        case false?: break
        case nil: verification.request(transaction, origin: sender, token: nil)
        }
    }

    /// Takes verdicts from the pool in.
    mutating func settle(_ job: UInt64, _ verdicts: [Bool]) {
        for (entry, holds) in verification.settle(job, verdicts) {
            if !holds {
                for token in entry.tokens { output.add(.answer(token, .invalidSignature)) }
            } else if let origin = entry.origin {
                admit(entry.transaction, from: entry.tokens.isEmpty ? origin : configuration.index, entry.tokens)
            }
        }
        executeWaiting()
    }

    private mutating func admit(
        _ transaction: Transaction, from origin: ValidatorIndex, _ tokens: [SubmissionToken]
    ) {
        if mempool.contains(transaction.id) {
            for token in tokens { output.add(.answer(token, .known)) }
            return
        }
        // It may have become final while its signatures were checked.
        do throws(TransactionRefusal) {
            try Transition.admit(transaction, tip: finalTip.height, over: finalState)
        } catch {
            for token in tokens { output.add(.answer(token, .refused(error))) }
            return
        }
        mempool.insert(transaction, from: origin, now: now)
        if origin == configuration.index { unannounced.append(transaction) }
        let position = mempool.count(from: origin) - 1
        for token in tokens { output.add(.answer(token, .accepted(position: position))) }
    }

    /// Sends what this node's clients brought to all others, and again what has waited for long.
    mutating func flushAnnouncements() {
        let repeated = mempool.unannounced(
            from: configuration.index, since: now + (.zero - Self.announcementInterval), now: now,
            limit: Packet.maximumTransactions)
        // The first one leaves at once. What follows on its heels leaves together: every packet wakes every other node.
        guard now >= nextAnnouncement || unannounced.count >= Self.announcementBatch else {
            return announce(repeated, to: .all)
        }
        if !unannounced.isEmpty { nextAnnouncement = now + Self.announcementPause }
        announce(unannounced + repeated, to: .all)
        unannounced.removeAll(keepingCapacity: true)
    }

    /// A validator that was away has missed what was sent meanwhile.
    mutating func announceAll(to peer: ValidatorIndex) {
        let waiting = mempool.unannounced(
            from: configuration.index, since: now + .seconds(1), now: now, limit: Packet.maximumTransactions)
        announce(waiting, to: .one(peer))
    }

    private mutating func announce(_ transactions: [Transaction], to recipient: Consensus.Effect.Recipient) {
        var batch: [Transaction] = []
        var bytes = 0
        for transaction in transactions {
            let isFull = batch.count == Packet.maximumTransactions || bytes + transaction.bytes.count > 1 << 20
            if isFull, !batch.isEmpty {
                output.send(.transactions(batch), to: recipient)
                batch = []
                bytes = 0
            }
            batch.append(transaction)
            bytes += transaction.bytes.count
        }
        if !batch.isEmpty { output.send(.transactions(batch), to: recipient) }
    }
}
