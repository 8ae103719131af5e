internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

/// Why a block is not voted for.
enum BlockRefusal: Error, Hashable, Sendable {
    /// It can never be valid.
    case invalid(String)
    /// Its time is further ahead of this node's clock than a validator may be; it may become valid.
    case early(until: Instant)
}

/// Building blocks and judging those of others, which is the same execution from two sides.
enum BlockRules {
    /// How far a block's time may be ahead of a validator's clock, in milliseconds.
    static let clockTolerance: UInt64 = 500
    /// How many transactions that turn out not to fit are left out of a block before it is built without any.
    private static let attempts = 16

    /// Builds a block on the state that `reader` stands for and executes it.
    ///
    /// - Parameter transactions: Candidates in order; those that cannot be in this block are left out.
    static func build<Store: ChainReader>(
        _ transactions: [Transaction], by proposer: ValidatorIndex, epoch: Epoch, now: Instant,
        over reader: OverlayReader<Store>
    ) -> Overlay {
        let parent = reader.position
        let time = Timestamp(rawValue: max(now.milliseconds, parent.header.time.rawValue + 1))
        let context = BlockContext(height: parent.header.height.next, time: time)
        var candidates = transactions
        for _ in 0..<attempts {
            do throws(BlockInvalid) {
                let execution = try Transition.execute(candidates, at: context, over: reader)
                return finish(candidates, execution, by: proposer, epoch: epoch, at: context, over: reader)
            } catch {
                switch error {
                case .transaction(let index, _): candidates.remove(at: index)
                case .tooLarge: candidates.removeLast((candidates.count + 1) / 2)
                }
            }
        }
        return finish([], .empty, by: proposer, epoch: epoch, at: context, over: reader)
    }

    private static func finish<Store: ChainReader>(
        _ transactions: [Transaction], _ execution: Execution, by proposer: ValidatorIndex, epoch: Epoch,
        at context: BlockContext, over reader: OverlayReader<Store>
    ) -> Overlay {
        let parent = reader.position
        let update = StateTree.update(execution.changes, to: parent.state, version: context.height, in: reader)
        let header = BlockHeader(
            chain: parent.header.chain, height: context.height, epoch: epoch.rawValue, time: context.time,
            parent: parent.hash, ancestryRoot: parent.ancestry.root,
            transactionsRoot: Block.transactionsRoot(of: transactions),
            receiptsRoot: Block.receiptsRoot(of: execution.receipts), stateRoot: update.root.hash,
            validatorsHash: parent.header.nextValidatorsHash,
            nextValidatorsHash: execution.nextValidators?.hash ?? parent.header.nextValidatorsHash,
            proposer: proposer.rawValue)
        let block = Block(header: header, transactions: transactions)
        return Overlay(block, hash: header.hash, ancestry: parent.ancestry, execution: execution, update: update)
    }

    /// What can be said of a block before it is executed.
    ///
    /// - Parameter now: The clock, or nothing for a block that is final, whose time nobody questions any more.
    static func checkHeader(
        _ block: Block, on parent: ChainPosition, epoch: Epoch, validators: Int, now: Instant?
    ) throws(BlockRefusal) {
        let header = block.header
        guard header.chain == parent.header.chain else { throw .invalid("chain") }
        guard header.height == parent.header.height.next else { throw .invalid("height") }
        guard header.parent == parent.hash else { throw .invalid("parent") }
        // Nothing is built in an epoch on the block that closes it.
        guard header.epoch == epoch.rawValue, header.epoch == parent.header.nextEpoch else { throw .invalid("epoch") }
        guard header.proposer < validators else { throw .invalid("proposer") }
        guard header.ancestryRoot == parent.ancestry.root else { throw .invalid("ancestry root") }
        guard header.validatorsHash == parent.header.nextValidatorsHash else { throw .invalid("validators") }
        guard header.time > parent.header.time, header.time <= Timestamp.maximum else { throw .invalid("time") }
        guard header.transactionsRoot == Block.transactionsRoot(of: block.transactions) else {
            throw .invalid("transactions root")
        }
        if let now, header.time.rawValue > now.milliseconds + clockTolerance {
            let wait = header.time.rawValue - now.milliseconds - clockTolerance
            throw .early(until: now + .milliseconds(Int64(clamping: wait)))
        }
    }

    /// Executes a block whose header and signatures have been checked, and compares what its header promises.
    static func execute<Store: ChainReader>(
        _ block: Block, hash: BlockHash, over reader: OverlayReader<Store>
    ) throws(BlockRefusal) -> Overlay {
        let parent = reader.position
        let context = BlockContext(height: block.header.height, time: block.header.time)
        let execution: Execution
        do throws(BlockInvalid) {
            execution = try Transition.execute(block.transactions, at: context, over: reader)
        } catch {
            throw .invalid("transactions")
        }
        guard block.header.receiptsRoot == Block.receiptsRoot(of: execution.receipts) else {
            throw .invalid("receipts root")
        }
        guard block.header.nextValidatorsHash == execution.nextValidators?.hash ?? block.header.validatorsHash else {
            throw .invalid("next validators")
        }
        let update = StateTree.update(execution.changes, to: parent.state, version: context.height, in: reader)
        guard block.header.stateRoot == update.root.hash else { throw .invalid("state root") }
        return Overlay(block, hash: hash, ancestry: parent.ancestry, execution: execution, update: update)
    }
}
