/// How a journal file is laid out, and what its bytes can be taken for. Integers are little-endian.
///
/// ```
/// head    "CLJ1" (4)  generation (4)  CRC32C of both (4)  zeros (4)
/// record  length (4)  checksum (4)  head's checksum (4)  mark (4)  masked payload  0xa5  zeros up to a multiple of 16
/// ```
/// The mark says where the record stands in its append, which one write carries: "recO" for the only one, "recB" for the
/// first, "recI" for one within, "recE" for the last. A disk that loses power need not have written the sectors of a write
/// in their order: what is missing has been torn if nothing but the rest of the same append stands behind it.
///
/// A payload is masked with a stream that follows from its checksum, so that no sector of it is zero, whatever stands in it:
/// zeros are what a disk has lost, and a record that was damaged is never taken for one. Marks in small letters, "reco" and
/// so on, are of records without a mask, as they were written before; they are still read.
///
/// A checksum covers the generation, the record's offset and all marks but "reco" too, and the payload without its mask, so
/// that bytes of another place or of the file before are never taken for a record. Whatever lies behind the last record is zero: a record that a crash tore is a beginning of it
/// with zeros behind, or has lost whole sectors, and never ends in its last byte, which is not zero. A record that is
/// wrong in any other way was damaged after it was written.
package enum JournalFormat {
    static let headLength = 16
    static let recordHeadLength = 16
    static let alignment = 16
    static let sector = 512
    static let magic = Array("CLJ1".utf8)
    static let markStart = Array("rec".utf8)
    static let end: UInt8 = 0xa5

    /// Where a record stands in its append.
    enum Place: UInt8 {
        case only = 0x6f
        case first = 0x62
        case within = 0x69
        case last = 0x65

        init(_ index: Int, of count: Int) {
            self = count == 1 ? .only : index == 0 ? .first : index == count - 1 ? .last : .within
        }

        /// Whether the append has begun before a record at this place.
        var follows: Bool { self == .within || self == .last }
    }

    /// What a record's head says of it besides its length.
    private struct Mark {
        private static let smallLetter: UInt8 = 0x20

        let place: Place
        let isMasked: Bool

        init(_ place: Place, isMasked: Bool) {
            self.place = place
            self.isMasked = isMasked
        }

        /// Nothing when the four bytes are no mark.
        init?(_ bytes: ArraySlice<UInt8>) {
            guard bytes.starts(with: markStart), let letter = bytes.last,
                let place = Place(rawValue: letter | Self.smallLetter)
            else { return nil }
            self.init(place, isMasked: letter & Self.smallLetter == 0)
        }

        private var letter: UInt8 { isMasked ? place.rawValue & ~Self.smallLetter : place.rawValue }
        var bytes: [UInt8] { markStart + [letter] }
        /// What the checksums cover of it.
        var context: [UInt8] { place == .only && !isMasked ? [] : [letter] }
    }

    package static func head(generation: UInt32) -> [UInt8] {
        let bytes = magic + little(generation)
        return bytes + little(CRC32C.checksum(bytes)) + [0, 0, 0, 0]
    }

    static func generation(ofHead head: [UInt8]) -> UInt32? {
        guard head.count == headLength else { return nil }
        let generation = integer(head[4..<8])
        return head == Self.head(generation: generation) ? generation : nil
    }

    /// Bytes that a payload takes up.
    static func length(ofPayload count: Int) -> Int {
        (recordHeadLength + count + 1 + alignment - 1) / alignment * alignment
    }

    /// Adds a record as it stands at `offset`.
    private static func append(
        _ payload: [UInt8], to bytes: inout [UInt8], at offset: Int, generation: UInt32, _ place: Place
    ) {
        let mark = Mark(place, isMasked: true)
        let length = little(UInt32(payload.count))
        let context = context(of: offset, generation, mark)
        var crc = CRC32C()
        crc.update(context)
        crc.update(length)
        crc.update(payload)
        let head = length + little(crc.value)
        bytes += head
        bytes += little(CRC32C.checksum(context + head)) + mark.bytes
        bytes += masked(payload, by: crc.value)
        bytes.append(end)
        let rest = Self.length(ofPayload: payload.count) - recordHeadLength - payload.count - 1
        bytes += repeatElement(0, count: rest)
    }

    /// The records of one append as they stand one behind the other from `start` on.
    package static func encode(_ records: [[UInt8]], at start: Int, generation: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.reduce(0) { $0 + length(ofPayload: $1.count) })
        for (index, record) in records.enumerated() {
            precondition(record.count <= JournalFile.maximumRecordLength, "a journal record has at most 16 MiB")
            append(
                record, to: &bytes, at: start + bytes.count, generation: generation, Place(index, of: records.count))
        }
        return bytes
    }

    /// What a whole file holds.
    package enum Reading: Equatable {
        /// Records up to `end`, where the next one goes.
        case records([[UInt8]], generation: UInt32, end: Int)
        case damagedHead
        /// `index` counts the records before it.
        case damagedRecord(index: Int, offset: Int)
    }

    /// Reads a file: a torn tail is left out, anything else that is wrong is found.
    package static func read(_ file: [UInt8]) -> Reading {
        guard let generation = generation(ofHead: Array(file.prefix(headLength))) else { return .damagedHead }
        var records: [[UInt8]] = []
        var offset = headLength
        while case .record(let payload, _, let next) = finding(at: offset, of: file, generation: generation) {
            records.append(payload)
            offset = next
        }
        let isTorn =
            finding(at: offset, of: file, generation: generation) == .unwritten
            && isRestOfAppend(behind: offset, of: file, generation: generation)
        return isTorn
            ? .records(records, generation: generation, end: offset)
            : .damagedRecord(index: records.count, offset: offset)
    }

    /// What stands at an offset.
    private enum Finding: Equatable {
        case record(payload: [UInt8], Place, next: Int)
        /// Zeros, or a record that a crash tore.
        case unwritten
        case damaged
    }

    /// Judges what stands at `offset` of `file`, whose missing bytes count as zeros.
    private static func finding(at offset: Int, of file: [UInt8], generation: UInt32) -> Finding {
        let head = slice(file, offset, recordHeadLength)
        guard let mark = Mark(head[12...]),
            Array(head[8..<12]) == little(CRC32C.checksum(context(of: offset, generation, mark) + head[..<8]))
        else {
            return isZero(file, from: tear(in: head, at: offset), to: endOfSector(offset)) ? .unwritten : .damaged
        }
        let count = Int(integer(head[..<4]))
        guard count <= JournalFile.maximumRecordLength else { return .damaged }
        let whole = slice(file, offset, length(ofPayload: count))
        let payload = recordHeadLength..<(recordHeadLength + count)
        guard whole[(payload.upperBound + 1)...].allSatisfy({ $0 == 0 }) else { return .damaged }
        let last = whole[payload.upperBound]
        let content = mark.isMasked ? masked(whole[payload], by: integer(head[4..<8])) : Array(whole[payload])
        let context = context(of: offset, generation, mark)
        if Array(head[4..<8]) == little(CRC32C.checksum(context + head[..<4] + content)) {
            guard last == end || last == 0 else { return .damaged }
            return .record(payload: content, mark.place, next: offset + whole.count)
        }
        return last == 0 || hasLostSector(whole, at: offset) ? .unwritten : .damaged
    }

    /// Whether the records that stand anywhere behind `offset` are of one append that began at or before it, and its end.
    private static func isRestOfAppend(behind offset: Int, of file: [UInt8], generation: UInt32) -> Bool {
        var next = offset + alignment
        var hasEnded = false
        while next + recordHeadLength <= file.count {
            if file[next + 12] == markStart[0], file[next + 13] == markStart[1],
                case .record(_, let place, let end) = finding(at: next, of: file, generation: generation)
            {
                guard place.follows, !hasEnded else { return false }
                hasEnded = place == .last
                next = end
            } else {
                next += alignment
            }
        }
        return true
    }

    /// Where the zeros of a torn head begin; one that ends in its mark is not torn.
    private static func tear(in head: [UInt8], at offset: Int) -> Int {
        offset + ((head.lastIndex { $0 != 0 }).map { $0 == recordHeadLength - 1 ? 0 : $0 + 1 } ?? 0)
    }

    private static func endOfSector(_ offset: Int) -> Int { (offset / sector + 1) * sector }

    private static func isZero(_ file: [UInt8], from start: Int, to end: Int) -> Bool {
        slice(file, start, end - start).allSatisfy { $0 == 0 }
    }

    private static func hasLostSector(_ record: [UInt8], at offset: Int) -> Bool {
        var start = (offset + sector - 1) / sector * sector
        while start < offset + record.count {
            let part = record[(start - offset)..<min(record.count, start - offset + sector)]
            if part.allSatisfy({ $0 == 0 }) { return true }
            start += sector
        }
        return false
    }

    private static func slice(_ file: [UInt8], _ offset: Int, _ count: Int) -> [UInt8] {
        let part = file[min(offset, file.count)..<min(offset + count, file.count)]
        return part + [UInt8](repeating: 0, count: count - part.count)
    }

    /// What a checksum covers besides the bytes.
    private static func context(of offset: Int, _ generation: UInt32, _ mark: Mark) -> [UInt8] {
        little(generation) + withUnsafeBytes(of: UInt64(offset).littleEndian) { Array($0) } + mark.context
    }

    /// Puts the mask on, or takes it off: SplitMix64 (Steele, Lea, Flood 2014) from the checksum on, eight bytes a step.
    private static func masked(_ payload: some Collection<UInt8>, by checksum: UInt32) -> [UInt8] {
        var state = UInt64(checksum)
        var bytes = Array(payload)
        for start in stride(from: 0, to: bytes.count, by: 8) {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
            word ^= word >> 31
            for index in start..<min(start + 8, bytes.count) {
                bytes[index] ^= UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
        }
        return bytes
    }

    private static func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    private static func integer(_ bytes: some Collection<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
