public import Codec
public import Consensus
public import Cryptography
public import Ledger

/// Fills an empty home from other nodes: final blocks, which are not executed, then the state after the last of them.
///
/// Nothing is believed: blocks for their links up to a certificate of the validators whose set the block before proves,
/// receipts for the root in the header, each piece of the state for the state root. What a peer sends instead is counted
/// against it, as is that it sends nothing, and others are asked first from then on. Which snapshot is fetched is what
/// f + 1 peers offer, one of them honest.
///
/// Like a ``Replica`` it performs no I/O and reads no clock. Its host stores what it says in the order in which it says it,
/// and begins it again with what is stored after a restart.
public struct Joiner: Sendable {
    /// What is stored.
    public struct Position: Hashable, Sendable {
        /// The last block.
        public var header: BlockHeader
        /// The tree over the hashes of all blocks up to it.
        public var ancestry: MerkleFrontier
        /// Who decides on the next block.
        public var validators: ValidatorSet
        /// Whether the state after that block is being fetched.
        public var isFetchingState: Bool
        /// The next piece of it; nothing when all are there.
        public var path: NibblePath?

        /// A position.
        public init(
            header: BlockHeader, ancestry: MerkleFrontier, validators: ValidatorSet, isFetchingState: Bool,
            path: NibblePath?
        ) {
            self.header = header
            self.ancestry = ancestry
            self.validators = validators
            self.isFetchingState = isFetchingState
            self.path = path
        }
    }

    /// What happens.
    public enum Event: Sendable {
        /// A channel to a node has opened.
        case connected(ValidatorIndex)
        /// The channel has closed.
        case disconnected(ValidatorIndex)
        /// A node says something.
        case received(JoinMessage, from: ValidatorIndex)
        /// ``Joiner/nextDeadline`` has come.
        case tick
    }

    /// What is to be done, in order. What is stored is durable before anything that follows.
    public enum Effect: Sendable {
        case send(JoinMessage, to: ValidatorIndex)
        /// Store a block, who decides after it where it closes its epoch, and its own certificate if it has one.
        case append(Block, Certificate?, [Receipt], next: ValidatorSetRecord?)
        case beginState
        case abandonState
        case add([StateChunk.Leaf])
        case divide
        /// All is there.
        case finish
    }

    /// How long an answer is waited for.
    static let patience = Duration.seconds(5)
    /// A peer that has sent so much that is not so is asked only when there is nobody else.
    private static let tolerance = 3
    /// A peer that has failed so often in a row is not what a state is waited for.
    private static let hopeless = 2

    private let verifier: (any VoteVerifier)?
    private var position: Position
    private var peers: [ValidatorIndex] = []
    private var offers: [ValidatorIndex: Height] = [:]
    private var lacking: Set<ValidatorIndex> = []
    private var outstanding: (peer: ValidatorIndex, deadline: Instant)?
    private var offerDeadline: Instant?
    private var target: Height?
    private var turn = 0
    private var isFinished = false
    private var effects: [Effect] = []
    /// How often each peer has sent what is not so.
    public private(set) var lies: [ValidatorIndex: Int] = [:]
    /// How often each peer was asked and sent nothing in time.
    public private(set) var silences: [ValidatorIndex: Int] = [:]
    /// How often each peer has done one or the other since it last sent what was asked for.
    private var misses: [ValidatorIndex: Int] = [:]

    /// Goes on from what is stored.
    ///
    /// - Parameter verifier: Checks votes; the validator set unless a simulator says otherwise.
    public init(_ position: Position, verifier: (any VoteVerifier)? = nil) {
        self.position = position
        self.verifier = verifier
        if position.isFetchingState { target = position.header.height }
    }

    /// How far it is: the last block, the block whose state is fetched, and whether that is what is fetched now.
    public var progress: (height: Height, target: Height?, isFetchingState: Bool) {
        (position.header.height, target, position.isFetchingState)
    }

