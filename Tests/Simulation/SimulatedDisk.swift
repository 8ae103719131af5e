import Codec
package import Consensus
package import Cryptography

/// What survives a crash: only what was made durable, and of a write in progress only a prefix.
package struct SimulatedDisk {
    /// The journal, record by record.
    package private(set) var journal: [[UInt8]] = []
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
    mutating func append(_ records: some Sequence<Journal.Record>, blocks: [Digest: SimulatedBlock]) {
        for record in records {
            journal.append(record.encoded)
            if case .vote(let vote) = record {
                spoken.insert(vote.statement)
                if let block = vote.statement.proposal?.block.hash { self.blocks[block] = blocks[block] }
            }
        }
    }

    /// Adds final blocks with the certificate of the last.
    mutating func commit(_ final: [SimulatedBlock], by floor: Certificate) {
        for block in final { blocks[block.reference.hash] = block }
        chain += final.map(\.reference)
        self.floor = floor
    }

    /// Replaces the journal.
    mutating func compact(to records: [Journal.Record]) { journal = records.map(\.encoded) }

    /// What the journal holds.
    func records() -> [Journal.Record] {
        journal.map { bytes in
            do { return try Journal.Record(decoding: bytes) } catch {
                preconditionFailure("a durable record reads back: \(error)")
            }
        }
    }
}
