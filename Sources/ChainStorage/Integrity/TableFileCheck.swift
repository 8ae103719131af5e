/// Reads a LevelDB table (`*.ldb`) and accounts for each of its bytes.
///
/// A table is a row of blocks without gaps: data blocks, a filter block, the block that names it, and the index of the
/// data blocks, each followed by its kind (1) and a checksum (4); then a foot of 48 bytes that says where the last two
/// are. Our databases do not compress: what they hold is hashes, keys and ciphertext.
struct TableFileCheck {
    private static let footLength = 48
    private static let trailerLength = 5
    private static let magic: [UInt8] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]

    private typealias Place = (offset: Int, count: Int)

    private let path: String
    private let bytes: [UInt8]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// Whether the table was written to its end.
    var isFinished: Bool { bytes.suffix(8) == Self.magic[...] }

    func check() throws(IntegrityFinding) {
        let foot = bytes.count - Self.footLength
        guard foot >= 0 else { throw damage(0, "the table is too short") }
        guard isFinished else {
            throw damage(foot + 40, "the table does not end as one does")
        }
        var fields = VarintReader(bytes[foot..<(foot + 40)])
        guard let names = fields.place(), let index = fields.place(), fields.rest.allSatisfy({ $0 == 0 }) else {
            throw damage(foot, "the table's foot cannot be read")
        }
        // In the order in which they lie in the file.
        var places = try self.places(in: index)
        places += try self.places(in: names)
        places += [names, index]
        var end = 0
        for place in places {
            guard place.offset == end else { throw damage(end, "a block is not where the index has it") }
            try check(block: place)
            end = place.offset + place.count + Self.trailerLength
        }
        guard end == foot else { throw damage(end, "bytes belong to no block") }
    }

    /// The blocks that the entries of `block` lead to.
    private func places(in block: Place) throws(IntegrityFinding) -> [Place] {
        try check(block: block)
        let content = bytes[block.offset..<(block.offset + block.count)]
        guard content.count >= 4 else { throw damage(block.offset, "an index cannot be read") }
        let restarts = Int(LittleEndian.integer(content.suffix(4)))
        guard restarts <= content.count / 4 - 1 else { throw damage(block.offset, "an index cannot be read") }
        var entries = VarintReader(content.dropLast(4 + 4 * restarts))
        var places: [Place] = []
        while !entries.rest.isEmpty {
            guard entries.varint() != nil, let unshared = entries.varint(), let count = entries.varint(),
                entries.take(unshared) != nil, let value = entries.take(count)
            else { throw damage(block.offset, "an index cannot be read") }
            var fields = VarintReader(value)
            guard let place = fields.place() else { throw damage(block.offset, "an index cannot be read") }
            places.append(place)
        }
        return places
    }

    private func check(block: Place) throws(IntegrityFinding) {
        let end = bytes.count - Self.footLength - Self.trailerLength
        guard block.offset <= end, block.count <= end - block.offset else {
            throw damage(block.offset, "a block reaches behind the end")
        }
        let trailer = block.offset + block.count
        guard bytes[trailer] == 0 else { throw damage(trailer, "a block is of an unknown kind") }
        let stored = LittleEndian.integer(bytes[(trailer + 1)..<(trailer + 5)])
        guard MaskedChecksum.mask(CRC32C.checksum(bytes[block.offset...trailer])) == stored else {
            throw damage(block.offset, "a block's checksum is wrong")
        }
    }

    private func damage(_ offset: Int, _ problem: String) -> IntegrityFinding {
        .file(path: path, offset: offset, problem: problem)
    }
}

/// Reads the variable-length integers of LevelDB's formats: seven bits a byte, the lowest first.
struct VarintReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// An integer that fits a file.
    mutating func varint() -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 56, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            // A last byte of zero would be a second spelling of the same number.
            if byte == 0, shift > 0 { return nil }
            value |= Int(byte & 127) << shift
            if byte < 128 { return value }
        }
        return nil
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// A byte string with its length before it.
    mutating func string() -> ArraySlice<UInt8>? {
        guard let count = varint() else { return nil }
        return take(count)
    }

    /// Where a block stands.
    mutating func place() -> (offset: Int, count: Int)? {
        guard let offset = varint(), let count = varint() else { return nil }
        return (offset, count)
    }
}
