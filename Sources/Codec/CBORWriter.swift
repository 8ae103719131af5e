/// Writes deterministic CBOR (RFC 8949 4.2.1): shortest heads, definite lengths, no floats.
///
/// The caller announces each array or map with its count and then writes that many items; maps are written with
/// their keys already in bytewise order of their encodings.
public struct CBORWriter: Sendable {
    @usableFromInline
    var written: [UInt8]

    /// What has been written.
    @inlinable
    public var bytes: [UInt8] { written }

    /// - Parameter capacity: Bytes to reserve.
    public init(capacity: Int = 256) {
        written = []
        written.reserveCapacity(capacity)
    }

    /// Writes a non-negative integer (major type 0).
    public mutating func write(_ value: UInt64) { writeHead(major: 0, value) }

    /// Writes an integer (major types 0 and 1).
    public mutating func write(signed value: Int64) {
        if value >= 0 {
            writeHead(major: 0, UInt64(value))
        } else {
            writeHead(major: 1, UInt64(bitPattern: -1 - value))
        }
    }

    /// Writes `-1 - value`, which reaches below `Int64.min`.
    public mutating func write(negative value: UInt64) { writeHead(major: 1, value) }

    /// Writes a byte string.
    @inlinable
    public mutating func write(bytes value: some Collection<UInt8>) {
        writeBytesHead(value.count)
        written.append(contentsOf: value)
    }

    /// Writes a byte string from borrowed memory.
    public mutating func write(bytes value: UnsafeRawBufferPointer) {
        writeBytesHead(value.count)
        written.append(contentsOf: value)
    }

    /// Announces a byte string of `count` bytes that the caller puts after what has been written here.
    @usableFromInline
    package mutating func writeBytesHead(_ count: Int) { writeHead(major: 2, UInt64(count)) }

    /// Writes a text string.
    public mutating func write(text value: String) {
        var value = value
        value.withUTF8 { utf8 in
            writeHead(major: 3, UInt64(utf8.count))
            written.append(contentsOf: utf8)
        }
    }

    /// Announces an array of `count` items.
    public mutating func beginArray(_ count: Int) { writeHead(major: 4, UInt64(count)) }

    /// Announces a map of `count` pairs.
    public mutating func beginMap(_ count: Int) { writeHead(major: 5, UInt64(count)) }

    /// Announces a tagged item.
    public mutating func write(tag: UInt64) { writeHead(major: 6, tag) }

    /// Writes `true` or `false`.
    public mutating func write(_ value: Bool) { written.append(value ? 0xf5 : 0xf4) }

    /// Writes `null`.
    public mutating func writeNull() { written.append(0xf6) }

    /// Writes a simple value other than the floats; 24 to 31 do not exist.
    public mutating func write(simple value: UInt8) {
        precondition(value < 24 || value > 31, "simple values 24 to 31 are reserved")
        writeHead(major: 7, UInt64(value))
    }

    /// Writes a value that knows its own encoding.
    @inlinable
    public mutating func write(_ value: some CBOREncodable) { value.encode(to: &self) }

    /// Writes an array whose items know their encoding.
    @inlinable
    public mutating func write(array values: [some CBOREncodable]) {
        beginArray(values.count)
        for value in values { value.encode(to: &self) }
    }

    /// Writes the value, or `null` when there is none.
    @inlinable
    public mutating func write(optional value: (some CBOREncodable)?) {
        if let value { value.encode(to: &self) } else { writeNull() }
    }

    /// Appends an item that is already encoded, unchanged: what was signed is never encoded again.
    @inlinable
    public mutating func write(encoded item: some Collection<UInt8>) { written.append(contentsOf: item) }

    private mutating func writeHead(major: UInt8, _ value: UInt64) {
        let initial = major << 5
        switch value {
        case 0..<24: written.append(initial | UInt8(value))
        case 24...0xff:
            written.append(initial | 24)
            written.append(UInt8(value))
        case 0x100...0xffff:
            written.append(initial | 25)
            appendBigEndian(value, bytes: 2)
        case 0x1_0000...0xffff_ffff:
            written.append(initial | 26)
            appendBigEndian(value, bytes: 4)
        default:
            written.append(initial | 27)
            appendBigEndian(value, bytes: 8)
        }
    }

    private mutating func appendBigEndian(_ value: UInt64, bytes count: Int) {
        for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
            written.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}
