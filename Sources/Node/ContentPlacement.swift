internal import ChainStorage
internal import ContentStorage
package import Cryptography
package import Ledger
internal import Codec
internal import Logging

/// Which validators are to keep content: as many as the chain requires, those whose hash with the content comes first.
///
/// Everybody reckons it alike from the present members. One that joins or leaves moves only what it keeps itself: the
/// order of the others does not change.
package enum Placement {
    /// The members in the order in which content is theirs to keep. 0.3 µs for each.
    package static func ranked<Member>(
        _ members: [Member], for content: ContentID, by validator: (Member) -> ValidatorID
    ) -> [Member] {
        members.map { (rank: Digest.sha256(content.bytes + validator($0).bytes), member: $0) }
            .sorted { $0.rank < $1.rank }.map(\.member)
    }
}

/// Keeps here what this node has to keep, as members come and go: fetches what it lacks, and lets go of what others keep.
///
/// Each node looks after its own share, and believes nobody about it. A pass reads the chain, asks the others for what is
/// to be here and is not, and removes what has been here for the grace period and is not to be, once all who are to keep
/// it say that they do: of f + 1 holders one is honest.
package actor ContentPlacement {
    /// What a pass over the chain came to.
    package struct Report: Hashable, Sendable {
        /// Contents that came.
        package var fetched = 0
        /// Contents that are to be here, and manifests that say so of others, that nobody had.
        package var missing = 0
        /// Contents that others keep now.
        package var released = 0
    }

    private let contents: ContentService
    private let reads: ChainReads
    private let logger: Logger
    private let grace: Duration
    private let isCurrent: @Sendable () -> Bool
    private let mark: PlacementMark
    /// Who kept how much when a pass found everything: another is due when that has changed. It is kept beside the content,
    /// so that a restart costs no pass, and the loss of the content does.
    private var settled: Digest?
    /// When to try again, and how long to wait after that, while something is missing.
    private var retry = (due: ContinuousClock.now, pause: Duration.seconds(1))
    private static let longestPause = Duration.seconds(600)

    /// - Parameters:
    ///   - directory: Where the content is.
    ///   - grace: For how long content stays that is not to be here.
    ///   - isCurrent: Whether this node has caught up since it started.
    init(
        contents: ContentService, directory: String, reads: ChainReads, logger: Logger, grace: Duration,
        isCurrent: @escaping @Sendable () -> Bool
    ) {
        self.contents = contents
        self.reads = reads
        self.logger = logger
        self.grace = grace
        self.isCurrent = isCurrent
        mark = PlacementMark(in: directory)
        settled = mark.settled
    }

    /// Passes when the members have changed since the last pass that found everything, or none was made yet; called about
    /// once a second.
    func attend() async {
        let present = arrangement
        guard present != settled, contents.isMember, isCurrent(), retry.due <= .now else { return }
        if let report = await pass(), report.missing == 0 {
            settled = present
            retry.pause = .seconds(1)
            mark.settle(present)
        } else {
            retry = (.now + retry.pause, min(retry.pause * 2, Self.longestPause))
        }
    }

    /// Passes over the chain, and over the store.
    @discardableResult
    func pass() async -> Report? {
        do {
            var report = Report()
            var surplus: Set<ContentID> = []
            var height = Height.genesis.next
            while let block = try reads.store.blocks.block(at: height) {
                for operation in block.transactions.lazy.flatMap(\.operations) {
                    try await settle(operation, &report, &surplus)
                }
                height = height.next
                await Task.yield()
            }
            if contents.isMember { try await release(surplus, &report) }
            logger.info(
                "content placed",
                metadata: [
                    "fetched": "\(report.fetched)", "missing": "\(report.missing)", "released": "\(report.released)",
                ])
            return report
        } catch is CancellationError {
            return nil
        } catch {
            logger.error("content cannot be placed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Who keeps how much.
    private var arrangement: Digest {
        .sha256(contents.memberIDs.flatMap(\.bytes) + [UInt8(contents.requiredCopies)])
    }

    private func settle(_ operation: Operation, _ report: inout Report, _ surplus: inout Set<ContentID>)
        async throws
    {
        if let document = operation.committed {
            let id = document.document
            guard isKept(id) else { return }
            for piece in [document.manifest, document.metadata] { try await settle(piece, of: id, &report, &surplus) }
            guard let manifest = await contents.peek(manifest: document.manifest) else {
                // Which blocks are to be here cannot be known.
                report.missing += 1
                return
            }
            for block in manifest.blocks { try await settle(block, of: id, &report, &surplus) }
            return
        }
        switch operation {
        case .shareDocument(let share):
            guard isKept(share.document) else { return }
            try await settle(share.metadata, of: share.document, &report, &surplus)
        case .grantConsent(let grant): try await settle(grant.card, of: nil, &report, &surplus)
        case .authorizeAuthor(let author): try await settle(author.card, of: nil, &report, &surplus)
        case .publishNotice(let notice): try await settle(notice.text, of: nil, &report, &surplus)
        default: break
        }
    }

    /// Whether a document was put on record and not erased: what was refused keeps nothing.
    private func isKept(_ id: DocumentID) -> Bool {
        reads.store.record(id, as: DocumentRecord.self) != nil && !reads.store.isErased(id)
    }

    private func settle(
        _ id: ContentID, of document: DocumentID?, _ report: inout Report, _ surplus: inout Set<ContentID>
    ) async throws {
        try Task.checkCancellation()
        let isHere = try await contents.store.contains(id)
        guard contents.isHolder(of: id) else {
            if isHere { surplus.insert(id) }
            return
        }
        guard !isHere else { return }
        guard let bytes = await contents.fetch(id), let content = try? Content(bytes, named: id) else {
            report.missing += 1
            return
        }
        try await contents.store.put([content])
        report.fetched += 1
        // Erased while it was on its way here: it is not to come back.
        if let document, reads.store.isErased(document) { try await contents.store.remove(id) }
    }

    /// Removes what has been here long enough and whose holders all say that they have it.
    private func release(_ surplus: Set<ContentID>, _ report: inout Report) async throws {
        for shard in UInt8.min...UInt8.max {
            for entry in try await contents.store.list(shard: shard) where surplus.contains(entry.id) {
                try Task.checkCancellation()
                guard entry.age >= grace, !contents.isHolder(of: entry.id),
                    await contents.isHeldByItsHolders(entry.id)
                else { continue }
                if try await contents.store.remove(entry.id, ifOlderThan: grace) { report.released += 1 }
            }
        }
    }
}
