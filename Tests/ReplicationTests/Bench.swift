import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication
import Simulation

/// One replica on a store in memory, with three others played by the test.
final class Bench {
    let keys = SymbolicKeys(count: 4)
    let validators = SymbolicKeys.validators(4)
    var consortium = Simulation.Consortium(validators: 4)
    let index: ValidatorIndex
    let store: StoredChain
    var replica: Replica<StoredChain>
    var now = Instant(microseconds: 10_000_000)
    let leaders: LeaderSchedule

    /// - Parameter turn: In which of the views from 1 on the replica leads.
    init(leading turn: UInt64 = 4, blockBytes: Int = 1 << 20) throws {
        store = StoredChain(
            ledger: try LedgerStore(chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: consortium.genesis))
        leaders = LeaderSchedule(opening: store.position.hash.digest, validators: validators)
        index = leaders[View(rawValue: turn)]
        replica = Replica(
            .init(
                chain: consortium.genesis.chain, validators: validators, index: index,
                pace: Pace(delay: .seconds(1), work: .zero), blockBytes: blockBytes),
            store: store, signer: keys.signer(index.rawValue), verifier: keys, journal: [])
    }

    /// Hands events over, stores what is committed, and answers signature checks at once.
    @discardableResult
    func handle(_ events: Event...) -> [Replication.Effect] {
        var (pending, effects) = (events, [Replication.Effect]())
        while !pending.isEmpty {
            let new = replica.handle(pending, now: now)
            pending = []
            for effect in new {
                switch effect {
                case .commit(let blocks):
                    store.ledger.commit(
                        blocks.map {
                            FinalizedBlock(
                                block: $0.block, certificate: $0.certificate, execution: $0.execution,
                                update: $0.update)
                        })
                case .verify(let job):
                    pending.append(
                        .verified(job: job.id, verdicts: job.transactions.map { $0.verifySignatures() }))
                default: break
                }
            }
            effects += new
        }
        return effects
    }

    func wait(_ duration: Duration) -> [Replication.Effect] {
        now = now + duration
        return handle(.tick)
    }

    func submit(_ transactions: Transaction...) -> [Replication.Effect] {
        var effects: [Replication.Effect] = []
        for (place, transaction) in transactions.enumerated() {
            effects += handle(.submitted(transaction, token: SubmissionToken(rawValue: UInt64(place))))
        }
        return effects
    }

    func transaction(validFor heights: UInt64 = 100, padding: Int = 0) -> Transaction {
        consortium.transaction(
            validUntil: Height(rawValue: store.position.header.height.rawValue + heights), padding: padding)
    }

    // MARK: The others

    var others: [ValidatorIndex] { validators.indices.filter { $0 != index } }

    func vote(_ statement: Statement, _ signer: ValidatorIndex) -> Vote {
        let digest = statement.digest(chain: consortium.genesis.chain.digest)
        return Vote(statement: statement, signer: signer, signature: keys.signer(signer.rawValue).sign(digest))
    }

    func certificate(_ statement: Statement) -> Certificate {
        Certificate(statement: statement, votes: others.map { vote(statement, $0) })
    }

    /// A block on the stored tip as an honest leader builds it; `change` makes it another one.
    func block(
        _ transactions: [Transaction] = [], proposer: ValidatorIndex, time: UInt64? = nil,
        change: (inout BlockHeader) -> Void = { _ in }
    ) throws -> Block {
        let parent = store.position
        let height = parent.header.height.next
        let context = BlockContext(
            height: height, time: Timestamp(rawValue: time ?? max(now.milliseconds, parent.header.time.rawValue + 1)))
        let execution = try Transition.execute(transactions, at: context, over: store)
        let update = StateTree.update(execution.changes, to: parent.state, version: height, in: store)
        var header = BlockHeader(
            chain: consortium.genesis.chain, height: height, epoch: 0, time: context.time, parent: parent.hash,
            ancestryRoot: parent.ancestry.root, transactionsRoot: Block.transactionsRoot(of: transactions),
            receiptsRoot: Block.receiptsRoot(of: execution.receipts), stateRoot: update.root.hash,
            validatorsHash: parent.header.nextValidatorsHash, nextValidatorsHash: parent.header.nextValidatorsHash,
            proposer: proposer.rawValue)
        change(&header)
        return Block(header: header, transactions: transactions)
    }

    func proposal(_ block: Block, view: UInt64, parent: UInt64) -> Proposal {
        let reference = BlockReference(block.header, hash: block.header.hash)
        guard
            let proposal = Proposal(
                epoch: .first, view: View(rawValue: view), parentView: View(rawValue: parent), block: reference)
        else { preconditionFailure("a parent's view is below") }
        return proposal
    }

    /// The packet with which the leader of `view` proposes the block.
    func propose(_ block: Block, view: UInt64 = 1, parent: UInt64 = 0) -> Event {
        let leader = leaders[View(rawValue: view)]
        let vote = vote(.notarize(proposal(block, view: view, parent: parent)), leader)
        return .received(
            .consensus(.propose(Propose(vote: vote, justification: Justification([]))), block), from: leader)
    }

    /// Makes a block final that everybody else has backed.
    @discardableResult
    func finalize(_ block: Block, view: UInt64) -> [Replication.Effect] {
        let statement = Statement.finalize(proposal(block, view: view, parent: view - 1))
        return handle(.received(.consensus(.certificate(certificate(statement)), nil), from: others[0]))
    }
}

extension [Replication.Effect] {
    /// The votes that are sent, inside proposals or alone.
    var votes: [Statement] {
        compactMap {
            switch $0 {
            case .send(.consensus(.vote(let vote), _), _): vote.statement
            case .send(.consensus(.propose(let propose), _), _): propose.vote.statement
            default: nil
            }
        }
    }

    /// The blocks that are proposed.
    var proposed: [Block] {
        compactMap { if case .send(.consensus(.propose, let block), _) = $0 { block } else { nil } }
    }

    var answers: [SubmissionAnswer] { compactMap { if case .answer(_, let answer) = $0 { answer } else { nil } } }

    var committed: [Block] {
        flatMap { effect -> [Block] in if case .commit(let blocks) = effect { blocks.map(\.block) } else { [] } }
    }

    /// The transactions that are sent to everybody.
    var announced: [Transaction] {
        flatMap { effect -> [Transaction] in
            if case .send(.transactions(let transactions), .all) = effect { transactions } else { [] }
        }
    }

    var blockRequests: [BlockHash] {
        compactMap { if case .send(.blockRequest(let hash), _) = $0 { hash } else { nil } }
    }

    var rangeRequests: [Height] {
        compactMap { if case .send(.rangeRequest(let height), _) = $0 { height } else { nil } }
    }

    var records: [Journal.Record] {
        flatMap { effect -> [Journal.Record] in if case .persist(let records) = effect { records } else { [] } }
    }
}
