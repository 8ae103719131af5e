import Codec
import Consensus
import Replication

/// Queues and maps stay within their declared bounds whatever anybody sends.
enum Bounds {
    static func judge(_ occupancy: Occupancy, at index: Int) -> String? {
        for (name, count, most) in occupancy.bounded where count > most {
            return "validator \(index) keeps \(count) \(name), at most \(most) are allowed"
        }
        return nil
    }
}
