internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

/// What has gone into the journal since it was last replaced.
struct JournalProgress: Sendable {
    private(set) var bodies: Set<Digest> = []
    private(set) var bytes = 0

    /// The journal holds these records already.
    mutating func restore(_ records: [Journal.Record]) {
        for case .block(let bytes) in records {
            self.bytes += bytes.count
            do { bodies.insert(try Block(decoding: bytes).header.hash.digest) } catch {
                preconditionFailure("a journaled block decodes: \(error)")
            }
        }
    }

    mutating func add(_ records: [Journal.Record]) {
        for record in records {
            if case .block(let block) = record { bytes += block.count } else { bytes += 512 }
        }
    }

    mutating func addBody(_ hash: Digest) { bodies.insert(hash) }

    /// The journal has been replaced by one with these bodies.
    mutating func reset(bodies: Set<Digest>) {
        self.bodies = bodies
        bytes = 0
    }
}

extension Replica {
    /// Makes records durable, each block that they name before them, with what it stands on, once.
    mutating func persist(_ records: [Journal.Record]) {
        var all: [Journal.Record] = []
        for record in records {
            if let hash = bodyNeeded(by: record) {
                for (ancestor, block) in bodies(through: hash, unless: journal.bodies) {
                    all.append(.block(block.encoded))
                    journal.addBody(ancestor)
                }
            }
            all.append(record)
        }
        journal.add(all)
        output.persist(all)
    }

    /// A block and those between it and the stored chain, lowest first, up to the first that is there already.
    ///
    /// Who has vouched for a block must still have it after a crash, and what it stands on: an ancestor that was fetched
    /// and neither voted for nor certified here is in no record of its own (R4).
    private func bodies(through hash: Digest, unless present: Set<Digest>) -> [(hash: Digest, block: Block)] {
        var found: [(hash: Digest, block: Block)] = []
        var next = hash
        while !present.contains(next), let block = overlays[BlockHash(next)]?.block ?? blocks[BlockHash(next)],
            block.header.height > store.position.header.height
        {
            found.append((next, block))
            next = block.header.parent.digest
        }
        return found.reversed()
    }

    /// The block that must be here after a restart for this record to mean anything: one that this validator has
    /// vouched for.
    private func bodyNeeded(by record: Journal.Record) -> Digest? {
        switch record {
        case .vote(let vote): vote.statement.kind == .nullify ? nil : vote.statement.proposal?.block.hash
        case .certified(_, let view, true): engine?.notarizedBlock(in: view)?.hash
        case .certificate, .certified, .lost, .abstains, .block, .epochStart: nil
        }
    }

    /// Replaces a long journal by what still matters. What has become final is in the store.
    mutating func compactJournalIfLong() {
        guard journal.bytes > Self.journalLimit, let engine else { return }
        var bodies: Set<Digest> = []
        var records: [Journal.Record] = []
        for record in engine.checkpoint {
            if let hash = bodyNeeded(by: record) {
                for (ancestor, block) in self.bodies(through: hash, unless: bodies) {
                    bodies.insert(ancestor)
                    records.append(.block(block.encoded))
                }
            }
            records.append(record)
        }
        journal.reset(bodies: bodies)
        output.replaceJournal(records)
    }
}
