/// How a journal file is laid out, and what its bytes can be taken for. Integers are little-endian.
///
/// ```
/// head    "CLJ1" (4)  generation (4)  CRC32C of both (4)  zeros (4)
/// record  length (4)  checksum (4)  head's checksum (4)  "reco" (4)  payload  0xa5  zeros up to a multiple of 16
/// ```
/// A checksum covers the generation and the record's offset too, so that bytes of another place or of the file before are
/// never taken for a record. Whatever lies behind the last record is zero: a record that a crash tore is a beginning of it
/// with zeros behind, or has lost whole sectors, and never ends in its last byte, which is not zero. A record that is
/// wrong in any other way was damaged after it was written.
enum JournalFormat {
    static let headLength = 16
    static let recordHeadLength = 16
    static let alignment = 16
    static let sector = 512
    static let magic = Array("CLJ1".utf8)
    static let mark = Array("reco".utf8)
    static let end: UInt8 = 0xa5

    static func head(generation: UInt32) -> [UInt8] {
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

    /// A record as it stands at `offset`.
    static func record(_ payload: [UInt8], at offset: Int, generation: UInt32) -> [UInt8] {
        let length = little(UInt32(payload.count))
        let place = place(of: offset, generation)
        let checksum = little(CRC32C.checksum(place + length + payload))
        var bytes = length + checksum
        bytes += little(CRC32C.checksum(place + bytes)) + mark
        bytes += payload
        bytes.append(end)
        bytes += [UInt8](repeating: 0, count: Self.length(ofPayload: payload.count) - bytes.count)
        return bytes
    }

    /// What stands at an offset.
    enum Finding: Equatable {
        case record(payload: [UInt8], next: Int)
        /// Zeros, or a record that a crash tore.
        case unwritten
        case damaged
    }

    /// Judges what stands at `offset` of `file`, whose missing bytes count as zeros.
    static func finding(at offset: Int, of file: [UInt8], generation: UInt32) -> Finding {
        let place = place(of: offset, generation)
        let head = slice(file, offset, recordHeadLength)
        guard Array(head[12...]) == mark, Array(head[8..<12]) == little(CRC32C.checksum(place + head[..<8])) else {
            return isZero(file, from: tear(in: head, at: offset), to: endOfSector(offset)) ? .unwritten : .damaged
        }
        let count = Int(integer(head[..<4]))
        guard count <= JournalFile.maximumRecordLength else { return .damaged }
        let whole = slice(file, offset, length(ofPayload: count))
        let payload = recordHeadLength..<(recordHeadLength + count)
        guard whole[(payload.upperBound + 1)...].allSatisfy({ $0 == 0 }) else { return .damaged }
        let last = whole[payload.upperBound]
        if Array(head[4..<8]) == little(CRC32C.checksum(place + head[..<4] + whole[payload])) {
            guard last == end || last == 0 else { return .damaged }
            return .record(payload: Array(whole[payload]), next: offset + whole.count)
        }
        return last == 0 || hasLostSector(whole, at: offset) ? .unwritten : .damaged
    }

    /// Whether a record stands anywhere behind `offset`.
    static func hasRecord(behind offset: Int, of file: [UInt8], generation: UInt32) -> Bool {
        var next = offset + alignment
        while next + recordHeadLength <= file.count {
            if file[next + 12] == mark[0], file[next + 13] == mark[1],
                case .record = finding(at: next, of: file, generation: generation)
            {
                return true
            }
            next += alignment
        }
        return false
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

    private static func place(of offset: Int, _ generation: UInt32) -> [UInt8] {
        little(generation) + withUnsafeBytes(of: UInt64(offset).littleEndian) { Array($0) }
    }

    private static func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    private static func integer(_ bytes: some Collection<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
