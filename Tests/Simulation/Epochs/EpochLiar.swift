import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// What one machine of an ``EpochCluster`` says instead of what it should: a validator that contradicts itself, proposes two
/// blocks, claims heights and epochs that are not, withholds, spoils what it is asked for, and goes on talking when it has
/// left the set.
struct EpochLiar {
    let signer: SymbolicKeys.Signer
    let chain: Digest
    var random: SeededGenerator

    /// What goes to a peer in place of a packet; nothing at all now and then.
    mutating func distort(_ packet: Packet, to peer: Int) -> [Packet] {
        if random.chance(0.1) { return [] }
        switch packet {
        case .consensus(let message, let block): return distort(message, block, to: peer)
        case .block(let block): return [.block(random.chance(0.5) ? altered(block) : block)]
        case .range(let blocks, let headers, let certificate):
            return [range(blocks, headers, certificate)]
        default: return [packet]
        }
    }

    private mutating func distort(_ message: Message, _ block: Block?, to peer: Int) -> [Packet] {
        let honest = Packet.consensus(message, block)
        switch message {
        case .vote(let vote):
            guard random.chance(0.4) else { return [honest] }
            return [honest, .consensus(.vote(contradiction(of: vote)), nil)]
        case .propose(let propose):
            // One half hears of another block.
            guard peer % 2 == 0, let block, let proposal = propose.vote.statement.proposal else { return [honest] }
            let other = altered(block)
            let reference = BlockReference(
                hash: other.header.hash.digest, parent: proposal.block.parent, height: proposal.block.height)
            guard let second = proposal.with(reference) else { return [honest] }
            let statement = Statement.notarize(second)
            let vote = Vote(
                statement: statement, signer: propose.vote.signer,
                signature: signer.sign(statement.digest(chain: chain)))
            return [.consensus(.propose(Propose(vote: vote, justification: propose.justification)), other)]
        case .status(let status):
            let epoch = Epoch(rawValue: status.epoch.rawValue + random.next() % 2)
            let height = Height(rawValue: status.height.rawValue + random.next() % 50)
            return [
                .consensus(
                    .status(Status(epoch: epoch, view: status.view, finalized: status.finalized, height: height)), nil)
            ]
        case .standing(let standing):
            let view = View(rawValue: standing.view.rawValue + random.next() % 3)
            return [
                .consensus(
                    .standing(
                        Standing(nonce: standing.nonce, epoch: standing.epoch, view: view, entry: standing.entry)), nil)
            ]
        case .certificate: return peer % 2 == 0 ? [] : [honest]
        case .rejoin: return [honest]
        }
    }

    /// A vote that excludes another one in the same view.
    private func contradiction(of vote: Vote) -> Vote {
        let statement: Statement?
        switch vote.statement {
        case .notarize(let proposal):
            let block = proposal.block
            statement = proposal.with(
                BlockReference(hash: .sha256(block.hash.bytes), parent: block.parent, height: block.height)
            ).map { .notarize($0) }
        case .finalize(let proposal): statement = .nullify(epoch: proposal.epoch, view: proposal.view)
        case .nullify(let epoch, let view):
            let block = BlockReference(hash: .sha256([1]), parent: .sha256([2]), height: Height(rawValue: 1))
            statement = Proposal(epoch: epoch, view: view, parentView: .genesis, block: block).map { .finalize($0) }
        }
        guard let statement else { return vote }
        return Vote(
            statement: statement, signer: vote.signer, signature: signer.sign(statement.digest(chain: chain)))
    }

    private func altered(_ block: Block) -> Block {
        var header = block.header
        header.stateRoot = .sha256(header.stateRoot.bytes)
        return Block(header: header, transactions: block.transactions)
    }

    private mutating func range(_ blocks: [Block], _ headers: [BlockHeader], _ certificate: Certificate) -> Packet {
        switch random.next() % 4 {
        case 0: return .range(blocks.map { altered($0) }, headers: headers, certificate)
        case 1: return .range(Array(blocks.dropFirst()), headers: headers, certificate)
        case 2:
            let votes = certificate.votes.map {
                Vote(
                    statement: $0.statement, signer: $0.signer,
                    signature: signer.sign($0.statement.digest(chain: chain)))
            }
            return .range(blocks, headers: headers, Certificate(statement: certificate.statement, votes: votes))
        default: return .range(blocks, headers: headers, certificate)
        }
    }
}

extension Proposal {
    /// The same view with another block.
    fileprivate func with(_ block: BlockReference) -> Proposal? {
        Proposal(epoch: epoch, view: view, parentView: parentView, block: block)
    }
}
