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
    private var journal = SimulatedJournal()
    private let genesis: Genesis
    /// The statements whose votes are durable, for the checkers.
    package private(set) var spoken: Set<Statement> = []
    /// The certificates that are durable, for the checkers.
    package private(set) var certified: Set<Statement> = []
    /// The parents of the blocks in the journal.
    private var parents: [Digest: Digest] = [:]
    /// The store while the machine runs.
    package private(set) var store: StoredChain?

    package init(genesis: Genesis) { self.genesis = genesis }

    /// Whether nothing was ever written to the journal.
    package var isJournalEmpty: Bool { journal.count == 0 }

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

    /// All of it as it is now, with no store open.
    func copy() -> ReplicaDisk {
        var copy = self
        copy.chain = chain.afterCrash(losing: 0)
        copy.state = state.afterCrash(losing: 0)
        copy.store = nil
        return copy
    }

    mutating func append(_ records: [Journal.Record]) {
        journal.append(records)
        note(records)
    }

    /// Power fails while records are being appended.
    mutating func tear(_ records: [Journal.Record], using random: inout SeededGenerator) {
        journal.tear(records, using: &random)
    }

    /// Turns a bit of the journal over; tells whether there was one to turn.
    mutating func rot(using random: inout SeededGenerator) -> Bool { journal.rot(using: &random) }

    /// The operator moves the journal away.
    mutating func loseJournal() {
        journal = SimulatedJournal()
        parents = [:]
    }

    mutating func replaceJournal(_ records: [Journal.Record]) {
        journal.replace(records)
        parents = [:]
        note(records)
    }

    /// Whether the block that a statement vouches for, or one between it and the store, would be gone after a crash.
    func lacksBody(of statement: Statement) -> Bool {
        guard statement.kind != .nullify, let block = statement.proposal?.block, let store else { return false }
        var (hash, height) = (block.hash, block.height.rawValue)
        while height > store.position.header.height.rawValue {
            guard let parent = parents[hash] else { return true }
            (hash, height) = (parent, height - 1)
        }
        return false
    }

    /// What the journal holds, nothing when it refuses to be read.
    mutating func records() -> [Journal.Record]? {
        guard let records = journal.open() else { return nil }
        parents = [:]
        note(records)
        return records
    }

    /// Whether the store would take these blocks: it stops the process at one that does not follow.
    func takes(_ final: [FinalBlock]) -> Bool {
        guard var position = store?.position else { return false }
        for block in final {
            let header = block.block.header
            let next = block.execution.nextValidators?.hash ?? header.validatorsHash
            guard header.parent == position.hash, header.ancestryRoot == position.ancestry.root,
                header.epoch == position.header.nextEpoch, header.nextValidatorsHash == next,
                header.stateRoot == block.update.root.hash
            else { return false }
            (position.header, position.hash) = (header, block.hash)
            _ = position.ancestry.append(block.hash.digest)
        }
        return true
    }

    func commit(_ final: [FinalBlock]) {
        store?.ledger.commit(
            final.map {
                FinalizedBlock(
                    block: $0.block, certificate: $0.certificate, execution: $0.execution, update: $0.update)
            })
    }

    private mutating func note(_ records: [Journal.Record]) {
        for record in records {
            switch record {
            case .vote(let vote): spoken.insert(vote.statement)
            case .certificate(let certificate): certified.insert(certificate.statement)
            case .epochStart(_, let finalization?, _): certified.insert(finalization.statement)
            case .block(let bytes):
                do {
                    let header = try Block(decoding: bytes).header
                    parents[header.hash.digest] = header.parent.digest
                } catch { preconditionFailure("a journaled block decodes: \(error)") }
            case .certified, .lost, .abstains, .epochStart: break
            }
        }
    }
}
