internal import ChainStorage
internal import Codec
internal import Consensus
internal import Cryptography
internal import Foundation
internal import Ledger
internal import Logging
internal import P2P
internal import Replication

/// The replica with what its thread alone touches: the journal, the clock, and who waits for an answer.
struct ReplicaLoop {
    /// Heights within which a report of a contradiction is included or not.
    private static let reportWindow: UInt64 = 1000

    private var replica: Replica<ReplicaStore>
    private let parts: ReplicaDriver.Parts
    private let journal: JournalFile
    private let network: PeerNetwork
    private let follow: @Sendable ([FinalizedBlock]) -> Void
    private var clock = NodeClock()
    private var waiting: [SubmissionToken: CheckedContinuation<SubmissionVerdict, Never>] = [:]
    private var nextToken: UInt64 = 0
    private var owed: [Int: Int] = [:]
    /// What follows from blocks that were just written, for the replica to hear before anything else.
    private var pending: [Event] = []
    /// How many nodes the replica has been told of.
    private var known: Int

    /// Opens the journal and restores the replica.
    init(
        _ parts: ReplicaDriver.Parts, network: PeerNetwork, follow: @escaping @Sendable ([FinalizedBlock]) -> Void
    ) throws {
        self.parts = parts
        self.network = network
        self.follow = follow
        known = parts.configuration.nodes.count
        // Fresh keys come with an empty journal: without any, these have said nobody knows what, wherever the chain is.
        let isAbsent = !JournalFile.exists(path: parts.home.journalFile)
        let (journal, bytes) = try JournalFile.open(path: parts.home.journalFile)
        self.journal = journal
        var records = try bytes.map { try Journal.Record(decoding: $0) }
        // A chain that has grown left records: without any, a new journal was begun and its first record never came.
        if isAbsent || (records.isEmpty && parts.store.height > .genesis) {
            // Whatever this validator said before is forgotten: it asks the others, and is silent until it is safe.
            parts.logger.warning("the journal is lost; rejoining as an observer")
            records = [.lost(ReplicaStore(parts.store).epoch)]
            journal.append(records.map(\.encoded))
        }
        var configuration = parts.configuration
        configuration.incarnation = UInt64(max(0, clock.now().microseconds))
        replica = Replica(
            configuration, store: ReplicaStore(parts.store), signer: ValidatorKey(parts.key), journal: records)
    }

    /// How long until the replica wants to be asked again; nothing for no time in particular.
    var timeUntilDeadline: Duration? {
        mutating get {
            if !pending.isEmpty { return .zero }
            return replica.nextDeadline.map { deadline in
                .microseconds(max(0, deadline.microseconds - clock.now().microseconds))
            }
        }
    }

    var report: ReplicaReport { replica.report }

    mutating func token(for continuation: CheckedContinuation<SubmissionVerdict, Never>) -> SubmissionToken {
        nextToken += 1
        let token = SubmissionToken(rawValue: nextToken)
        waiting[token] = continuation
        return token
    }

    /// Notes bytes that a peer may send again once what they carried has been dealt with.
    mutating func owe(_ bytes: Int, to peer: Int) { owed[peer, default: 0] += bytes }

    /// Lets the replica decide on what happened, and carries it out.
    ///
    /// - Throws: ``ReplicaDriver/Halted`` when the replica must not go on.
    mutating func handle(_ happened: [Event], verify: (VerificationJob) -> Void) throws {
        let now = clock.now()
        var events = pending + happened
        pending.removeAll(keepingCapacity: true)
        if let deadline = replica.nextDeadline, deadline <= now { events.append(.tick) }
        guard !events.isEmpty else { return }
        for effect in replica.handle(events, now: now) { try carryOut(effect, verify) }
        for (peer, bytes) in owed { network.consumed(bytes, from: peer) }
        owed.removeAll(keepingCapacity: true)
    }

    /// Tells everybody who still waits that there will be no answer.
    mutating func abandon() {
        for continuation in waiting.values { continuation.resume(returning: .stopping) }
        waiting.removeAll()
    }

