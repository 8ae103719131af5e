/// Seals and opens segments, in any number of threads: each call has a context of its own, which costs 2 µs.
struct SegmentCipher: Sendable {
    let layout: DocumentLayout
    private let key: SecretBytes

    init(layout: DocumentLayout, key: SecretBytes) {
        self.layout = layout
        self.key = key
    }

    /// Seals a block in place.
    ///
    /// - Parameter buffer: The plaintext of each segment, and behind it room for its tag.
    func seal(block: Int, in buffer: UnsafeMutableRawBufferPointer) {
        let cipher = AESGCM(key: key)
        var rest = buffer[...]
        for segment in layout.segments(ofBlock: block) {
            let output = rest.prefix(layout.length(ofSegment: segment) + AESGCM.tagLength)
            rest = rest.dropFirst(output.count)
            cipher.seal(
                UnsafeRawBufferPointer(rebasing: output.dropLast(AESGCM.tagLength)),
                nonce: layout.nonce(ofSegment: segment), into: UnsafeMutableRawBufferPointer(rebasing: output))
        }
    }

    /// - Parameter bytes: The sealed segments one after the other, of exactly their length.
    func open(_ segments: Range<UInt64>, _ bytes: ArraySlice<UInt8>) throws(DocumentRejection) -> [UInt8] {
        let length = layout.length(of: segments)
        var damaged: UInt64?
        let plaintext = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            damaged = bytes.withUnsafeBytes { open(segments, $0, into: UnsafeMutableRawBufferPointer(buffer)) }
            count = damaged == nil ? length : 0
        }
        if let damaged { throw .damagedSegment(damaged) }
        return plaintext
    }

    /// - Returns: The first segment whose tag does not match.
    private func open(
        _ segments: Range<UInt64>, _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
    ) -> UInt64? {
        let cipher = AESGCM(key: key)
        var start = 0
        var written = 0
        for segment in segments {
            let length = layout.length(ofSegment: segment)
            let opened = cipher.open(
                UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length + AESGCM.tagLength)]),
                nonce: layout.nonce(ofSegment: segment),
                into: UnsafeMutableRawBufferPointer(rebasing: out[written..<(written + length)]))
            guard opened else { return segment }
            start += length + AESGCM.tagLength
            written += length
        }
        return nil
    }
}