    /// When it next wants a tick.
    public var nextDeadline: Instant? {
        isFinished ? nil : [outstanding?.deadline, offerDeadline].compactMap { $0 }.min()
    }

    /// Takes what happened.
    public mutating func handle(_ event: Event, now: Instant) -> [Effect] {
        switch event {
        case .connected(let peer):
            if !peers.contains(peer) { peers = (peers + [peer]).sorted { $0.rawValue < $1.rawValue } }
            // Whatever kept it from answering may have gone with the old channel.
            misses[peer] = nil
            if !position.isFetchingState { effects.append(.send(.offerRequest, to: peer)) }
        case .disconnected(let peer):
            peers.removeAll { $0 == peer }
            offers[peer] = nil
            if outstanding?.peer == peer { outstanding = nil }
        case .received(let message, let peer): receive(message, from: peer)
        case .tick: break
        }
        goOn(now)
        defer { effects = [] }
        return effects
    }

    private mutating func receive(_ message: JoinMessage, from peer: ValidatorIndex) {
        switch message {
        case .offerRequest, .blocksRequest, .chunkRequest: break
        case .offer(let height):
            offers[peer] = height
            // The answer to whoever asks for a piece of a state that is not kept any more. Whoever offers that very state
            // has only answered late what was asked before.
            if position.isFetchingState, outstanding?.peer == peer, height != position.header.height {
                lacking.insert(peer)
                outstanding = nil
            }
        case .blocks(let blocks):
            guard outstanding?.peer == peer, !position.isFetchingState else { return }
            outstanding = nil
            judge(peer, isHonest: take(blocks))
        case .chunk(let height, let path, let chunk):
            guard outstanding?.peer == peer, position.isFetchingState, height == position.header.height,
                path == position.path
            else { return }
            outstanding = nil
            judge(peer, isHonest: take(chunk, at: path))
        }
    }

    private mutating func judge(_ peer: ValidatorIndex, isHonest: Bool) {
        if isHonest { return misses[peer] = nil }
        lies[peer, default: 0] += 1
        misses[peer, default: 0] += 1
    }

    // MARK: Asking

    private mutating func goOn(_ now: Instant) {
        if isFinished { return }
        if let (peer, deadline) = outstanding, deadline <= now {
            silences[peer, default: 0] += 1
            misses[peer, default: 0] += 1
            outstanding = nil
        }
        if position.isFetchingState, position.path == nil {
            isFinished = true
            return effects.append(.finish)
        }
        if position.isFetchingState, isStateGone {
            effects.append(.abandonState)
            (position.isFetchingState, position.path, target, lacking) = (false, nil, nil, [])
        }
        if target == nil { choose(now) }
        guard let target, outstanding == nil else { return }
        if !position.isFetchingState, position.header.height == target {
            effects.append(.beginState)
            (position.isFetchingState, position.path) = (true, NibblePath())
        }
        guard let peer = nextPeer() else { return }
        outstanding = (peer, now + Self.patience)
        if let path = position.path {
            effects.append(.send(.chunkRequest(position.header.height, path), to: peer))
        } else {
            effects.append(.send(.blocksRequest(from: position.header.height.next, through: target), to: peer))
        }
    }

    /// Whether nobody can be expected to have the state any more: all have gone on to a later snapshot, or f + 1 have and
    /// the others send nothing that is of use. One silent peer must not keep the node from going on.
    private var isStateGone: Bool {
        if peers.isEmpty { return false }
        if peers.allSatisfy(lacking.contains) { return true }
        return peers.count(where: lacking.contains) > position.validators.faults
            && peers.allSatisfy { lacking.contains($0) || misses[$0, default: 0] >= Self.hopeless }
    }

    /// The highest snapshot that f + 1 offer; asks everybody again while there is none.
    private mutating func choose(_ now: Instant) {
        let needed = position.validators.faults + 1
        let heights = Set(offers.values).filter { height in
            // The state after the last block may have been given up too early: it is as good as a later one.
            height > .genesis && height >= position.header.height
                && offers.values.count { $0 == height } >= needed
        }
        target = heights.max()
        if target != nil { return offerDeadline = nil }
        guard offerDeadline.map({ $0 <= now }) ?? true else { return }
        if offerDeadline != nil { effects += peers.map { .send(.offerRequest, to: $0) } }
        offerDeadline = now + Self.patience
    }

