package import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// A node that has nothing and executes a whole ledger that one other node serves.
package struct ReplayingNode {
    private var node: Replica<StoredChain>
    private var helper: Replica<StoredChain>
    private let store: LedgerStore
    private let goal: Height
    private var now = Instant(microseconds: 1_800_000_000_000_000)

    package init(_ ledger: LongLedger, into store: LedgerStore) {
        self.store = store
        goal = ledger.store.height
        let validators = LongLedger.set(of: ledger.genesis.validatorSet)
        func replica(_ index: Int, _ store: LedgerStore) -> Replica<StoredChain> {
            Replica(
                .init(chain: ledger.genesis.chain, validators: validators, index: ValidatorIndex(rawValue: index)),
                store: StoredChain(ledger: store), signer: ledger.keys.signer(index), verifier: ledger.keys,
                journal: [])
        }
        node = replica(0, store)
        helper = replica(1, ledger.store)
    }

    /// Fetches and executes until everything is there.
    package mutating func run() {
        let status = Consensus.Status(
            epoch: .first, view: View(rawValue: 1), finalized: .genesis, height: goal)
        var events: [Event] = [.start, .received(.consensus(.status(status), nil), from: ValidatorIndex(rawValue: 1))]
        while store.height < goal {
            var answers: [Event] = []
            for effect in node.handle(events, now: now) {
                switch effect {
                case .send(let packet, .one(let peer)) where peer.rawValue == 1:
                    guard case .rangeRequest = packet else { continue }
                    for case .send(let answer, _) in helper.handle(
                        [.received(packet, from: ValidatorIndex(rawValue: 0))], now: now)
                    { answers.append(.received(answer, from: peer)) }
                case .commit(let blocks):
                    store.commit(
                        blocks.map {
                            FinalizedBlock(
                                block: $0.block, certificate: $0.certificate, execution: $0.execution,
                                update: $0.update)
                        })
                default: break
                }
            }
            now = now + .milliseconds(answers.isEmpty ? 500 : 1)
            events = answers.isEmpty ? [.tick] : answers
        }
    }
}
