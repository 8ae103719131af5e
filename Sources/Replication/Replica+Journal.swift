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
    /// Makes records durable, each block that they name before them, once.
    mutating func persist(_ records: [Journal.Record]) {
        var all: [Journal.Record] = []
        for record in records {
            if let hash = bodyNeeded(by: record), !journal.bodies.contains(hash),
                let block = overlays[BlockHash(hash)]?.block ?? blocks[BlockHash(hash)]
            {
                all.append(.block(block.encoded))
                journal.addBody(hash)
            }
            all.append(record)
        }
        journal.add(all)
        output.persist(all)
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
            if let hash = bodyNeeded(by: record), !bodies.contains(hash),
                let block = overlays[BlockHash(hash)]?.block ?? blocks[BlockHash(hash)]
            {
                bodies.insert(hash)
                records.append(.block(block.encoded))
            }
            records.append(record)
        }
        journal.reset(bodies: bodies)
        output.replaceJournal(records)
    }
}
