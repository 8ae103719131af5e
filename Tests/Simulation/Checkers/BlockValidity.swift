import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// A chain of its own, which takes in every final block once and believes nothing that a header promises: the rules of
/// blocks said a second time, and the state root that everybody must have at a height.
final class BlockValidity {
    private let store: StoredChain
    private let validators: Int
    private var hashes: [Digest]
    private var included: [TransactionID: Height] = [:]
    /// The histories as they must be.
    private(set) var histories: [Subject: [HistoryEntry]] = [:]
    /// The receipts as they must be, by height from 1.
    private(set) var receipts: [[Receipt]] = []
    private var checked: [Digest: Bool] = [:]

    init(genesis: Genesis, validators: Int) {
        self.validators = validators
        do {
            store = StoredChain(
                ledger: try LedgerStore(chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: genesis))
        } catch {
            preconditionFailure("a new store opens: \(error)")
        }
        hashes = [store.position.hash.digest]
    }

    /// Where a transaction is.
    func height(of transaction: TransactionID) -> Height? { included[transaction] }

    /// A finding unless the block is what may follow.
    ///
    /// - Parameter latest: The latest that any honest clock has shown, in milliseconds.
    func take(_ block: Block, latest: UInt64) -> String? {
        let parent = store.position.header
        let header = block.header
        if header.height <= parent.height {
            return hashes[Int(header.height.rawValue)] == header.hash.digest ? nil : "block \(header.height) is another"
        }
        let what = "block \(header.height)"
        if let wrong = wrongField(of: header, after: parent, latest: latest) { return "\(what): wrong \(wrong)" }
        if MerkleTree.root(of: block.transactions.map(\.bytes)) != header.transactionsRoot {
            return "\(what): wrong transactions root"
        }
        for transaction in block.transactions {
            if let finding = judge(transaction, at: header.height) { return "\(what) \(finding)" }
        }
        return execute(block)
    }

    private func wrongField(of header: BlockHeader, after parent: BlockHeader, latest: UInt64) -> String? {
        let checks: [(Bool, String)] = [
            (header.chain == parent.chain, "chain"), (header.height.rawValue == UInt64(hashes.count), "height"),
            (header.parent.digest == hashes[hashes.count - 1], "parent"), (header.epoch == 0, "epoch"),
            (header.proposer < validators, "proposer"), (header.time.rawValue > parent.time.rawValue, "time"),
            (header.time.rawValue <= latest + 500, "time, ahead of every clock"),
            (header.ancestryRoot == MerkleTree.root(of: hashes), "ancestry root"),
            (header.validatorsHash == parent.validatorsHash, "validators"),
            (header.nextValidatorsHash == parent.validatorsHash, "next validators"),
        ]
        return checks.first { !$0.0 }?.1
    }

    private func judge(_ transaction: Transaction, at height: Height) -> String? {
        let id = transaction.id
        if let earlier = included[id] { return "includes a transaction that is in block \(earlier)" }
        included[id] = height
        let isGenuine = checked[transaction.digest] ?? transaction.verifySignatures()
        checked[transaction.digest] = isGenuine
        if !isGenuine { return "includes a forged transaction" }
        let (last, now) = (transaction.body.validUntil.rawValue, height.rawValue)
        if last < now { return "includes an expired transaction" }
        if last - now >= 10_000 { return "includes a transaction that may wait for too long" }
        return nil
    }

    private func execute(_ block: Block) -> String? {
        let header = block.header
        let execution: Execution
        do throws(BlockInvalid) {
            execution = try Transition.execute(
                block.transactions, at: BlockContext(height: header.height, time: header.time), over: store)
        } catch {
            return "block \(header.height) cannot be executed: \(error)"
        }
        let update = StateTree.update(
            execution.changes, to: store.position.state, version: header.height, in: store)
        if Block.receiptsRoot(of: execution.receipts) != header.receiptsRoot {
            return "block \(header.height): wrong receipts root"
        }
        if update.root.hash != header.stateRoot { return "block \(header.height): wrong state root" }
        store.ledger.commit([FinalizedBlock(block: block, certificate: nil, execution: execution, update: update)])
        hashes.append(header.hash.digest)
        receipts.append(execution.receipts)
        for record in execution.entries { histories[record.subject, default: []].append(record.entry) }
        return nil
    }
}
