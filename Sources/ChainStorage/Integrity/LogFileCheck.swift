/// Reads a LevelDB log (`*.log`, `MANIFEST-*`) and accounts for each of its bytes.
///
/// The file is a row of blocks of 32 KiB. A block is a row of fragments, `checksum (4) length (2) kind (1) data`, and fewer
/// than 7 zeros. LevelDB takes a fragment that reaches behind the end of the file for one that a crash cut short and says
/// nothing; here it counts as that only if no shorter length makes its checksum right.
struct LogFileCheck {
    static let blockLength = 32768
    static let headLength = 7

    private let path: String
    private let bytes: [UInt8]
    private var position = 0
    private var record: [UInt8]?

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// The records in order.
    mutating func records() throws(IntegrityFinding) -> [[UInt8]] {
        var records: [[UInt8]] = []
        while position < bytes.count {
            let left = Self.blockLength - position % Self.blockLength
            if left < Self.headLength {
                try skipTrailer(left)
                continue
            }
            guard let (kind, data) = try fragment() else { break }
            switch (kind, record) {
            case (1, nil): records.append(Array(data))
            case (2, nil): record = Array(data)
            case (3, let begun?): record = begun + data
            case (4, let begun?):
                records.append(begun + data)
                record = nil
            default: throw .file(path: path, offset: position, problem: "a record's parts are out of order")
            }
            position = data.endIndex
        }
        return records
    }

    private mutating func skipTrailer(_ count: Int) throws(IntegrityFinding) {
        let end = min(position + count, bytes.count)
        guard bytes[position..<end].allSatisfy({ $0 == 0 }) else {
            throw .file(path: path, offset: position, problem: "the end of a block is not zero")
        }
        position = end
    }

    /// The fragment at the position, nothing when a crash cut it short.
    private func fragment() throws(IntegrityFinding) -> (kind: UInt8, data: ArraySlice<UInt8>)? {
        guard position + Self.headLength <= bytes.count else { return nil }
        let kind = bytes[position + 6]
        let start = position + Self.headLength
        let length = Int(bytes[position + 4]) | Int(bytes[position + 5]) << 8
        let endOfBlock = (position / Self.blockLength + 1) * Self.blockLength
        if start + length > bytes.count, start + length <= endOfBlock, !isWholeAtSomeLength(from: start, kind: kind) {
            return nil
        }
        guard start + length <= min(endOfBlock, bytes.count),
            MaskedChecksum.matches(stored(at: position), of: kind, bytes[start..<(start + length)])
        else { throw .file(path: path, offset: position, problem: "a record's checksum is wrong") }
        return (kind, bytes[start..<(start + length)])
    }

    /// Whether the data that is there matches the checksum at any length: then it is the length that is wrong.
    private func isWholeAtSomeLength(from start: Int, kind: UInt8) -> Bool {
        let stored = stored(at: position)
        var crc = CRC32C()
        crc.update([kind])
        if MaskedChecksum.mask(crc.value) == stored { return true }
        return bytes[start...].contains { byte in
            crc.update([byte])
            return MaskedChecksum.mask(crc.value) == stored
        }
    }

    private func stored(at offset: Int) -> UInt32 { LittleEndian.integer(bytes[offset..<(offset + 4)]) }
}

/// LevelDB stores checksums rotated and shifted, so that a checksum over data with checksums in it stays a good one.
enum MaskedChecksum {
    static func mask(_ checksum: UInt32) -> UInt32 { (checksum >> 15 | checksum << 17) &+ 0xa282_ead8 }

    /// Whether `stored` is that of the kind of a log's fragment and its data.
    static func matches(_ stored: UInt32, of kind: UInt8, _ data: ArraySlice<UInt8>) -> Bool {
        var crc = CRC32C()
        crc.update([kind])
        crc.update(data)
        return mask(crc.value) == stored
    }
}

enum LittleEndian {
    static func integer(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}
