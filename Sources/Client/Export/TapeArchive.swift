/// The parts of a tar archive (POSIX.1-2001 pax): headers for files and directories, and the end.
enum TapeArchive {
    static let blockLength = 512
    /// What stands in the eleven octal digits of a header; a longer file says it in a pax record.
    private static let maximumOctal: UInt64 = 0o777_7777_7777

    /// What stands before a file's bytes.
    ///
    /// - Parameter time: Seconds since 1970.
    static func header(file path: String, size: UInt64, time: UInt64) -> [UInt8] {
        var records: [String] = []
        if !fits(path) { records.append(record("path", path)) }
        if size > maximumOctal { records.append(record("size", "\(size)")) }
        let own = block(Array(path.utf8.prefix(100)), size: min(size, maximumOctal), time: time, type: "0")
        guard !records.isEmpty else { return own }
        let body = Array(records.joined().utf8)
        return block(Array("pax".utf8), size: UInt64(body.count), time: time, type: "x") + body
            + padding(after: UInt64(body.count)) + own
    }

    /// What fills a file up to whole blocks.
    static func padding(after size: UInt64) -> [UInt8] {
        let rest = Int(size % UInt64(blockLength))
        return [UInt8](repeating: 0, count: rest == 0 ? 0 : blockLength - rest)
    }

    /// What ends an archive.
    static let end = [UInt8](repeating: 0, count: 2 * blockLength)

    private static func fits(_ path: String) -> Bool { path.utf8.count <= 100 && path.utf8.allSatisfy { $0 < 128 } }

    /// `length key=value`, the length being that of the whole line in decimal digits, its own included.
    private static func record(_ key: String, _ value: String) -> String {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count
        while "\(length)".utf8.count + rest.utf8.count != length { length = "\(length)".utf8.count + rest.utf8.count }
        return "\(length)\(rest)"
    }

    private static func block(_ name: [UInt8], size: UInt64, time: UInt64, type: Character) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockLength)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000600".utf8, at: 100)
        put("0000000".utf8, at: 108)
        put("0000000".utf8, at: 116)
        put(octal(size, digits: 11).utf8, at: 124)
        put(octal(time, digits: 11).utf8, at: 136)
        put("        ".utf8, at: 148)
        put(String(type).utf8, at: 156)
        put("ustar\u{0}00".utf8, at: 257)
        let sum = block.reduce(UInt64(0)) { $0 + UInt64($1) }
        put((octal(sum, digits: 6) + "\u{0} ").utf8, at: 148)
        return block
    }

    private static func octal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
