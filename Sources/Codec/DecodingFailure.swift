/// Why bytes from outside were not accepted. Every case is the sender's doing.
public enum DecodingFailure: Error, Hashable, Sendable {
    /// The input ended inside an item that began at `offset`.
    case truncated(offset: Int)
    /// Bytes remain after the value.
    case trailingBytes(count: Int)
    /// Another item than the expected one stands at `offset`.
    case unexpectedType(expected: String, offset: Int)
    /// The value has a shorter or differently ordered encoding (RFC 8949 4.2.1).
    case nonCanonical(offset: Int)
    /// A float, an indefinite length, a reserved or an unassigned initial byte.
    case unsupported(initialByte: UInt8, offset: Int)
    /// A length or count above the bound of its field.
    case tooLong(limit: Int, offset: Int)
    /// A length or count other than the only permitted one.
    case wrongCount(expected: Int, actual: UInt64, offset: Int)
    /// An integer outside the range of its field.
    case outOfRange(offset: Int)
    /// Text that is not well-formed UTF-8.
    case invalidText(offset: Int)
    /// Items nested deeper than the decoder follows.
    case tooDeep(limit: Int)
    /// A field whose bytes are well formed but whose value is not permitted.
    case invalid(field: String)
}

extension DecodingFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let offset): "input ends inside the item at byte \(offset)"
        case .trailingBytes(let count): "\(count) bytes follow the value"
        case .unexpectedType(let expected, let offset): "expected \(expected) at byte \(offset)"
        case .nonCanonical(let offset): "not the canonical encoding at byte \(offset)"
        case .unsupported(let byte, let offset): "unsupported initial byte \(byte) at byte \(offset)"
        case .tooLong(let limit, let offset): "longer than \(limit) at byte \(offset)"
        case .wrongCount(let expected, let actual, let offset):
            "expected \(expected), found \(actual) at byte \(offset)"
        case .outOfRange(let offset): "integer out of range at byte \(offset)"
        case .invalidText(let offset): "text is not UTF-8 at byte \(offset)"
        case .tooDeep(let limit): "nested deeper than \(limit)"
        case .invalid(let field): "field \(field) is invalid"
        }
    }
}
