public import Codec
public import Consensus
public import Cryptography
public import Ledger
internal import Synchronization

/// Where a transaction stands in the chain.
public struct TransactionLocation: Hashable, Sendable {
    /// The block that includes it.
    public let height: Height
    /// Its place in that block, from 0.
    public let position: Int
}

/// Final blocks with their certificates, receipts, histories and indexes, from the genesis block on.
///
/// Reads come from any thread; ``stage(_:into:after:)`` only collects what ``LedgerStore/commit(_:)`` writes.
public final class BlockStore: Sendable {
    let database: any Database
    private let current: Mutex<ChainTip?>
    /// Where transactions stand that were looked for or written lately, and that others stand nowhere: the same one is
    /// looked for when it comes, when its signatures have been checked, for a block and in one.
    private let locations = GenerationCache<TransactionID, TransactionLocation?>(costLimit: 8 << 20) { _, _ in 96 }
    /// The block whose state the home was filled with, nothing where every block was executed here: histories begin above
    /// it. Blocks and receipts below it are all there.
    public let origin: Height?

    /// Reads the height record.
    init(_ database: any Database) throws(StorageFailure) {
        self.database = database
        current = Mutex(nil)
        origin = try database.value(KeySpace.origin).map { Height(rawValue: KeySpace.integer($0)) }
        guard let bytes = try database.value(KeySpace.head) else { return }
        let tip: ChainTip = try Self.decode(bytes, KeySpace.head)
        current.withLock { $0 = tip }
    }

    /// The last block, nothing before there is one.
    public var tip: ChainTip? { current.withLock { $0 } }

    /// The header at `height`, nothing above the tip.
    public func header(at height: Height) throws(StorageFailure) -> BlockHeader? {
        try record(KeySpace.Chain.header(height))
    }

    /// The block at `height`, nothing above the tip.
    public func block(at height: Height) throws(StorageFailure) -> Block? {
        guard let header = try header(at: height) else { return nil }
        let body: BlockBody = try existing(KeySpace.Chain.body(height))
        return Block(header: header, transactions: body.transactions)
    }

    /// The finalization of the block at `height`, nothing when it became final as an ancestor.
    public func certificate(at height: Height) throws(StorageFailure) -> Certificate? {
        try record(KeySpace.Chain.certificate(height))
    }

    /// The first block at or above `height` that has a finalization of its own: what makes the block at `height` final.
    public func finalization(
        atOrAbove height: Height
    ) throws(StorageFailure) -> (height: Height, certificate: Certificate)? {
        let start = KeySpace.Chain.certificate(height)
        let end = KeySpace.Chain.certificate(Height(rawValue: .max))
        guard let entry = try database.entries(from: start, to: end, limit: 1).first else { return nil }
        return (Height(rawValue: KeySpace.integer(entry.key.dropFirst())), try Self.decode(entry.value, entry.key))
    }

    /// How an epoch began; nothing for epoch 0, which the genesis file opens, and for one that has not begun.
    public func opening(of epoch: UInt64) throws(StorageFailure) -> EpochOpening? {
        try record(KeySpace.Chain.epoch(epoch))
    }

    /// The receipts of the block at `height`, one a transaction.
    public func receipts(at height: Height) throws(StorageFailure) -> [Receipt]? {
        let list: RecordList<Receipt>? = try record(KeySpace.Chain.receipts(height))
        return list?.records
    }

    /// The height of a block.
    public func height(of hash: BlockHash) throws(StorageFailure) -> Height? {
        try database.value(KeySpace.Chain.block(hash)).map { Height(rawValue: KeySpace.integer($0)) }
    }

    /// Where a transaction stands, nothing when no block includes it.
    public func location(of id: TransactionID) throws(StorageFailure) -> TransactionLocation? {
        try locations.value(id) { () throws(StorageFailure) in
            guard let bytes = try database.value(KeySpace.Chain.transaction(id)) else { return .some(nil) }
            let height = Height(rawValue: KeySpace.integer(bytes.prefix(8)))
            return TransactionLocation(height: height, position: Int(KeySpace.integer(bytes.dropFirst(8))))
        } ?? nil
    }

    /// At most `limit` entries of a subject's history, from `index` on.
    ///
    /// - Parameter count: How many entries the history has, as the state says.
    /// - Throws: ``StorageFailure/notKept(before:)`` when the first of them were never here.
    public func history(
        of subject: Subject, from index: UInt64 = 0, limit: Int, count: UInt64 = 0
    ) throws(StorageFailure) -> [HistoryEntry] {
        let start = KeySpace.Chain.history(subject, index)
        let end = KeySpace.Chain.history(subject, .max)
        var entries: [HistoryEntry] = []
        let found = try database.entries(from: start, to: end, limit: limit)
        if let origin, limit > 0, found.first.map({ $0.key != start }) ?? (index < count) {
            throw .notKept(before: origin)
        }
        for entry in found { entries.append(try Self.decode(entry.value, entry.key)) }
        return entries
    }

