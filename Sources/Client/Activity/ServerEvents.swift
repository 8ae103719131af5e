/// Splits a stream of server-sent events (WHATWG HTML 9.2) into the data of each event, whatever the pieces in which it
/// comes.
package struct ServerEvents {
    /// The longest event that is read: several times the longest proof.
    package static let maximumLength = 1 << 20

    /// The stream has an event that is longer than any node sends.
    package struct TooLong: Error, Hashable, Sendable {}

    private var line: [UInt8] = []
    private var data: [[UInt8]] = []
    private var length = 0

    package init() {}

    /// Takes the next bytes.
    ///
    /// - Returns: The data of the events that are complete now, in order.
    /// - Throws: ``TooLong``; nothing more can be read from this stream.
    package mutating func append(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [[UInt8]] {
        var complete: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if let event = endLine() { complete.append(event) }
            } else {
                length += 1
                guard length <= Self.maximumLength else { throw TooLong() }
                line.append(byte)
            }
        }
        return complete
    }

    /// A line ends; an empty one ends the event.
    private mutating func endLine() -> [UInt8]? {
        defer { line = [] }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        if line.isEmpty {
            defer { (data, length) = ([], 0) }
            return data.isEmpty ? nil : Array(data.joined(separator: [UInt8(ascii: "\n")]))
        }
        let field = Array("data:".utf8)
        if line.starts(with: field) {
            var value = line.dropFirst(field.count)
            if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
            data.append(Array(value))
        }
        return nil
    }
}
