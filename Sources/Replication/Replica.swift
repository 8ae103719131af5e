internal import Codec
public import Consensus
public import Cryptography
public import Ledger

/// One validator's view of the chain: consensus decides which block is next, the ledger what it does.
///
/// A replica performs no I/O but reading its store, reads no clock and draws no random number: hand it what happened,
/// carry out the effects in order, durable before said. Same events, same effects, on every machine.
///
/// ## The path of a document, 3 of 4: from a transaction to a final block
/// A transaction comes in as ``Event/submitted(_:token:)``, waits in the ``Mempool`` while its signatures are checked, and
/// is put into a block when `Engine` asks for one. ``BlockRules`` executes the block with the ledger's `Transition`, for
/// the one who builds it and for those who judge it alike: so the header commits to the receipts and to the state after
/// it before anybody votes. When the engine has a finalization, block, certificate, receipts and changes leave as one
/// ``Effect/commit(_:)``. Who writes them to the disk and answers the client: `NodeService` (Node/NodeService.swift), the
/// next file.
public struct Replica<Store: ChainReader> {
    /// What a replica is told once.
    public struct Configuration: Sendable {
        /// The chain.
        public var chain: ChainID
        /// The nodes that the host reaches, by number; ``Event/met(_:as:)`` tells of more. Who decides is none of this:
        /// the chain's state says so.
        public var nodes: [PublicKey]
        /// This node's number.
        public var index: ValidatorIndex
        /// How long consensus waits.
        public var pace: Pace
        /// The most bytes of transactions in a block built here; the chain's limit holds besides.
        public var blockBytes: Int
        /// A number that is another one at every start, such as the clock; see ``Engine/Configuration/incarnation``.
        public var incarnation: UInt64
        /// The newest rules that this node executes blocks by; another number than the program's is for tests.
        public var supportedVersion: ProtocolVersion
        /// How many blocks others must have for an empty node to ask for a snapshot rather than to execute them all; 0 for
        /// never.
        public var joinDistance: UInt64

        /// A configuration.
        ///
        /// - Parameters:
        ///   - validators: The first nodes by number, those of the genesis file.
        ///   - others: The nodes after them.
        public init(
            chain: ChainID, validators: ValidatorSet, others: [PublicKey] = [], index: ValidatorIndex,
            pace: Pace = Pace(), blockBytes: Int = 1 << 20, incarnation: UInt64 = 0,
            supportedVersion: ProtocolVersion = .latest, joinDistance: UInt64 = 0
        ) {
            self.chain = chain
            nodes = validators.keys + others
            self.index = index
            self.pace = pace
            self.blockBytes = blockBytes
            self.incarnation = incarnation
            self.supportedVersion = supportedVersion
            self.joinDistance = joinDistance
        }
    }

    /// How many bytes of journal are written before it is replaced by what still matters.
    static var journalLimit: Int { 32 << 20 }
    /// How often this node repeats a transaction of its clients that has not become final.
    static var announcementInterval: Duration { .seconds(4) }
    /// How long transactions are collected after some have been sent to the others, unless there are this many of them.
    static var announcementPause: Duration { .milliseconds(4) }
    static var announcementBatch: Int { 64 }

    /// What the replica was told.
    public let configuration: Configuration
    let store: Store

    let signer: any VoteSigner
    let verifier: (any VoteVerifier)?