    private mutating func carryOut(_ effect: Replication.Effect, _ verify: (VerificationJob) -> Void) throws {
        switch effect {
        case .persist(let records):
            journal.append(records.map(\.encoded))
            parts.metrics.journalSyncs.add()
        case .send(let packet, let recipient): send(packet, to: recipient)
        case .commit(let blocks): commit(blocks)
        case .replaceJournal(let records): try journal.rewrite(records.map(\.encoded))
        case .verify(let job): verify(job)
        case .answer(let token, let answer): waiting.removeValue(forKey: token)?.resume(returning: .init(answer))
        case .expired: break
        case .evidence(let evidence):
            keep(evidence)
            report(evidence)
        case .join: throw JoinRequested()
        case .outdated(let activation):
            throw ProgramOutdated(activation, supported: parts.configuration.supportedVersion)
        case .halt:
            throw ReplicaDriver.Halted(description: "another process signs with this validator's key")
        }
    }

    private func send(_ packet: Packet, to recipient: Consensus.Effect.Recipient) {
        let kind: FrameKind =
            switch packet.urgency {
            case .consensus: .consensus
            case .transactions: .transactions
            case .bulk: .bulk
            }
        let frame = Frame(kind: kind, payload: packet.encoded)
        switch recipient {
        case .all: network.broadcast(frame)
        case .one(let index): network.send(frame, to: index.rawValue)
        }
    }

    private mutating func commit(_ blocks: [FinalBlock]) {
        let final = blocks.map {
            FinalizedBlock(
                block: $0.block, certificate: $0.certificate, execution: $0.execution, update: $0.update)
        }
        parts.store.commit(final)
        follow(final)
        // Every decision about members is first put on the docket.
        let docket = DocketRecord.key(.only)
        if final.contains(where: { $0.execution.changes.contains { $0.key == docket } }) { meetMembers() }
    }

    /// Talks to whom the state admits now, and tells the replica under which numbers.
    private mutating func meetMembers() {
        parts.roster.update(over: parts.store)
        let keys = parts.roster.keys
        for number in known..<keys.count { pending.append(.met(keys[number], as: ValidatorIndex(rawValue: number))) }
        known = keys.count
        network.update(parts.roster.peers(of: parts.identity))
    }

    /// Puts a contradiction on the chain, where it stands in the validator's history; every validator that saw it does so,
    /// and it counts once.
    private mutating func report(_ evidence: Evidence) {
        let current = replica.report
        guard evidence.first.statement.epoch == current.epoch, current.validators.contains(evidence.offender),
            let operation = ReportEvidence(evidence, by: current.validators[evidence.offender]),
            !operation.isReported(in: parts.store)
        else { return }
        let body = TransactionBody(
            chain: parts.configuration.chain, nonce: SystemRandom.bytes(TransactionBody.nonceLength),
            validUntil: Height(rawValue: parts.store.height.rawValue + Self.reportWindow),
            operations: [.reportEvidence(operation)])
        nextToken += 1
        pending.append(
            .submitted(Transaction(body, signedBy: [parts.key]), token: SubmissionToken(rawValue: nextToken)))
    }

    private func keep(_ evidence: Evidence) {
        let bytes = evidence.encoded
        let file = parts.home.evidenceDirectory + "/\(Digest.sha256(bytes)).cbor"
        parts.logger.error("a validator has contradicted itself", metadata: ["evidence": "\(file)"])
        do throws(NodeHomeFailure) {
            try Files.makeDirectory(parts.home.evidenceDirectory)
            try Files.write(file, bytes)
        } catch { parts.logger.error("the evidence cannot be written", metadata: ["file": "\(file)"]) }
    }
}

extension SubmissionVerdict {
    fileprivate init(_ answer: SubmissionAnswer) {
        switch answer {
        case .accepted, .known: self = .accepted
        case .refused(let refusal): self = .refused(refusal)
        case .invalidSignature: self = .invalidSignature
        case .full(let interval): self = .full(retryAfter: interval)
        }
    }
}
