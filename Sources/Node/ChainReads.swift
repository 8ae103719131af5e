internal import API
internal import ChainStorage
internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger
internal import Synchronization

/// What the doors read of the final chain, with the proofs that make it worth something to whoever asked.
final class ChainReads: Sendable {
    /// How far below the tip a certificate is looked for: a finalization makes at most so many blocks final at once.
    private static let certificateSearch: UInt64 = 64
    private static let cachedBlocks = 8

    let store: LedgerStore
    private let proofs = Mutex<[(height: Height, proofs: BlockProofs)]>([])

    init(_ store: LedgerStore) { self.store = store }

    /// Where rules about now are read: the last final block.
    var tip: BlockContext {
        do throws(StorageFailure) {
            let height = store.height
            guard let header = try store.blocks.header(at: height) else { throw .damaged(record: "header \(height)") }
            return BlockContext(height: height, time: header.time)
        } catch { preconditionFailure("the ledger's store answers: \(error)") }
    }

    /// The highest block that is provably final and whose state can be read: of one that is being written the chain is
    /// there before the state.
    func provenHeight() throws(StorageFailure) -> Height {
        let tip = min(store.height, store.stateHeight)
        let lowest = tip.rawValue - min(tip.rawValue, Self.certificateSearch)
        for height in (lowest...tip.rawValue).reversed() {
            let height = Height(rawValue: height)
            if height == .genesis { return height }
            if try store.blocks.certificate(at: height) != nil { return height }
        }
        throw .damaged(record: "certificate at or below \(tip)")
    }

    /// A header and what makes its block final; nothing above the last block that is provably final.
    ///
    /// - Parameter under: A height above the block's: the proof then shows that the block stands below the first one at or
    ///   above it that has a certificate, whatever certificate the block has itself.
    func finality(at height: Height, under: Height? = nil) throws(StorageFailure) -> FinalityProof? {
        guard let header = try store.blocks.header(at: height) else { return nil }
        let above = max(height, under ?? height)
        if above == .genesis { return FinalityProof(header: header, certificate: nil) }
        guard let final = try store.blocks.finalization(atOrAbove: above) else { return nil }
        if final.height == height { return FinalityProof(header: header, certificate: final.certificate) }
        guard let later = try store.blocks.header(at: final.height) else { return nil }
        let inclusion = try store.blocks.ancestryProof(of: height, in: final.height)
        return FinalityProof(
            header: header, anchor: .init(header: later, inclusion: inclusion), certificate: final.certificate)
    }

    /// The boundaries at the end of this epoch and of those after it, a page of them.
    func epochs(from epoch: UInt64) throws(StorageFailure) -> EpochsReply {
        var boundaries: [EpochBoundary] = []
        var next = epoch
        while boundaries.count < EpochsReply.maximumCount, next < UInt64(Int64.max),
            let opening = try store.blocks.opening(of: next + 1)
        {
            guard let header = try store.blocks.header(at: opening.height),
                let certificate = try store.blocks.certificate(at: opening.height)
            else { throw .damaged(record: "end of epoch \(next)") }
            boundaries.append(
                EpochBoundary(header: header, certificate: certificate, validators: opening.validators))
            next += 1
        }
        return EpochsReply(boundaries: boundaries)
    }

    /// Proves leaves of one final state.
    func state(_ leaves: [LeafName]) throws(StorageFailure) -> StateReply? {
        let height = try provenHeight()
        guard let finality = try finality(at: height) else { return nil }
        var proved: [StateReply.ProvedLeaf] = []
        for leaf in leaves {
            guard let proof = try store.state.proof(of: leaf.key, at: height) else { return nil }
            proved.append(.init(kind: leaf.kind, id: leaf.id, proof: proof))
        }
        return StateReply(finality: finality, leaves: proved)
    }

