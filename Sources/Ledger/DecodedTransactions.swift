internal import Cryptography
internal import Synchronization

/// The transactions that were decoded last, by the hash of all their bytes.
///
/// The same bytes come three times to a validator: from a client or a peer, in a block, and from the disk when a client
/// asks for the receipt. Putting keys on the curve makes decoding cost almost as much as checking the signature; equal
/// bytes decode to equal transactions, so the second and third time cost one hash.
enum DecodedTransactions {
    /// Bytes of transactions in one generation, of which there are two: some thousand transactions, which is far more
    /// than wait at any time for a block.
    private static let generationLimit = 4 << 20

    private struct Generations {
        var young: [Digest: Transaction] = [:]
        var old: [Digest: Transaction] = [:]
        var youngBytes = 0
    }

    private static let generations = Mutex(Generations())

    /// The transaction with these bytes, if it was decoded lately.
    static func find(_ digest: Digest) -> Transaction? {
        generations.withLock { $0.young[digest] ?? $0.old[digest] }
    }

    /// Keeps a decoded transaction for a while.
    static func keep(_ transaction: Transaction) {
        // What is dropped is freed after the lock is given up.
        let dropped: [Digest: Transaction] = generations.withLock { generations in
            guard generations.young.updateValue(transaction, forKey: transaction.digest) == nil else { return [:] }
            generations.youngBytes += transaction.bytes.count
            guard generations.youngBytes > generationLimit else { return [:] }
            defer {
                generations.old = generations.young
                generations.young = [:]
                generations.youngBytes = 0
            }
            return generations.old
        }
        withExtendedLifetime(dropped) {}
    }
}