    /// The nodes by number.
    var nodes: [PublicKey]
    /// The epoch.
    var term: Term
    /// Decides in the epoch; nothing while this node is no validator and only follows.
    var engine: Engine?
    /// Rules of consensus that a test breaks, in every epoch.
    package var mutation: Mutation = [] {
        didSet { engine?.mutation = mutation }
    }
    /// The journal was lost, and this node has been no validator since.
    var isLostWhileFollowing = false
    /// The highest view of the epoch in which a block is known to be final that does not close it.
    var ordinaryFinality = View.genesis
    /// The first block that this program does not have the rules of: nothing is done any more.
    var outdated: ProtocolActivation?
    /// Whether the host was told that a snapshot is the better way.
    var hasAskedToJoin = false
    /// The block that closes the epoch is on its way into the store.
    var isClosing = false
    /// The highest finalization whose blocks are not all here.
    var awaitedFinalization: Certificate?
    /// When nodes of older epochs were last told what closed them.
    var helped: [ValidatorIndex: Instant] = [:]
    var mempool: Mempool
    var overlays = Overlays()
    var blocks = BlockBuffer()
    var verification = Verification()
    /// What this node's clients brought and the others have not been sent.
    var unannounced: [Transaction] = []
    /// When they are sent.
    var nextAnnouncement = Instant(microseconds: 0)
    var catchUp: CatchUp
    var clocks: ClockComparison
    var journal = JournalProgress()
    var now = Instant(microseconds: 0)
    /// What consensus was last told of waiting transactions.
    var isPending = false
    private var lastQuestion: (question: PendingQuestion, answer: Bool)?
    /// Whether the journal held anything when this node started.
    private let hasJournal: Bool
    /// A block that consensus wants built once its parent is executed.
    var postponedBuild: (view: View, parent: BlockReference)?
    var output = ReplicaOutput()
    /// Checks of blocks that a test leaves out, by the names that refusals have; none in a program.
    package var skippedChecks: Set<String> = []

    /// A replica that knows what its store and its journal know.
    ///
    /// - Parameters:
    ///   - signer: Signs votes for this validator.
    ///   - verifier: Checks the others' votes; the validator set unless a simulator says otherwise.
    ///   - records: The journal, in order; none on the very first start. When the journal is lost, the host makes a new
    ///     one that begins with ``Journal/Record/lost(_:)`` and hands over that record.
    public init(
        _ configuration: Configuration, store: Store, signer: any VoteSigner, verifier: (any VoteVerifier)? = nil,
        journal records: [Journal.Record]
    ) {
        self.configuration = configuration
        self.store = store
        self.signer = signer
        self.verifier = verifier
        nodes = configuration.nodes
        term = Term(over: store, nodes: nodes, verifier: verifier)
        mempool = Mempool(nodes: nodes.count)
        catchUp = CatchUp(index: configuration.index, count: nodes.count)
        clocks = ClockComparison(nodes: nodes.count)
        // A process that ended between the block that closes an epoch and the next epoch's journal left that of the epoch.
        let isLost = Self.isLost(records) || Self.mayBeUnknown(in: term, records)
        isLostWhileFollowing = isLost
        hasJournal = !records.isEmpty
        // What was lost in an earlier epoch is lost in this one.
        engine = makeEngine(isLost ? records + [.lost(term.epoch)] : records)
        let tip = store.position.header
        if tip.height > term.opening.height, let final = store.finalization(atOrAbove: tip.height) {
            noteOrdinaryFinality(final.certificate, of: tip)
        }
        for case .block(let bytes) in records { blocks.restore(bytes, above: store.position.header.height) }
        journal.restore(records)
    }

    private static func isLost(_ records: [Journal.Record]) -> Bool {
        var isLost = false
        for record in records {
            switch record {
            case .lost: isLost = true
            case .abstains: isLost = false
            default: break
            }
        }
        return isLost
    }

    /// Whether this validator may have spoken in this epoch before it lost its journal in the one before: asked of a journal
    /// of the epoch before.
    private static func mayBeUnknown(in term: Term, _ records: [Journal.Record]) -> Bool {
        var silence = View.genesis
        var ordinary = View.genesis
        for record in records {
            switch record {
            case .abstains(let epoch, let view) where epoch.rawValue + 1 == term.epoch.rawValue: silence = view
            case .certificate(let certificate) where certificate.epoch.rawValue + 1 == term.epoch.rawValue:
                guard let final = certificate.finalBlock, final.hash != term.opening.hash else { continue }
                ordinary = max(ordinary, certificate.view)
            default: break
            }
        }
        return silence > ordinary
    }

