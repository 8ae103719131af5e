internal import ChainStorage
internal import Codec
internal import ContentStorage
internal import Cryptography
internal import Ledger
internal import Logging

/// Deletes what the chain says is erased, and says so on the chain.
///
/// A document's blocks and metadata go at once. Its manifest, which names the blocks and opens nothing, goes when every
/// validator of the present set has confirmed: one that was down needs it to know what to delete.
actor ErasureDuties {
    /// Confirmations of one transaction.
    private static let maximumConfirmations = 256

    private let log: ErasureLog
    private let custody: FragmentCustody
    private let contents: ContentService
    private let reads: ChainReads
    private let duties: ValidatorDuties
    private let logger: Logger
    private var followed: Height
    private var written: Height
    /// The block time of the last look for grants whose time is over.
    private var swept = Timestamp(rawValue: 0)
    /// Milliseconds of block time between two such looks: each reads the names of all fragments that are held.
    private static let sweepInterval: UInt64 = 10_000
    /// Until when the last attempt for each subject may be included.
    private var attempts: [Subject: Height] = [:]

    init(
        log: ErasureLog, custody: FragmentCustody, contents: ContentService, reads: ChainReads,
        duties: ValidatorDuties, logger: Logger
    ) throws(DatabaseFailure) {
        self.log = log
        self.custody = custody
        self.contents = contents
        self.reads = reads
        self.duties = duties
        self.logger = logger
        let height = try log.height()
        followed = height
        written = height
    }

    // MARK: What is to be deleted

    /// Reads the final blocks that came while the node was down, or before it kept this log.
    func catchUp() {
        do {
            while followed < reads.store.height, let block = try reads.store.blocks.block(at: followed.next) {
                try note(block)
            }
        } catch { logger.error("blocks cannot be read for erasures", metadata: ["error": "\(error)"]) }
    }

    /// Follows a final block.
    func follow(_ block: Block) {
        guard block.header.height > followed else { return }
        do { try note(block) } catch {
            logger.error("erasures cannot be noted", metadata: ["error": "\(error)"])
        }
    }

    private func note(_ block: Block) throws(DatabaseFailure) {
        let state = reads.store
        var subjects: [Subject] = []
        for operation in block.transactions.lazy.flatMap(\.operations) {
            switch operation {
            case .eraseDocument(let erasure):
                // The state says whether it was applied: this block is below it.
                guard let record: DocumentRecord = state.record(erasure.document), record.erased != nil else {
                    continue
                }
                subjects.append(.document(erasure.document))
            case .revokeConsent(let revocation):
                guard let record: GrantRecord = state.record(revocation.grant), record.revoked != nil,
                    record.acknowledged.contains(custody.validator)
                else { continue }
                subjects.append(.grant(revocation.grant))
            case .closeScope: subjects += try custody.ended(over: state, tip: reads.tip).map { .grant($0) }
            default: break
            }
        }
        followed = block.header.height
        guard !subjects.isEmpty else { return }
        try log.note(subjects, upTo: followed)
        written = followed
    }

    /// Takes note of grants that have ended without anybody's word: their time is over.
    private func noteExpired() throws(DatabaseFailure) {
        let tip = reads.tip
        guard tip.time >= swept.advanced(byMilliseconds: Self.sweepInterval) else { return }
        let ended = try custody.ended(over: reads.store, tip: tip)
        if !ended.isEmpty { try log.note(ended.map { .grant($0) }, upTo: written) }
        swept = tip.time
    }

    // MARK: Deleting and confirming

    /// Deletes and confirms what is due; called about once a second.
    func attend() async {
        do {
            if written < followed {
                try log.note([], upTo: followed)
                written = followed
            }
            try noteExpired()
            let entries = try log.entries()
            guard !entries.isEmpty else { return attempts.removeAll() }
            try await delete(entries.filter { $0.kept == nil }.map(\.subject))
            try await confirm(try log.entries())
        } catch is CancellationError {
            return
        } catch { logger.error("erasure failed", metadata: ["error": "\(error)"]) }
    }

    private func delete(_ subjects: [Subject]) async throws {
        var documents: [(id: DocumentID, pieces: Set<ContentID>)] = []
        for subject in subjects {
            switch subject {
            case .grant(let grant):
                custody.forget([grant])
                log.settle(subject, kept: 0)
            case .document(let id):
                // What cannot be known now, because a node that has the manifest is down, is tried again.
                if let pieces = await pieces(of: id) { documents.append((id, pieces)) }
            default: preconditionFailure("documents and grants are what is deleted of")
            }
        }
        guard !documents.isEmpty else { return }
        let all = documents.reduce(into: Set<ContentID>()) { $0.formUnion($1.pieces) }
        let named = try await namedContent.named(among: all)
        for (id, pieces) in documents {
            for piece in pieces.subtracting(named) where piece.format == .raw {
                try await contents.store.remove(piece)
            }
            log.settle(.document(id), kept: pieces.intersection(named).count)
            logger.info("document erased", metadata: ["document": "\(id)"])
        }
    }

    /// Everything that a document consists of; nothing while it cannot be known.
    private func pieces(of id: DocumentID) async -> Set<ContentID>? {
        guard let record: DocumentRecord = reads.store.record(id) else {
            preconditionFailure("an erased document has a record")
        }
        switch await contents.look(for: record.manifest) {
        case .found(let manifest): return Set(manifest.blocks + [record.metadata, record.manifest])
        case .nowhere: return [record.metadata, record.manifest]
        case .unknown: return nil
        }
    }

    private var namedContent: NamedContent {
        let (reads, contents) = (reads, contents)
        return NamedContent(
            block: { try reads.store.blocks.block(at: $0) },
            state: reads.store,
            manifest: { await contents.peek(manifest: $0) })
    }

    private func confirm(_ entries: [ErasureLog.Entry]) async throws {
        let state = reads.store
        let validators = state.validatorSet.ids
        // A node that never was a validator deletes as well, but has no name on the chain in which to say so.
        let own: ValidatorRecord? = state.record(custody.validator)
        var operations: [Operation] = []
        for entry in entries {
            guard let kept = entry.kept else { continue }
            let record: ErasureRecord? = state.record(entry.subject)
            if own == nil || record?[custody.validator] != nil {
                attempts[entry.subject] = nil
                try await finish(entry, isEverybodyDone: validators.allSatisfy { record?[$0] != nil })
            } else if duties.isDue(attempts[entry.subject]), operations.count < Self.maximumConfirmations {
                attempts[entry.subject] = duties.lastHeight
                operations.append(
                    .confirmErasure(ConfirmErasure(validator: custody.validator, subject: entry.subject, kept: kept)))
            }
        }
        if !operations.isEmpty { await duties.send(operations) }
    }

    private func finish(_ entry: ErasureLog.Entry, isEverybodyDone: Bool) async throws {
        guard case .document(let id) = entry.subject else { return log.remove(entry.subject) }
        guard isEverybodyDone else { return }
        if entry.kept == 0, let record: DocumentRecord = reads.store.record(id) {
            try await contents.store.remove(record.manifest)
        }
        log.remove(entry.subject)
    }
}
