/// Reads deterministic CBOR from bytes that nobody has checked yet.
///
/// Each read names what must stand next and its bound; a count is compared with its bound and with the bytes that
/// remain before memory is taken for it. A failed read leaves the reader unusable: the input is refused as a whole.
public struct CBORReader {
    /// The deepest nesting that ``skip()`` and ``CBORValue`` follow.
    public static let maximumDepth = 32

    private let bytes: [UInt8]
    private let end: Int
    /// The offset of the next unread byte.
    public private(set) var position: Int

    /// Reads all of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Unread bytes.
    public var remaining: Int { end - position }

    /// Refuses bytes after the value.
    public func finish() throws(DecodingFailure) {
        if remaining > 0 { throw .trailingBytes(count: remaining) }
    }

    /// Reads a non-negative integer.
    public mutating func readUnsigned() throws(DecodingFailure) -> UInt64 {
        try readHead(major: 0, name: "unsigned integer")
    }

    /// Reads a non-negative integer of at most `limit`.
    public mutating func readUnsigned(max limit: UInt64) throws(DecodingFailure) -> UInt64 {
        let start = position
        let value = try readUnsigned()
        guard value <= limit else { throw .outOfRange(offset: start) }
        return value
    }

    /// Reads a non-negative integer that fits `Int` and is at most `limit`.
    public mutating func readInt(max limit: Int = Int(UInt32.max)) throws(DecodingFailure) -> Int {
        Int(try readUnsigned(max: UInt64(limit)))
    }

    /// Reads a positive or negative integer.
    public mutating func readSigned() throws(DecodingFailure) -> Int64 {
        let start = position
        let (major, value) = try readAnyHead()
        guard major < 2 else { throw .unexpectedType(expected: "integer", offset: start) }
        guard value <= UInt64(Int64.max) else { throw .outOfRange(offset: start) }
        return major == 0 ? Int64(value) : -1 - Int64(value)
    }

    /// Reads a byte string of at most `limit` bytes.
    public mutating func readBytes(max limit: Int) throws(DecodingFailure) -> [UInt8] {
        let start = position
        let count = try readHead(major: 2, name: "byte string")
        return Array(bytes[try take(count, limit: limit, from: start)])
    }

    /// Reads a byte string of exactly `count` bytes.
    public mutating func readBytes(exactly count: Int) throws(DecodingFailure) -> ArraySlice<UInt8> {
        let start = position
        let actual = try readHead(major: 2, name: "byte string")
        guard actual == UInt64(count) else { throw .wrongCount(expected: count, actual: actual, offset: start) }
        return bytes[try take(actual, limit: count, from: start)]
    }