    /// When the replica next wants an ``Event/tick``.
    public var nextDeadline: Instant? {
        if outdated != nil { return nil }
        if isClosing { return now }
        return [
            engine?.nextDeadline, blocks.nextDeadline, catchUp.nextDeadline,
            unannounced.isEmpty ? nil : nextAnnouncement,
            mempool.oldestAnnouncement(from: configuration.index).map { $0 + Self.announcementInterval },
        ].compactMap { $0 }.min()
    }

    /// Takes what happened since the last call, in order.
    ///
    /// The effects of the call before have been carried out by now: what was committed is in the store.
    ///
    /// - Parameter now: The clock: time since 1970, never earlier than before.
    public mutating func handle(_ events: [Event], now: Instant) -> [Effect] {
        if outdated != nil { return [] }
        self.now = max(self.now, now)
        let opening = beginEpochIfDue()
        retireStored()
        for event in events where outdated == nil {
            handle(event)
            buildPostponed()
            notePending()
        }
        if outdated != nil { return opening + output.drain() }
        expireWaits()
        verification.flush(into: &output)
        flushAnnouncements()
        compactJournalIfLong()
        return opening + output.drain()
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .start: start()
        case .submitted(let transaction, let token): submit(transaction, token)
        case .received(let packet, let sender): receive(packet, from: sender)
        case .verified(let job, let verdicts): settle(job, verdicts)
        case .connected(let peer):
            if let place = term.place(of: peer) { step(.connected(place)) }
            announceAll(to: peer)
        case .disconnected(let peer): if let place = term.place(of: peer) { step(.disconnected(place)) }
        case .met(let key, let node): meet(key, as: node)
        case .tick: step(.tick)
        }
    }

    private mutating func start() {
        guard hasRules(after: OverlayReader(path: [], store: store)) else { return }
        // A node that only follows has nothing to forget: it says so, lest an empty journal be taken for a lost one.
        if engine == nil, !hasJournal { persist([epochStart]) }
        step(.start)
        // The journal may know of a finalization whose blocks were not stored when the process ended.
        if let certificate = engine?.finalization { finalize(certificate) }
    }

    private mutating func receive(_ packet: Packet, from sender: ValidatorIndex) {
        guard nodes.indices.contains(sender.rawValue), sender != configuration.index else { return }
        switch packet {
        case .consensus(let message, let block): hear(message, with: block, from: sender)
        case .transactions(let transactions): for transaction in transactions { relay(transaction, from: sender) }
        case .blockRequest(let hash): serve(hash, to: sender)
        case .block(let block): take(block)
        case .rangeRequest(let height): serve(from: height, to: sender)
        case .range(let blocks, let headers, let certificate):
            take(blocks, headers: headers, certificate, from: sender)
        case .join(let message): help(message, from: sender)
        }
    }

    /// Lets consensus take one step and carries out what it asks of the replica itself.
    mutating func step(_ input: Input) {
        guard outdated == nil, let effects = engine?.step(input, now: now) else { return }
        for effect in effects {
            switch effect {
            case .persist(let records): persist(records)
            case .send(let message, let recipient): send(message, to: recipient)
            case .build(let view, let parent): build(in: view, on: parent)
            case .execute(let block, let holders): request(block, from: term.nodes(at: holders))
            case .finalized(let certificate): finalize(certificate)
            case .evidence(let evidence): output.add(.evidence(evidence))
            case .halt(let vote): output.add(.halt(unknownVote: vote))
            }
        }
    }

    private mutating func send(_ message: Message, to recipient: Consensus.Effect.Recipient) {
        var block: Block?
        if case .propose(let propose) = message, let hash = propose.vote.statement.proposal?.block.hash {
            block = self.block(BlockHash(hash))
        }
        switch recipient {
        case .all: output.send(.consensus(message, block), to: .all)
        case .one(let place):
            if let node = term.node(at: place) { output.send(.consensus(message, block), to: .one(node)) }
        }
    }

    /// Takes an executed block in.
    mutating func insert(_ overlay: Overlay) {
        overlays.insert(overlay)
        blocks.stopWanting(overlay.position.hash)
    }

    /// A block that is here in whatever state.
    func block(_ hash: BlockHash) -> Block? {
        if let block = overlays[hash]?.block ?? blocks[hash] { return block }
        return store.height(of: hash).flatMap { store.block(at: $0) }
    }

    /// Forgets overlays of blocks that the store has by now.
    private mutating func retireStored() {
        let height = store.position.header.height
        overlays.removeAll(through: height)
        blocks.removeAll(through: height)
    }

    /// The state after a block, stored or not; nothing while it or an ancestor has not been executed.
    func reader(after hash: BlockHash) -> OverlayReader<Store>? {
        overlays.path(to: hash, from: store.position).map { OverlayReader(path: $0, store: store) }
    }

    /// Tells consensus whether a transaction waits that can be in the next block.
    private mutating func notePending() {
        guard let engine else { return }
        let parent = engine.buildParent
        let path = parent.flatMap { overlays.path(to: BlockHash($0.hash), from: store.position) } ?? []
        let height = parent?.height ?? store.position.header.height
        // Nothing but itself follows the block that closes the epoch.
        let isClosed = (path.last?.position ?? store.position).header.nextEpoch != term.epoch.rawValue
        let pending = !isClosed && isAnyWaiting(beyond: path, at: height)
        guard pending != isPending else { return }
        isPending = pending
        step(.pending(pending))
    }

    /// Whether a transaction waits that none of the blocks of `path` includes and that a block above `height` may.
    private mutating func isAnyWaiting(beyond path: [Overlay], at height: Height) -> Bool {
        // More wait than the path includes and its heights let expire: one of them is left, whichever it is.
        let included = path.reduce(0) { $0 + $1.transactions.count }
        let expiring = mempool.countExpiring(above: store.position.header.height, through: height)
        if mempool.count > included + expiring { return true }
        let question = PendingQuestion(
            tip: path.last?.position.hash, length: path.count, height: height, revision: mempool.revision)
        if question == lastQuestion?.question, let answer = lastQuestion?.answer { return answer }
        let answer = mempool.contains { transaction in
            transaction.body.validUntil > height && !path.contains { $0.transactions.contains(transaction.id) }
        }
        lastQuestion = (question, answer)
        return answer
    }
}

