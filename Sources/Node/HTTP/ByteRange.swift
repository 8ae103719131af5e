/// A single range of RFC 9110 section 14.1.2 over content of a known length: `bytes=a-b`, `bytes=a-` or `bytes=-n`.
package enum ByteRange {
    /// - Returns: Nothing where the text is no such range, or none of it is there.
    package static func parse(_ text: String, length: Int) -> Range<Int>? {
        guard text.hasPrefix("bytes="), length > 0 else { return nil }
        let parts = text.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[0].isEmpty {
            guard let count = Int(parts[1]), count > 0 else { return nil }
            return max(0, length - count)..<length
        }
        guard let first = Int(parts[0]), first >= 0, first < length else { return nil }
        if parts[1].isEmpty { return first..<length }
        guard let last = Int(parts[1]), last >= first else { return nil }
        // A last byte beyond the end is allowed, as far as the largest number there is.
        return first..<(min(last, length - 1) + 1)
    }
}
