import Codec
import Consensus
import Cryptography
import Ledger
import Replication

extension Replication.Packet {
    /// What the network takes it for.
    var kind: PacketKind {
        switch self {
        case .consensus(let message, _): message.packetKind
        case .transactions: .transactions
        case .blockRequest, .rangeRequest: .request
        case .block, .range, .join: .body
        }
    }

    /// About how many bytes it has.
    var roughSize: Int {
        switch self {
        case .consensus(let message, let block): message.roughSize + (block?.roughSize ?? 0)
        case .transactions(let transactions): transactions.reduce(20) { $0 + $1.bytes.count }
        case .blockRequest, .rangeRequest: 40
        case .join(let message): message.encoded.count
        case .block(let block): block.roughSize
        case .range(let blocks, let headers, _): 300 + blocks.reduce(400 * headers.count) { $0 + $1.roughSize }
        }
    }

    /// For traces.
    var label: String {
        switch self {
        case .consensus(let message, let block):
            message.label + (block.map { " with \($0.header.hash.digest.hex.prefix(8)) at \($0.header.height)" } ?? "")
        case .transactions(let transactions): "\(transactions.count) transactions"
        case .blockRequest(let hash): "asks for \(hash.digest.hex.prefix(8))"
        case .block(let block):
            "block \(block.header.hash.digest.hex.prefix(8)) at \(block.header.height) on \(block.header.parent.digest.hex.prefix(8))"
        case .join: "help for a node that joins"
        case .rangeRequest(let height): "asks from \(height)"
        case .range(let blocks, let headers, let certificate):
            "\(blocks.count) blocks, \(headers.count) headers, up to view \(certificate.view)"
        }
    }
}

extension Block {
    /// About how many bytes it has.
    fileprivate var roughSize: Int { transactions.reduce(400) { $0 + $1.bytes.count } }
}

extension ReplicaValidator {
    /// How it is doing, in a line.
    var traceLine: String {
        guard let report = replica?.report else { return "\(slot): down" }
        return "\(slot): view \(report.view), final view \(report.finalizedView), height \(height), "
            + "\(report.waitingTransactions) waiting, \(report.missingBlocks) missing"
            + (report.engine.takesPart ? "" : ", silent") + (adversary == nil ? "" : ", dishonest")
    }
}