/// What the answer to "does anything wait?" depends on, so that it is looked for again only when one of these has changed.
struct PendingQuestion: Hashable, Sendable {
    /// The last block of the path to build on, and how many there are above the stored chain.
    var tip: BlockHash?
    var length: Int
    var height: Height
    /// Counts what has come and gone.
    var revision: UInt64
}

/// Collects the effects of one call: what must be durable, then what is said, then the rest.
struct ReplicaOutput: Sendable {
    private var records: [Journal.Record] = []
    private var sends: [Effect] = []
    private var commits: [FinalBlock] = []
    private var replacement: [Journal.Record]?
    private var rest: [Effect] = []

    mutating func persist(_ new: [Journal.Record]) { records += new }
    mutating func send(_ packet: Packet, to recipient: Consensus.Effect.Recipient) {
        sends.append(.send(packet, to: recipient))
    }
    mutating func commit(_ block: FinalBlock) { commits.append(block) }
    /// The last block that is about to be stored.
    var pendingTipHash: (hash: BlockHash, height: Height)? {
        commits.last.map { ($0.hash, $0.block.header.height) }
    }
    var pendingTip: Height? { pendingTipHash?.height }
    mutating func replaceJournal(_ records: [Journal.Record]) { replacement = records }
    mutating func add(_ effect: Effect) { rest.append(effect) }

    mutating func drain() -> [Effect] {
        defer { self = ReplicaOutput() }
        var effects: [Effect] = []
        if !records.isEmpty { effects.append(.persist(records)) }
        effects += sends
        if !commits.isEmpty { effects.append(.commit(commits)) }
        if let replacement { effects.append(.replaceJournal(replacement)) }
        return effects + rest
    }
}
