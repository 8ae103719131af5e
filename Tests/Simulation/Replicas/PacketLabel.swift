import Codec
import Consensus
import Cryptography
import Ledger
import Replication

extension Replication.Packet {
    /// For traces.
    var label: String {
        switch self {
        case .consensus(let message, let block):
            message.label + (block.map { " with \($0.header.hash.digest.hex.prefix(8)) at \($0.header.height)" } ?? "")
        case .transactions(let transactions): "\(transactions.count) transactions"
        case .blockRequest(let hash): "asks for \(hash.digest.hex.prefix(8))"
        case .block(let block):
            "block \(block.header.hash.digest.hex.prefix(8)) at \(block.header.height) on \(block.header.parent.digest.hex.prefix(8))"
        case .rangeRequest(let height): "asks from \(height)"
        case .range(let blocks, let headers, let certificate):
            "\(blocks.count) blocks, \(headers.count) headers, up to view \(certificate.view)"
        }
    }
}
