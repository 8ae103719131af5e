internal import Codec

/// Reads the fixed-width records of Umbral: no heads, no lengths, every byte accounted for.
struct FixedFields {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: some Collection<UInt8>, length: Int) throws(DecodingFailure) {
        guard bytes.count == length else { throw .wrongCount(expected: length, actual: UInt64(bytes.count), offset: 0) }
        self.bytes = Array(bytes)
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    mutating func point(_ field: String) throws(DecodingFailure) -> Point {
        guard let point = Point(take(Point.length)) else { throw .invalid(field: field) }
        return point
    }

    mutating func scalar(_ field: String) throws(DecodingFailure) -> Scalar {
        guard let scalar = Scalar(take(Scalar.length)) else { throw .invalid(field: field) }
        return scalar
    }

    mutating func signature(_ field: String) throws(DecodingFailure) -> Signature {
        guard let signature = Signature(take(Signature.length)) else { throw .invalid(field: field) }
        return signature
    }

    mutating func flag(_ field: String) throws(DecodingFailure) -> Bool {
        switch take(1).first {
        case 0: false
        case 1: true
        default: throw .invalid(field: field)
        }
    }

    mutating func fragmentID() -> FragmentID {
        guard let value = Digest(take(32)) else { preconditionFailure("a record's length was checked") }
        return FragmentID(rawValue: value)
    }
}
