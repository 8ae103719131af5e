internal import Codec
internal import Consensus
internal import Ledger

/// Blocks that are here but not executed, and blocks that are wanted but not here.
///
/// A block is kept when somebody asked for it or a leader proposed it; their number and bytes are bounded, and the
/// oldest make room.
struct BlockBuffer: Sendable {
    /// The most blocks and bytes of blocks.
    static let capacity = 512
    static let bytes = 64 << 20
    /// How long a block is waited for before another holder is asked.
    static let patience = Duration.seconds(1)

    /// A block that consensus, or a descendant, waits for.
    struct Wanted: Sendable {
        let hash: BlockHash
        var holders: [ValidatorIndex]
        var turn = 0
        var retry: Instant

        /// Whom it was asked of last.
        var lastAsked: ValidatorIndex? { holders.isEmpty ? nil : holders[(turn + holders.count - 1) % holders.count] }
    }

    private var blocks: [BlockHash: Block] = [:]
    private var order: [BlockHash] = []
    private var size = 0
    /// In the order in which they were asked for.
    private(set) var wanted: [Wanted] = []
    /// Blocks that consensus wants a verdict on, in order.
    private(set) var awaited: [BlockReference] = []
    /// When a block that is ahead of this node's clock can be looked at again.
    private(set) var early: Instant?

    subscript(hash: BlockHash) -> Block? { blocks[hash] }

    /// How many blocks are here.
    var count: Int { blocks.count }

    /// Whether a block was asked for and has not come.
    func isWanted(_ hash: BlockHash) -> Bool { wanted.contains { $0.hash == hash } }

    /// When to ask again, or to look again.
    var nextDeadline: Instant? { (wanted.map(\.retry) + [early].compactMap { $0 }).min() }

    mutating func insert(_ block: Block, hash: BlockHash) {
        stopWanting(hash)
        guard blocks[hash] == nil else { return }
        blocks[hash] = block
        order.append(hash)
        size += Self.bytes(of: block)
        while order.count > Self.capacity || size > Self.bytes, order.count > 1 {
            if let oldest = blocks.removeValue(forKey: order.removeFirst()) { size -= Self.bytes(of: oldest) }
        }
    }

    /// Takes a block from the journal.
    mutating func restore(_ bytes: [UInt8], above height: Height) {
        let block: Block
        do { block = try Block(decoding: bytes) } catch {
            preconditionFailure("a journaled block decodes: \(error)")
        }
        if block.header.height > height { insert(block, hash: block.header.hash) }
    }

    mutating func await(_ block: BlockReference) {
        if !awaited.contains(block) { awaited.append(block) }
    }

    mutating func settle(_ block: BlockReference) { awaited.removeAll { $0 == block } }

    /// Notes that a block is to be fetched; tells whom to ask now, nobody when it has been asked for already.
    mutating func want(_ hash: BlockHash, from holders: [ValidatorIndex], now: Instant) -> ValidatorIndex? {
        guard blocks[hash] == nil else { return nil }
        if let place = wanted.firstIndex(where: { $0.hash == hash }) {
            for holder in holders where !wanted[place].holders.contains(holder) { wanted[place].holders.append(holder) }
            return nil
        }
        guard wanted.count < Self.capacity, let first = holders.first else { return nil }
        wanted.append(Wanted(hash: hash, holders: holders, turn: 1, retry: now + Self.patience))
        return first
    }

    /// The block is here or not needed any more.
    mutating func stopWanting(_ hash: BlockHash) { wanted.removeAll { $0.hash == hash } }

    /// Whom to ask again by now.
    mutating func due(now: Instant) -> [(BlockHash, ValidatorIndex)] {
        var requests: [(BlockHash, ValidatorIndex)] = []
        for place in wanted.indices where wanted[place].retry <= now {
            let holders = wanted[place].holders
            requests.append((wanted[place].hash, holders[wanted[place].turn % holders.count]))
            wanted[place].turn += 1
            wanted[place].retry = now + Self.patience
        }
        return requests
    }

    mutating func lookAgain(at moment: Instant) { early = min(early ?? moment, moment) }

    /// Whether a block that was ahead of the clock can be looked at by now.
    mutating func isTimeToLook(now: Instant) -> Bool {
        guard let early, early <= now else { return false }
        self.early = nil
        return true
    }

    mutating func removeAll(through height: Height) {
        awaited.removeAll { $0.height <= height }
        let gone = order.filter { blocks[$0].map { $0.header.height <= height } ?? true }
        guard !gone.isEmpty else { return }
        for hash in gone { if let block = blocks.removeValue(forKey: hash) { size -= Self.bytes(of: block) } }
        order.removeAll { blocks[$0] == nil }
    }

    private static func bytes(of block: Block) -> Int {
        block.transactions.reduce(512) { $0 + $1.bytes.count }
    }
}
