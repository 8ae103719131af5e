import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// In the end all honest stores are the same, height by height.
enum Convergence {
    static func judge(_ stores: [(index: Int, store: StoredChain)]) -> String? {
        guard let (first, reference) = stores.first else { return nil }
        for (index, store) in stores.dropFirst() {
            if store.position != reference.position { return "the stores of \(first) and \(index) end differently" }
            var height = Height.genesis
            while height <= reference.position.header.height {
                let receipts = try? store.ledger.blocks.receipts(at: height)
                let expected = try? reference.ledger.blocks.receipts(at: height)
                if store.block(at: height) != reference.block(at: height) || receipts != expected {
                    return "the stores of \(first) and \(index) differ at height \(height)"
                }
                height = height.next
            }
        }
        return nil
    }
}
