import Codec
package import Consensus
package import Cryptography

/// What survives a crash: only what was made durable, and of a write in progress only a prefix.
package struct SimulatedDisk {
    /// The journal's bytes.
    package private(set) var journal = SimulatedJournal()
    /// The bodies that journal records and the chain name.
    package var blocks: [Digest: SimulatedBlock] = [:]
    /// The final chain above the genesis block.
    package private(set) var chain: [BlockReference] = []
    /// The finalization of its last block.
    package private(set) var floor: Certificate?
    /// The statements whose votes are durable, for the checkers.
    package private(set) var spoken: Set<Statement> = []

    package init() {}

    /// Appends records and their blocks and makes them durable.
    mutating func append(_ records: [Journal.Record], blocks: [Digest: SimulatedBlock]) {
        journal.append(records)
        note(records, blocks)
    }

    /// Power fails while records are being appended. Their blocks may be on the disk, since they go before.
    mutating func tear(
        _ records: [Journal.Record], blocks: [Digest: SimulatedBlock], using random: inout SeededGenerator
    ) {
        journal.tear(records, using: &random)
        for case .vote(let vote) in records {
            if let block = vote.statement.proposal?.block.hash { self.blocks[block] = blocks[block] }
        }
    }

    /// Turns a bit of the journal over; tells whether there was one to turn.
    mutating func rot(using random: inout SeededGenerator) -> Bool { journal.rot(using: &random) }

    /// What the journal holds, nothing when it refuses to be read.
    mutating func open() -> [Journal.Record]? {
        guard let records = journal.open() else { return nil }
        note(records, [:])
        return records
    }

    /// The operator moves an unreadable journal away.
    mutating func loseJournal() { journal = SimulatedJournal() }

    private mutating func note(_ records: [Journal.Record], _ blocks: [Digest: SimulatedBlock]) {
        for case .vote(let vote) in records {
            spoken.insert(vote.statement)
            if let block = vote.statement.proposal?.block.hash, let body = blocks[block] { self.blocks[block] = body }
        }
    }

    /// Adds final blocks with the certificate of the last.
    mutating func commit(_ final: [SimulatedBlock], by floor: Certificate) {
        for block in final { blocks[block.reference.hash] = block }
        chain += final.map(\.reference)
        self.floor = floor
    }

    /// Replaces the journal.
    mutating func compact(to records: [Journal.Record]) { journal.replace(records) }
}
