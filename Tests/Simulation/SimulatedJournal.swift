import ChainStorage
import Codec
import Consensus

/// The bytes of a journal as the shipped file has them, on a disk that tears and rots.
package struct SimulatedJournal {
    private static let generation: UInt32 = 1

    private var bytes = JournalFormat.head(generation: generation)
    /// How many records are durable.
    package private(set) var count = 0

    package init() {}

    /// How long it is.
    package var length: Int { bytes.count }

    /// Appends records and makes them durable.
    mutating func append(_ records: some Sequence<Journal.Record>) {
        let encoded = records.map(\.encoded)
        guard !encoded.isEmpty else { return }
        bytes += JournalFormat.encode(encoded, at: bytes.count, generation: Self.generation)
        count += encoded.count
    }

    /// Power fails while records are being appended: a beginning of them reaches the disk, or all but one sector.
    mutating func tear(_ records: some Sequence<Journal.Record>, using random: inout SeededGenerator) {
        var torn = JournalFormat.encode(records.map(\.encoded), at: bytes.count, generation: Self.generation)
        guard !torn.isEmpty else { return }
        let place = Int(random.next() % UInt64(torn.count + 1))
        if random.chance(0.7) {
            torn.replaceSubrange(place..., with: [UInt8](repeating: 0, count: torn.count - place))
        } else {
            let sector = (bytes.count + place) / 512 * 512
            for index in torn.indices where (sector..<sector + 512).contains(bytes.count + index) { torn[index] = 0 }
        }
        bytes += torn
    }

    /// Replaces everything in one step.
    mutating func replace(_ records: [Journal.Record]) {
        self = SimulatedJournal()
        append(records)
    }

    /// Turns a bit over.
    ///
    /// - Returns: Whether there was anything to damage.
    mutating func rot(using random: inout SeededGenerator) -> Bool {
        guard count > 0 else { return false }
        bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
        return true
    }

    /// What a start finds: the records, or nothing when the journal refuses to be read.
    mutating func open() -> [Journal.Record]? {
        guard case .records(let found, _, let end) = JournalFormat.read(bytes) else { return nil }
        bytes.removeSubrange(end...)
        precondition(found.count >= count, "what was synced reads back")
        count = found.count
        return found.map { bytes in
            do { return try Journal.Record(decoding: bytes) } catch {
                preconditionFailure("a durable record reads back: \(error)")
            }
        }
    }
}
