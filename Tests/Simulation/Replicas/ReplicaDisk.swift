import ChainStorage
import Codec
package import Consensus
import Cryptography
package import Ledger
import Replication

/// Two databases and a journal, of which a crash takes what was not synced.
package struct ReplicaDisk {
    private var chain = InMemoryDatabase()
    private var state = InMemoryDatabase()
    private var journal: [[UInt8]] = []
    private let genesis: Genesis
    /// The statements whose votes are durable, for the checkers.
    package private(set) var spoken: Set<Statement> = []
    /// The store while the machine runs.
    package private(set) var store: StoredChain?

    package init(genesis: Genesis) { self.genesis = genesis }

    /// Whether nothing was ever written to the journal.
    package var isJournalEmpty: Bool { journal.isEmpty }

    /// The machine starts: the store recovers.
    mutating func open() -> StoredChain {
        do {
            let opened = StoredChain(ledger: try LedgerStore(chain: chain, state: state, genesis: genesis))
            store = opened
            return opened
        } catch {
            preconditionFailure("a store opens after any crash: \(error)")
        }
    }

    /// The machine stops, and some of the last unsynced batches are lost.
    mutating func close(using random: inout SeededGenerator) {
        chain = chain.afterCrash(losing: Int(random.next() % UInt64(chain.unsyncedCount + 1)))
        state = state.afterCrash(losing: Int(random.next() % UInt64(state.unsyncedCount + 1)))
        store = nil
    }

    mutating func append(_ records: some Sequence<Journal.Record>) {
        for record in records {
            journal.append(record.encoded)
            if case .vote(let vote) = record { spoken.insert(vote.statement) }
        }
    }

    mutating func replaceJournal(_ records: [Journal.Record]) { journal = records.map(\.encoded) }

    func records() -> [Journal.Record] {
        journal.map { bytes in
            do { return try Journal.Record(decoding: bytes) } catch {
                preconditionFailure("a durable record reads back: \(error)")
            }
        }
    }

    func commit(_ final: [FinalBlock]) {
        store?.ledger.commit(
            final.map {
                FinalizedBlock(
                    block: $0.block, certificate: $0.certificate, execution: $0.execution, update: $0.update)
            })
    }
}
