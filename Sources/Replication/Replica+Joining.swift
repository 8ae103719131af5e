internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

/// Helping a node that joins by a snapshot, and becoming one.
extension Replica {
    /// How many bytes of blocks and receipts an answer holds at most, but for its last block.
    private static var joinBytes: Int { 1 << 20 }

    mutating func help(_ message: JoinMessage, from node: ValidatorIndex) {
        switch message {
        case .offerRequest: offer(to: node)
        case .blocksRequest(let first, let last):
            if let blocks = joinBlocks(from: first, through: last) { answer(.blocks(blocks), to: node) }
        case .chunkRequest(let height, let path):
            guard let chunk = store.chunk(path, at: height) else { return offer(to: node) }
            answer(.chunk(height, path, chunk.chunk), to: node)
        case .offer, .blocks, .chunk: break
        }
    }

    private mutating func offer(to node: ValidatorIndex) { answer(.offer(store.snapshot ?? .genesis), to: node) }

    private mutating func answer(_ message: JoinMessage, to node: ValidatorIndex) {
        output.send(.join(message), to: .one(node))
    }

    private func joinBlocks(from first: Height, through last: Height) -> JoinBlocks? {
        let last = min(last, store.position.header.height)
        guard first > .genesis, first <= last else { return nil }
        var items: [JoinBlocks.Item] = []
        var bytes = 0
        var next = first
        while next <= last, bytes < Self.joinBytes, items.count < Packet.maximumBlocks,
            let block = store.block(at: next), let receipts = store.receipts(at: next)
        {
            bytes += block.transactions.reduce(512) { $0 + $1.bytes.count + 64 }
            if bytes > Packet.maximumBytes / 2, !items.isEmpty { break }
            items.append(JoinBlocks.Item(block: block, receipts: receipts))
            next = next.next
            if block.header.closesEpoch { break }
        }
        guard let tip = items.last?.block.header, let final = store.finalization(atOrAbove: tip.height) else {
            return nil
        }
        var headers: [BlockHeader] = []
        while next <= final.height, headers.count < Packet.maximumHeaders, let header = store.header(at: next) {
            headers.append(header)
            next = next.next
        }
        guard next > final.height else { return nil }
        return JoinBlocks(
            items: items, headers: headers, certificate: final.certificate,
            validators: tip.closesEpoch ? store.validators(after: tip) : nil)
    }

    /// Whether this node has nothing and the others so much that fetching a snapshot is faster than executing it all;
    /// said once. Of what others claim, f may be lies.
    mutating func joinIfFar() {
        guard configuration.joinDistance > 0, !hasAskedToJoin, store.position.header.height == .genesis,
            output.pendingTip == nil
        else { return }
        let claims = term.validators.indices.compactMap { term.node(at: $0) }.map { catchUp.claim(of: $0) }
        let highest = claims.sorted(by: >)
        guard highest.indices.contains(term.validators.faults),
            highest[term.validators.faults].rawValue >= configuration.joinDistance
        else { return }
        hasAskedToJoin = true
        output.add(.join)
    }
}