    private mutating func nextPeer() -> ValidatorIndex? {
        var able = peers.filter { !lacking.contains($0) }
        let honest = able.filter { lies[$0, default: 0] < Self.tolerance }
        if !honest.isEmpty { able = honest }
        let fewest = able.map { misses[$0, default: 0] }.min()
        able = able.filter { misses[$0, default: 0] == fewest }
        guard !able.isEmpty else { return nil }
        turn += 1
        return able[turn % able.count]
    }

    // MARK: Judging

    /// Takes blocks in; false when they are not what they have to be, and then none of them counts.
    private mutating func take(_ blocks: JoinBlocks) -> Bool {
        guard let target, let last = blocks.items.last, last.block.header.height <= target,
            isProved(blocks, by: blocks.certificate)
        else { return false }
        var (parent, ancestry) = (position.header, position.ancestry)
        for item in blocks.items {
            guard isWhole(item, on: parent, ancestry), !parent.closesEpoch || parent == position.header else {
                return false
            }
            parent = item.block.header
            _ = ancestry.append(parent.hash.digest)
        }
        var validators = position.validators
        if parent.closesEpoch {
            guard let record = blocks.validators, record.hash == parent.nextValidatorsHash, blocks.headers.isEmpty,
                let next = ValidatorSet(record.keys.compactMap(\.publicKey)), next.count == record.keys.count
            else { return false }
            validators = next
        }
        for item in blocks.items {
            let isLast = item.block.header == parent
            effects.append(
                .append(
                    item.block, isLast && blocks.headers.isEmpty ? blocks.certificate : nil, item.receipts,
                    next: isLast && parent.closesEpoch ? blocks.validators : nil))
        }
        (position.header, position.ancestry, position.validators) = (parent, ancestry, validators)
        return true
    }

    /// Whether a certificate of those who decide makes the last of the headers final.
    private func isProved(_ blocks: JoinBlocks, by certificate: Certificate) -> Bool {
        let headers = blocks.items.map(\.block.header) + blocks.headers
        guard let last = headers.last, certificate.statement.kind == .finalize,
            certificate.epoch == Epoch(rawValue: position.header.nextEpoch),
            certificate.finalBlock == BlockReference(last, hash: last.hash),
            zip(headers, headers.dropFirst()).allSatisfy({ $1.parent == $0.hash && $1.height == $0.height.next })
        else { return false }
        do throws(CertificateInvalid) {
            let verifier = (verifier ?? position.validators).serving(position.validators)
            try certificate.verify(
                chain: position.header.chain.digest, validators: position.validators, with: verifier
            ) { _ in false }
            return true
        } catch { return false }
    }

    private func isWhole(_ item: JoinBlocks.Item, on parent: BlockHeader, _ ancestry: MerkleFrontier) -> Bool {
        let header = item.block.header
        return header.chain == parent.chain && header.height == parent.height.next && header.parent == parent.hash
            && header.epoch == parent.nextEpoch && header.validatorsHash == parent.nextValidatorsHash
            && header.ancestryRoot == ancestry.root
            && header.transactionsRoot == Block.transactionsRoot(of: item.block.transactions)
            && header.receiptsRoot == Block.receiptsRoot(of: item.receipts)
    }

    private mutating func take(_ chunk: StateChunk?, at path: NibblePath) -> Bool {
        guard let chunk else {
            guard path.count < StateChunk.maximumDepth else { return false }
            effects.append(.divide)
            position.path = path.firstBelow
            return true
        }
        do throws(StateProofFailure) { try chunk.verify(root: position.header.stateRoot, path: path) } catch {
            return false
        }
        effects.append(.add(chunk.leaves))
        position.path = path.after
        return true
    }
}
