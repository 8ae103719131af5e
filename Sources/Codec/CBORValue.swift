/// Any item of the accepted subset, for tools and formats whose shape is not known beforehand.
public indirect enum CBORValue: Hashable, Sendable {
    case unsigned(UInt64)
    /// Stands for `-1 - value`.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    /// Pairs in the bytewise order of their encoded keys (RFC 8949 4.2.1), no key twice.
    case map([Pair])
    case tagged(UInt64, CBORValue)
    case simple(UInt8)

    /// A key of a map with its value.
    public struct Pair: Hashable, Sendable {
        /// The key.
        public var key: CBORValue
        /// Its value.
        public var value: CBORValue

        /// A key with its value.
        public init(_ key: CBORValue, _ value: CBORValue) {
            self.key = key
            self.value = value
        }
    }

    /// `true` or `false`.
    public static func bool(_ value: Bool) -> CBORValue { .simple(value ? 21 : 20) }
    /// `null`.
    public static let null = CBORValue.simple(22)
}

extension CBORValue: CBOREncodable {
    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .unsigned(let value): writer.write(value)
        case .negative(let value): writer.write(negative: value)
        case .bytes(let value): writer.write(bytes: value)
        case .text(let value): writer.write(text: value)
        case .array(let items):
            writer.beginArray(items.count)
            for item in items { item.encode(to: &writer) }
        case .map(let pairs):
            writer.beginMap(pairs.count)
            let encoded = pairs.map { (key: $0.key.encoded, value: $0.value) }
            for pair in encoded.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                writer.write(encoded: pair.key)
                pair.value.encode(to: &writer)
            }
        case .tagged(let tag, let item):
            writer.write(tag: tag)
            item.encode(to: &writer)
        case .simple(let value): writer.write(simple: value)
        }
    }
}

extension CBORValue: CBORDecodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        self = try Self.read(from: &reader, depth: 0)
    }

    private static func read(from reader: inout CBORReader, depth: Int) throws(DecodingFailure) -> CBORValue {
        guard depth < CBORReader.maximumDepth else { throw .tooDeep(limit: CBORReader.maximumDepth) }
        let start = reader.position
        let (major, argument) = try reader.readAnyHead()
        switch major {
        case 0: return .unsigned(argument)
        case 1: return .negative(argument)
        case 2: return .bytes(Array(reader.byteSlice(try reader.take(argument, limit: Int.max, from: start))))
        case 3:
            let range = try reader.take(argument, limit: Int.max, from: start)
            guard let text = String(validating: reader.byteSlice(range), as: UTF8.self) else {
                throw .invalidText(offset: start)
            }
            return .text(text)
        case 4:
            guard argument <= UInt64(reader.remaining) else { throw .truncated(offset: start) }
            var items: [CBORValue] = []
            for _ in 0..<argument { items.append(try read(from: &reader, depth: depth + 1)) }
            return .array(items)
        case 5:
            guard argument <= UInt64(reader.remaining / 2) else { throw .truncated(offset: start) }
            return .map(try readPairs(Int(argument), from: &reader, depth: depth))
        case 6: return .tagged(argument, try read(from: &reader, depth: depth + 1))
        default: return .simple(UInt8(argument))
        }
    }

    private static func readPairs(
        _ count: Int, from reader: inout CBORReader, depth: Int
    ) throws(DecodingFailure) -> [Pair] {
        var pairs: [Pair] = []
        var previous: [UInt8]?
        for _ in 0..<count {
            let start = reader.position
            let key = try read(from: &reader, depth: depth + 1)
            let encodedKey = reader.bytes(from: start, to: reader.position)
            if let previous, !previous.lexicographicallyPrecedes(encodedKey) { throw .nonCanonical(offset: start) }
            previous = encodedKey
            pairs.append(Pair(key, try read(from: &reader, depth: depth + 1)))
        }
        return pairs
    }
}