    /// Proves a history's length and head, and gives a part of it.
    func history(of subject: Subject, _ range: HistoryRange) throws(StorageFailure) -> HistoryReply? {
        let height = try provenHeight()
        guard let finality = try finality(at: height),
            let proof = try store.state.proof(of: subject.stateKey, at: height)
        else { return nil }
        let count =
            (try? HistoryReply(finality: finality, subject: subject, proof: proof, from: 0, entries: []).provedHead()?
                .count) ?? 0
        // An entry of a block above the proved one is not part of what is proved.
        let entries = try store.blocks.history(
            of: subject, from: range.from, limit: range.limit, count: count
        ).filter { $0.height <= height }
        return HistoryReply(finality: finality, subject: subject, proof: proof, from: range.from, entries: entries)
    }

    /// A part of a history with the transactions that it names.
    func evidence(of subject: Subject, _ range: HistoryRange) throws(StorageFailure) -> EvidenceReply? {
        guard let history = try history(of: subject, range) else { return nil }
        var seen: Set<TransactionID> = []
        var transactions: [TransactionProof] = []
        for entry in history.entries where seen.insert(entry.transaction).inserted {
            guard let proof = try transaction(entry.transaction) else { return nil }
            transactions.append(proof)
        }
        return EvidenceReply(history: history, transactions: transactions)
    }

    /// A transaction in its final block, with its receipt.
    func transaction(_ id: TransactionID) throws(StorageFailure) -> TransactionProof? {
        guard let location = try store.blocks.location(of: id), let proofs = try proofs(at: location.height) else {
            return nil
        }
        return proofs.proof(at: location.position)
    }

    /// A block in full.
    func block(at height: Height) throws(StorageFailure) -> BlockReply? {
        guard let finality = try finality(at: height), let block = try store.blocks.block(at: height) else {
            return nil
        }
        let receipts = try store.blocks.receipts(at: height) ?? []
        return BlockReply(finality: finality, transactions: block.transactions, receipts: receipts)
    }

    /// What proves the transactions of a block; that of the last few is kept, because everybody who waits for a block asks
    /// for it at once.
    private func proofs(at height: Height) throws(StorageFailure) -> BlockProofs? {
        if let cached = proofs.withLock({ $0.first { $0.height == height }?.proofs }) { return cached }
        guard let finality = try finality(at: height), let block = try store.blocks.block(at: height),
            let receipts = try store.blocks.receipts(at: height)
        else { return nil }
        let made = BlockProofs(finality: finality, transactions: block.transactions, receipts: receipts)
        proofs.withLock { cache in
            cache.append((height, made))
            if cache.count > Self.cachedBlocks { cache.removeFirst() }
        }
        return made
    }
}

/// What makes a block final and its two trees, read and hashed once.
private final class BlockProofs: Sendable {
    private let finality: FinalityProof
    private let transactions: [Transaction]
    private let receipts: [Receipt]
    private let transactionTree: Levels
    private let receiptTree: Levels

    init(finality: FinalityProof, transactions: [Transaction], receipts: [Receipt]) {
        self.finality = finality
        self.transactions = transactions
        self.receipts = receipts
        transactionTree = Levels(transactions.map(\.leafHash))
        receiptTree = Levels(receipts.map { MerkleTree.leafHash($0.encoded) })
    }

    func proof(at position: Int) -> TransactionProof {
        TransactionProof(
            finality: finality, transaction: transactions[position], inclusion: transactionTree.proof(of: position),
            receipt: receipts[position], receiptInclusion: receiptTree.proof(of: position))
    }

    /// Every complete subtree of a tree.
    private struct Levels {
        private let levels: [[Digest]]

        init(_ leaves: [Digest]) {
            var levels = [leaves]
            while let last = levels.last, last.count > 1 {
                levels.append(
                    stride(from: 0, to: last.count - 1, by: 2).map { MerkleTree.nodeHash(last[$0], last[$0 + 1]) })
            }
            self.levels = levels
        }

        func proof(of index: Int) -> InclusionProof {
            InclusionProof(index: UInt64(index), size: UInt64(levels[0].count)) { levels[$0.level][Int($0.index)] }
        }
    }
}
