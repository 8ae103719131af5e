import Codec
package import Consensus
import Cryptography
import Ledger
package import Replication

/// Proposes blocks that break one rule each.
package final class InvalidBlockProposer: Adversary {
    /// Every rule of a block that can be broken, by the name that refusals have.
    package enum Lie: String, CaseIterable, Sendable {
        case chain, height, parent, epoch, proposer, validators, time, early, signatures, included, twice, tooFar,
            expired
        case nextValidators = "next validators"
        case ancestry = "ancestry root"
        case transactionsRoot = "transactions root"
        case receiptsRoot = "receipts root"
        case stateRoot = "state root"
    }

    private let favourite: Lie?

    /// - Parameter favourite: The only rule to break; nothing for a different one each time.
    init(_ favourite: Lie? = nil) { self.favourite = favourite }

    package func say(_ packet: Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        guard case .consensus(.propose(let propose), let block?) = packet,
            favourite != nil || voice.chance(0.8),
            let lie = spoil(block, favourite ?? voice.pick(Lie.allCases), voice),
            let packet = voice.propose(lie, like: propose)
        else { return voice.send(packet, to: recipient) }
        voice.send(packet, to: recipient)
    }

    private func spoil(_ honest: Block, _ lie: Lie, _ voice: Voice) -> Block? {
        var block = honest
        let wrong = Digest.sha256([UInt8(truncatingIfNeeded: voice.number(below: 256))])
        let time = block.header.time.rawValue
        switch lie {
        case .chain: block.header.chain = ChainID(wrong)
        case .height: block.header.height = block.header.height.next
        case .parent: block.header.parent = BlockHash(wrong)
        case .epoch: block.header.epoch += 1
        case .proposer: block.header.proposer = voice.validators.count
        // Both, so that the block does not close the epoch besides.
        case .validators: (block.header.validatorsHash, block.header.nextValidatorsHash) = (wrong, wrong)
        case .nextValidators: block.header.nextValidatorsHash = wrong
        case .ancestry: block.header.ancestryRoot = wrong
        case .time:
            guard let parent = voice.store?.position, parent.hash == block.header.parent else { return nil }
            block.header.time = parent.header.time
        case .early: block.header.time = Timestamp(rawValue: time + 60_000)
        case .transactionsRoot: block.header.transactionsRoot = wrong
        case .receiptsRoot: block.header.receiptsRoot = wrong
        case .stateRoot: block.header.stateRoot = wrong
        case .signatures: return include([voice.consortium.forgery(validUntil: last(block, 100))], in: block, voice)
        case .expired:
            guard block.header.height.rawValue > 1 else { return nil }
            let passed = Height(rawValue: block.header.height.rawValue - 1)
            return include([voice.consortium.transaction(validUntil: passed)], in: block, voice)
        case .tooFar: return include([voice.consortium.transaction(validUntil: last(block, 20_000))], in: block, voice)
        case .included:
            guard let old = final(voice) else { return nil }
            return include([old], in: block, voice)
        case .twice:
            let transaction = voice.consortium.transaction(validUntil: last(block, 100))
            return include([transaction, transaction], in: block, voice)
        }
        return block
    }

    private func last(_ block: Block, _ more: UInt64) -> Height {
        Height(rawValue: block.header.height.rawValue + more)
    }

    /// A transaction that an earlier block includes.
    private func final(_ voice: Voice) -> Transaction? {
        guard let store = voice.store else { return nil }
        var height = store.position.header.height.rawValue
        while height > 0, let block = store.block(at: Height(rawValue: height)) {
            if let transaction = block.transactions.first { return transaction }
            height -= 1
        }
        return nil
    }

    /// The block with other transactions and the roots that a careless replica would compute for them.
    private func include(_ transactions: [Transaction], in honest: Block, _ voice: Voice) -> Block? {
        guard let store = voice.store, store.position.hash == honest.header.parent else { return nil }
        return Block.careless(transactions, at: honest.header, over: store)
    }
}

extension Block {
    /// What a replica builds that checks nothing of the transactions it takes in.
    static func careless(_ transactions: [Transaction], at old: BlockHeader, over store: StoredChain) -> Block? {
        let context = BlockContext(height: old.height, time: old.time)
        var reader = store
        reader.lies = [.forgetful, .patient]
        do throws(BlockInvalid) {
            let execution = try Transition.execute(transactions, at: context, over: reader)
            var header = old
            header.transactionsRoot = Block.transactionsRoot(of: transactions)
            header.receiptsRoot = Block.receiptsRoot(of: execution.receipts)
            header.stateRoot =
                StateTree.update(
                    execution.changes, to: store.position.state, version: old.height, in: store
                ).root.hash
            return Block(header: header, transactions: transactions)
        } catch {
            return nil
        }
    }
}