    /// Reads text of at most `limit` UTF-8 bytes.
    public mutating func readText(max limit: Int) throws(DecodingFailure) -> String {
        let start = position
        let count = try readHead(major: 3, name: "text")
        let range = try take(count, limit: limit, from: start)
        guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .invalidText(offset: start) }
        return text
    }

    /// Reads the head of an array of exactly `count` items.
    public mutating func readArray(count: Int) throws(DecodingFailure) {
        let start = position
        let actual = try readHead(major: 4, name: "array")
        guard actual == UInt64(count) else { throw .wrongCount(expected: count, actual: actual, offset: start) }
    }

    /// Reads the head of an array of at most `limit` items and returns their number.
    ///
    /// An item takes at least a byte, so the count is also bounded by what remains.
    public mutating func readArrayCount(max limit: Int) throws(DecodingFailure) -> Int {
        try readCount(major: 4, name: "array", limit: limit, bytesPerItem: 1)
    }

    /// Reads the head of a map of at most `limit` pairs and returns their number.
    public mutating func readMapCount(max limit: Int) throws(DecodingFailure) -> Int {
        try readCount(major: 5, name: "map", limit: limit, bytesPerItem: 2)
    }

    /// Reads an array of at most `limit` items that know their decoding.
    @inlinable
    public mutating func readArray<Item: CBORDecodable>(
        of type: Item.Type = Item.self, max limit: Int
    ) throws(DecodingFailure) -> [Item] {
        let count = try readArrayCount(max: limit)
        var items: [Item] = []
        items.reserveCapacity(min(count, 1024))
        for _ in 0..<count { items.append(try Item(from: &self)) }
        return items
    }

    /// Reads a value that knows its decoding.
    @inlinable
    public mutating func read<Value: CBORDecodable>(_ type: Value.Type = Value.self) throws(DecodingFailure) -> Value {
        try Value(from: &self)
    }

    /// Reads a value, or nothing where `null` stands.
    @inlinable
    public mutating func readOptional<Value: CBORDecodable>(
        _ type: Value.Type = Value.self
    ) throws(DecodingFailure) -> Value? {
        if readNull() { return nil }
        return try Value(from: &self)
    }

    /// Reads the given tag.
    public mutating func readTag(_ expected: UInt64) throws(DecodingFailure) {
        let start = position
        guard try readHead(major: 6, name: "tag \(expected)") == expected else {
            throw .unexpectedType(expected: "tag \(expected)", offset: start)
        }
    }

    /// Reads `true` or `false`.
    public mutating func readBool() throws(DecodingFailure) -> Bool {
        guard position < end else { throw .truncated(offset: position) }
        switch bytes[position] {
        case 0xf4:
            position += 1
            return false
        case 0xf5:
            position += 1
            return true
        default: throw .unexpectedType(expected: "boolean", offset: position)
        }
    }

    /// Consumes `null` if it stands next.
    public mutating func readNull() -> Bool {
        guard position < end, bytes[position] == 0xf6 else { return false }
        position += 1
        return true
    }

    /// The major type of the next item, nothing at the end.
    public var nextMajorType: UInt8? { position < end ? bytes[position] >> 5 : nil }

    /// Reads any one item and returns its bytes as received.
    public mutating func readEncodedItem(max limit: Int) throws(DecodingFailure) -> [UInt8] {
        let start = position
        try skip()
        guard position - start <= limit else { throw .tooLong(limit: limit, offset: start) }
        return Array(bytes[start..<position])
    }

    /// Checks and passes over any one item.
    public mutating func skip() throws(DecodingFailure) {
        _ = try CBORValue(from: &self)
    }

    /// The bytes between two positions of this reader, as received.
    public func bytes(from start: Int, to stop: Int) -> [UInt8] { Array(bytes[start..<stop]) }

    // MARK: Heads

    /// Reads the head of any item but a float or an indefinite one: its major type and its argument.
    package mutating func readAnyHead() throws(DecodingFailure) -> (major: UInt8, argument: UInt64) {
        let start = position
        guard start < end else { throw .truncated(offset: start) }
        let initial = bytes[start]
        let major = initial >> 5
        let information = initial & 31
        position += 1
        switch information {
        case 0..<24: return (major, UInt64(information))
        case 24:
            let value = try readBigEndian(1, from: start)
            guard value >= (major == 7 ? 32 : 24) else { throw .nonCanonical(offset: start) }
            return (major, value)
        case 25, 26, 27:
            guard major != 7 else { throw .unsupported(initialByte: initial, offset: start) }
            let value = try readBigEndian(1 << Int(information - 24), from: start)
            let least: UInt64 = information == 25 ? 0x100 : information == 26 ? 0x1_0000 : 0x1_0000_0000
            guard value >= least else { throw .nonCanonical(offset: start) }
            return (major, value)
        default: throw .unsupported(initialByte: initial, offset: start)
        }
    }

    /// Moves past `count` bytes and returns where they stand.
    package mutating func take(_ count: UInt64, limit: Int, from start: Int) throws(DecodingFailure) -> Range<Int> {
        guard count <= UInt64(limit) else { throw .tooLong(limit: limit, offset: start) }
        guard count <= UInt64(remaining) else { throw .truncated(offset: start) }
        let range = position..<(position + Int(count))
        position = range.upperBound
        return range
    }

    package func byteSlice(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range] }

    private mutating func readHead(major expected: UInt8, name: String) throws(DecodingFailure) -> UInt64 {
        let start = position
        let (major, value) = try readAnyHead()
        guard major == expected else { throw .unexpectedType(expected: name, offset: start) }
        return value
    }

    private mutating func readCount(
        major: UInt8, name: String, limit: Int, bytesPerItem: Int
    ) throws(DecodingFailure) -> Int {
        let start = position
        let count = try readHead(major: major, name: name)
        guard count <= UInt64(limit) else { throw .tooLong(limit: limit, offset: start) }
        guard count <= UInt64(remaining / bytesPerItem) else { throw .truncated(offset: start) }
        return Int(count)
    }

    private mutating func readBigEndian(_ count: Int, from start: Int) throws(DecodingFailure) -> UInt64 {
        guard remaining >= count else { throw .truncated(offset: start) }
        var value: UInt64 = 0
        for offset in position..<(position + count) { value = value << 8 | UInt64(bytes[offset]) }
        position += count
        return value
    }
}