    /// Proves that the block at `height` is an ancestor of the one at `descendant`: against the latter's ancestry root.
    ///
    /// - Precondition: `height < descendant`, and `descendant` is at most one above the tip.
    public func ancestryProof(
        of height: Height, in descendant: Height
    ) throws(StorageFailure) -> InclusionProof {
        try InclusionProof(index: height.rawValue, size: descendant.rawValue) {
            (position) throws(StorageFailure) -> Digest in
            let key = KeySpace.Chain.ancestry(position)
            guard let bytes = try self.database.value(key), let hash = Digest(bytes) else {
                throw .damaged(record: KeySpace.describeChain(key))
            }
            return hash
        }
    }

    // MARK: Writing

    /// Collects the records of the block after `tip`; the height record is not among them.
    ///
    /// - Returns: The tip with this block.
    func stage(_ final: FinalizedBlock, into batch: inout WriteBatch, after tip: ChainTip?) -> ChainTip {
        stage(final.block, final.certificate, final.execution, into: &batch, after: tip)
    }

    /// The same of a block whose execution others have told of.
    func stage(
        _ block: Block, _ certificate: Certificate?, _ execution: Execution, into batch: inout WriteBatch,
        after tip: ChainTip?
    ) -> ChainTip {
        let header = block.header
        let height = header.height
        let hash = header.hash
        var ancestry = tip?.ancestry ?? MerkleFrontier()
        precondition(height.rawValue == ancestry.count, "blocks become final in the order of their heights")
        precondition(header.parent == tip?.hash ?? BlockHash(.zero), "a final block builds on the one before")
        precondition(header.ancestryRoot == ancestry.root, "a final block commits to the blocks before")
        batch.put(KeySpace.Chain.header(height), header.encoded)
        batch.put(KeySpace.Chain.body(height), BlockBody(block.transactions).encoded)
        batch.put(KeySpace.Chain.receipts(height), RecordList(execution.receipts).encoded)
        if let certificate {
            batch.put(KeySpace.Chain.certificate(height), certificate.encoded)
        }
        batch.put(KeySpace.Chain.block(hash), KeySpace.bytes(height.rawValue))
        for (position, transaction) in block.transactions.enumerated() {
            batch.put(
                KeySpace.Chain.transaction(transaction.id),
                KeySpace.bytes(height.rawValue) + KeySpace.bytes(UInt32(position)))
        }
        for record in execution.entries {
            batch.put(KeySpace.Chain.history(record.subject, record.index), record.entry.encoded)
        }
        for (position, node) in ancestry.append(hash.digest) {
            batch.put(KeySpace.Chain.ancestry(position), node.bytes)
        }
        if header.closesEpoch {
            // The state forgets old sets; whoever follows the chain from its beginning needs them all.
            guard let validators = execution.nextValidators, validators.hash == header.nextValidatorsHash else {
                preconditionFailure("a block that closes an epoch says who decides in the next one")
            }
            precondition(certificate != nil, "nothing but its own finalization makes the last of an epoch final")
            let opening = EpochOpening(height: height, validators: validators)
            batch.put(KeySpace.Chain.epoch(header.nextEpoch), opening.encoded)
        }
        return ChainTip(header, hash: hash, ancestry: ancestry)
    }

    /// Makes written blocks visible, the last of which is the tip.
    func publish(_ tip: ChainTip, _ blocks: [FinalizedBlock]) {
        for final in blocks {
            let height = final.block.header.height
            locations.replace(
                final.block.transactions.lazy.enumerated().map { position, transaction in
                    (transaction.id, TransactionLocation(height: height, position: position))
                })
        }
        current.withLock { $0 = tip }
    }

    // MARK: Records

    private func record<Record: CBORDecodable>(_ key: [UInt8]) throws(StorageFailure) -> Record? {
        guard let bytes = try database.value(key) else { return nil }
        return try Self.decode(bytes, key)
    }

    private func existing<Record: CBORDecodable>(_ key: [UInt8]) throws(StorageFailure) -> Record {
        guard let record: Record = try record(key) else { throw .damaged(record: KeySpace.describeChain(key)) }
        return record
    }

    private static func decode<Record: CBORDecodable>(
        _ bytes: [UInt8], _ key: [UInt8]
    ) throws(StorageFailure) -> Record {
        do throws(DecodingFailure) {
            return try Record(decoding: bytes)
        } catch { throw .damaged(record: KeySpace.describeChain(key)) }
    }
}
