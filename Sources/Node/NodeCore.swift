internal import API
internal import ChainStorage
internal import ContentStorage
internal import Cryptography
internal import Ledger
internal import Logging
internal import NIOCore

/// The parts of a running validator that its doors share: the final chain, content, custody, and what follows from a
/// block that has become final.
final class NodeCore: Sendable {
    let genesis: Genesis
    let roster: Roster
    /// Where the API is served.
    let apiListen: Address
    let reads: ChainReads
    let feed = FinalityFeed()
    let contents: ContentService
    let census: ContentCensus
    let placement: ContentPlacement
    let custody: FragmentCustody
    let services: ReEncryptionService
    let duties: ValidatorDuties
    let erasures: ErasureDuties
    let resharings: ResharingDuties
    let metrics: NodeMetrics
    let logger: Logger
    let submit: @Sendable (Transaction) async -> SubmissionVerdict
    let status: @Sendable () -> NodeStatus
    /// Whether this node has stood where the others do since it started: before, it may not know what was erased.
    let isCurrent: @Sendable () -> Bool
    /// Final blocks on their way to this validator's duties, which may take their time.
    let followed: AsyncStream<FinalizedBlock>
    private let follower: AsyncStream<FinalizedBlock>.Continuation
    private let peers: PeerClient

    /// Puts together what its stores, which are open already, are for.
    ///
    /// - Parameters:
    ///   - submit: Hands a transaction to the replica.
    ///   - status: Asks the replica how it is.
    ///   - isCurrent: Asks whether it has been at the others' tip.
    init(
        home: NodeHome, keys: NodeKeys, genesis: Genesis, roster: Roster, apiListen: Address, contentGrace: Duration,
        store: LedgerStore, custody database: LevelDB, content: FileContentStore, group: any EventLoopGroup,
        metrics: NodeMetrics, logger: Logger, submit: @escaping @Sendable (Transaction) async -> SubmissionVerdict,
        status: @escaping @Sendable () -> NodeStatus, isCurrent: @escaping @Sendable () -> Bool
    ) throws {
        self.genesis = genesis
        self.roster = roster
        self.apiListen = apiListen
        self.metrics = metrics
        self.logger = logger
        self.submit = submit
        self.status = status
        self.isCurrent = isCurrent
        (followed, follower) = AsyncStream.makeStream(of: FinalizedBlock.self)
        reads = ChainReads(store)
        peers = PeerClient(key: keys.consensus, group: group)
        contents = ContentService(store: content, roster: roster, peers: peers, logger: logger)
        census = ContentCensus(
            store: contents.store, block: { try store.blocks.block(at: $0) },
            manifest: { [contents] in await contents.peek(manifest: $0) },
            isErased: { store.isErased($0) }, grace: contentGrace)
        placement = ContentPlacement(
            contents: contents, directory: home.contentDirectory, reads: reads, logger: logger, grace: contentGrace,
            isCurrent: isCurrent)
        let validator = roster.ownID
        custody = FragmentCustody(
            database: database, chain: genesis.chain, validator: validator, sealingKey: keys.sealing)
        services = ReEncryptionService(
            custody: custody, log: try ServiceLog(database: database, validator: validator))
        duties = ValidatorDuties(
            custody: custody, log: services.log, reads: reads, key: keys.consensus, logger: logger, submit: submit)
        erasures = try ErasureDuties(
            log: ErasureLog(database: database), custody: custody, contents: contents, reads: reads, duties: duties,
            logger: logger)
        resharings = try ResharingDuties(
            log: ResharingLog(database: database), custody: custody, reads: reads, roster: roster, peers: peers,
            duties: duties, logger: logger, isCurrent: isCurrent)
    }

    /// Follows blocks that are on the disk now: wakes whoever waits for them. Called on the replica's thread.
    func follow(_ blocks: [FinalizedBlock]) {
        guard let last = blocks.last else { return }
        feed.publish(
            height: last.block.header.height, transactions: blocks.flatMap { $0.block.transactions.map(\.id) })
        for block in blocks where !block.block.transactions.isEmpty {
            metrics.finalTransactions.add(UInt64(block.block.transactions.count))
            follower.yield(block)
        }
        metrics.finalBlocks.add(UInt64(blocks.count))
    }

    /// Lets everybody go and closes the connections to other nodes.
    func close() async {
        feed.close()
        await peers.shutdown()
    }
}
