internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

/// Fetches final blocks that this node missed. The way is always open: nothing distinguishes a node that is behind from
/// one that is not but the blocks it lacks.
///
/// What others say of their height only tells whom to ask. What they answer is believed for its certificate alone.
struct CatchUp: Sendable {
    /// How long an answer is waited for before another validator is asked.
    static let patience = Duration.seconds(2)
    /// How far others may be ahead before blocks are asked for: one block is usually on its way.
    static let slack: UInt64 = 1

    private let index: ValidatorIndex
    private var claims: [Height]
    /// What each node has said of its height itself; nothing before it has.
    private var told: [Height?]
    private var turn = 0
    /// Somebody has spoken in an epoch that this node has not reached: even a single block is worth asking for.
    var isBehindAnEpoch = false
    private(set) var outstanding: (peer: ValidatorIndex, deadline: Instant)?

    init(index: ValidatorIndex, count: Int) {
        self.index = index
        claims = Array(repeating: .genesis, count: count)
        told = Array(repeating: nil, count: count)
    }

    /// A node says where it stands.
    mutating func hear(_ height: Height, from peer: ValidatorIndex) {
        told[peer.rawValue] = height
        note(height, of: peer)
    }

    /// When to ask another validator.
    var nextDeadline: Instant? { outstanding?.deadline }

    /// The highest final block that anybody claims.
    var target: Height { claims.max() ?? .genesis }

    /// What a validator last said of its height.
    func claim(of peer: ValidatorIndex) -> Height { claims[peer.rawValue] }

    /// What a node has said of its height itself; nothing before it has.
    func told(by peer: ValidatorIndex) -> Height? { told[peer.rawValue] }

    mutating func note(_ height: Height, of peer: ValidatorIndex) { claims[peer.rawValue] = height }

    /// Makes room for what another node says.
    mutating func addClaims(upTo count: Int) {
        while claims.count < count {
            claims.append(.genesis)
            told.append(nil)
        }
    }

    /// Whom to ask for blocks above `tip` now; nobody while an answer is outstanding or nothing is missing.
    mutating func next(above tip: Height, now: Instant) -> ValidatorIndex? {
        if let outstanding, outstanding.deadline > now { return nil }
        outstanding = nil
        let slack = isBehindAnEpoch ? 0 : Self.slack
        guard target.rawValue > tip.rawValue + slack else { return nil }
        for step in 1...claims.count {
            let peer = (turn + step) % claims.count
            guard peer != index.rawValue, claims[peer].rawValue > tip.rawValue + slack else { continue }
            turn = peer
            outstanding = (ValidatorIndex(rawValue: peer), now + Self.patience)
            return ValidatorIndex(rawValue: peer)
        }
        return nil
    }

    /// An answer has come, or nothing is missing any more.
    mutating func settle() { outstanding = nil }
}

extension Replica {
    /// How many bytes of blocks an answer holds at most, but for its last block.
    private static var rangeBytes: Int { 1 << 20 }

    /// A node is shown to stand at a height.
    mutating func note(_ height: Height, of node: ValidatorIndex) {
        catchUp.note(height, of: node)
        askForRangeIfDue()
    }

    /// A node says where it stands.
    mutating func hear(_ status: Consensus.Status, from node: ValidatorIndex) {
        catchUp.hear(status.height, from: node)
        askForRangeIfDue()
    }

    mutating func askForRangeIfDue() {
        joinIfFar()
        let tip = output.pendingTip ?? store.position.header.height
        guard let peer = catchUp.next(above: tip, now: now) else { return }
        output.send(.rangeRequest(from: tip.next), to: .one(peer))
    }

    /// Serves final blocks, the headers up to the next certified one, and its certificate.
    mutating func serve(from height: Height, to peer: ValidatorIndex) {
        let tip = store.position.header.height
        guard height > .genesis, height <= tip, let first = store.finalization(atOrAbove: height) else { return }
        var blocks: [Block] = []
        var bytes = 0
        var end = first
        var next = height
        while next <= tip, bytes < Self.rangeBytes, blocks.count < Packet.maximumBlocks,
            let block = store.block(at: next)
        {
            bytes += block.transactions.reduce(512) { $0 + $1.bytes.count }
            if bytes > Packet.maximumBytes / 2, !blocks.isEmpty { break }
            blocks.append(block)
            next = next.next
            // Who decides on what follows is known only to whoever has this block.
            if block.header.closesEpoch { break }
        }
        if let last = blocks.last, let better = store.finalization(atOrAbove: last.header.height) { end = better }
        var headers: [BlockHeader] = []
        while next <= end.height, headers.count < Packet.maximumHeaders, let header = store.header(at: next) {
            headers.append(header)
            next = next.next
        }
        guard next > end.height else { return }
        output.send(.range(blocks, headers: headers, end.certificate), to: .one(peer))
    }

    /// Takes a range in: its links are checked up to the certified block, and the certificate by consensus.
    mutating func take(
        _ range: [Block], headers: [BlockHeader], _ certificate: Certificate, from sender: ValidatorIndex
    ) {
        guard let outstanding = catchUp.outstanding, outstanding.peer == sender else { return }
        catchUp.settle()
        guard let final = certificate.finalBlock, isLinked(range.map(\.header) + headers, to: final.hash),
            term.isFinalization(certificate, on: configuration.chain)
        else { return }
        let position = store.position
        var parent = position.hash
        for block in range where block.header.height > position.header.height {
            guard block.header.parent == parent, isWhole(block), let reader = reader(after: parent) else { return }
            let hash = block.header.hash
            if overlays[hash] == nil {
                // What is below is proved by the links alone.
                guard hasRules(after: reader) else { return store(upTo: parent, certificate: nil) }
                do throws(BlockRefusal) {
                    try check { () throws(BlockRefusal) in
                        try BlockRules.checkHeader(
                            block, on: reader.position, epoch: term.epoch,
                            validators: term.validators.count, now: nil)
                    }
                    insert(try execute(block, hash: hash, over: reader))
                } catch {
                    // A quorum has finalized it and this machine computes something else.
                    preconditionFailure("a final block executes to what its header says: \(error)")
                }
            }
            parent = hash
        }
        store(upTo: parent, certificate: headers.isEmpty ? certificate : nil)
        if let place = term.place(of: sender) { step(.message(.certificate(certificate), from: place)) }
        askForRangeIfDue()
    }

    private func isLinked(_ headers: [BlockHeader], to hash: Digest) -> Bool {
        guard let last = headers.last, last.hash.digest == hash else { return false }
        return zip(headers, headers.dropFirst()).allSatisfy {
            $1.parent == $0.hash && $1.height == $0.height.next
        }
    }
}
