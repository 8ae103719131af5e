import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Builds on the final block and leaves out what was notarized since, with no proof that anybody gave it up.
final class JustificationLiar: Adversary {
    private var finalized: (view: View, block: BlockReference)?

    func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        note(packet)
        guard case .consensus(.propose(let propose), _) = packet, let store = voice.store,
            let lie = block(over: store, in: propose, voice),
            let packet = voice.propose(
                lie, like: propose, parentView: parentView(at: store, voice),
                justification: voice.chance(0.5) ? .empty : propose.justification)
        else { return voice.send(packet, to: recipient) }
        voice.send(packet, to: recipient)
    }

    func hear(_ packet: Packet, from sender: Int, _ voice: Voice) -> Bool {
        note(packet)
        return true
    }

    private func note(_ packet: Packet) {
        guard case .consensus(.certificate(let certificate), _) = packet, let block = certificate.finalBlock,
            certificate.view > (finalized?.view ?? .genesis)
        else { return }
        finalized = (certificate.view, block)
    }

    private func parentView(at store: StoredChain, _ voice: Voice) -> View {
        let tip = store.position.hash.digest
        return finalized.flatMap { $0.block.hash == tip ? $0.view : nil } ?? .genesis
    }

    /// An empty block on the stored tip.
    private func block(over store: StoredChain, in propose: Propose, _ voice: Voice) -> Block? {
        let parent = store.position
        guard propose.vote.statement.proposal?.block.parent != parent.hash.digest else { return nil }
        return Block.empty(
            on: parent, by: voice.index, time: parent.header.time.rawValue + 1 + voice.number(below: 100))
    }
}

extension Block {
    /// A valid block without transactions.
    static func empty(on parent: ChainPosition, by proposer: ValidatorIndex, time: UInt64) -> Block {
        let header = BlockHeader(
            chain: parent.header.chain, height: parent.header.height.next, epoch: parent.header.epoch,
            time: Timestamp(rawValue: time), parent: parent.hash, ancestryRoot: parent.ancestry.root,
            transactionsRoot: Block.transactionsRoot(of: []), receiptsRoot: Block.receiptsRoot(of: []),
            stateRoot: parent.state.hash, validatorsHash: parent.header.nextValidatorsHash,
            nextValidatorsHash: parent.header.nextValidatorsHash, proposer: proposer.rawValue)
        return Block(header: header, transactions: [])
    }
}
