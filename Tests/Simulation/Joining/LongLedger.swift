package import ChainStorage
import Codec
package import Consensus
import Cryptography
package import Ledger
import Replication

/// A chain that is made without anybody voting on each block: every block with a transaction, some with a certificate.
package struct LongLedger {
    package let store: LedgerStore
    package let keys = SymbolicKeys(count: 31)
    package private(set) var consortium: Consortium
    private let certified: UInt64
    private var view: UInt64 = 0

    /// - Parameters:
    ///   - certified: Every how many blocks one has a certificate.
    ///   - make: Opens the store.
    package init(
        validators: Int = 4, certified: UInt64 = 8, over make: (Genesis) throws -> LedgerStore
    ) rethrows {
        consortium = Consortium(validators: validators)
        self.certified = certified
        store = try make(consortium.genesis)
    }

    package var genesis: Genesis { consortium.genesis }
    package var validators: ValidatorSet { Self.set(of: store.validatorSet) }

    package static func set(of record: ValidatorSetRecord) -> ValidatorSet {
        guard let set = ValidatorSet(record.keys.compactMap(\.publicKey)) else {
            preconditionFailure("a state's validators are different keys")
        }
        return set
    }

    /// Makes blocks up to a height, the last with a certificate.
    package mutating func grow(to height: UInt64) {
        while store.height.rawValue < height {
            let isLast = store.height.rawValue + 1 == height
            let transaction = consortium.transaction(validUntil: Height(rawValue: store.height.rawValue + 10))
            append([transaction], isCertified: isLast)
        }
    }

    /// Makes a block that changes the set.
    package mutating func addValidator(_ machine: Int) {
        let candidate = consortium.candidate(machine)
        append([consortium.change(.addValidator(candidate))], isCertified: true)
    }

    private mutating func append(_ transactions: [Transaction], isCertified: Bool) {
        let parent = StoredChain(ledger: store).position
        let deciding = validators
        let context = BlockContext(
            height: parent.header.height.next, time: parent.header.time.advanced(byMilliseconds: 1000))
        let execution: Execution
        do { execution = try Transition.execute(transactions, at: context, over: store) } catch {
            preconditionFailure("the transactions can be in a block: \(error)")
        }
        let update = StateTree.update(execution.changes, to: parent.state, version: context.height, in: store)
        let header = BlockHeader(
            chain: genesis.chain, height: context.height, epoch: parent.header.nextEpoch, time: context.time,
            parent: parent.hash, ancestryRoot: parent.ancestry.root,
            transactionsRoot: Block.transactionsRoot(of: transactions),
            receiptsRoot: Block.receiptsRoot(of: execution.receipts), stateRoot: update.root.hash,
            validatorsHash: parent.header.nextValidatorsHash,
            nextValidatorsHash: execution.nextValidators?.hash ?? parent.header.nextValidatorsHash, proposer: 0)
        let needsOne = isCertified || header.closesEpoch || context.height.rawValue % certified == 0
        store.commit([
            FinalizedBlock(
                block: Block(header: header, transactions: transactions),
                certificate: needsOne ? certificate(header, by: deciding) : nil, execution: execution, update: update)
        ])
    }

    private mutating func certificate(_ header: BlockHeader, by validators: ValidatorSet) -> Certificate {
        view += 1
        let reference = BlockReference(header, hash: header.hash)
        guard
            let proposal = Proposal(
                epoch: Epoch(rawValue: header.epoch), view: View(rawValue: view), parentView: View(rawValue: view - 1),
                block: reference)
        else { preconditionFailure("a parent's view is below") }
        let statement = Statement.finalize(proposal)
        let digest = statement.digest(chain: genesis.chain.digest)
        let votes = validators.indices.prefix(validators.quorum).map { place in
            Vote(statement: statement, signer: place, signature: keys.signer(machine(validators[place])).sign(digest))
        }
        return Certificate(statement: statement, votes: votes)
    }

    private func machine(_ key: PublicKey) -> Int {
        guard let machine = (0..<31).first(where: { SymbolicKeys.key($0) == key }) else {
            preconditionFailure("the simulation's validators have its keys")
        }
        return machine
    }
}
