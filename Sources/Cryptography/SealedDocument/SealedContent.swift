/// The content of a sealed document whose size is known.
public struct SealedContent {
    /// The content's bytes.
    public let size: UInt64
    private let manifest: Manifest
    private let opener: SegmentOpener

    init(size: UInt64, manifest: Manifest, opener: SegmentOpener) {
        self.size = size
        self.manifest = manifest
        self.opener = opener
    }

    /// What to fetch to read `range` of the content, in order; a piece a block at most.
    ///
    /// - Parameter range: Is cut to what there is.
    public func pieces(covering range: Range<UInt64>) -> [SealedPiece] {
        let range = range.clamped(to: 0..<size)
        guard !range.isEmpty else { return [] }
        let header = UInt64(DocumentLayout.headerLength)
        let segment = UInt64(DocumentLayout.segmentLength)
        let wanted = (range.lowerBound + header) / segment..<((range.upperBound + header - 1) / segment + 1)
        let perBlock = UInt64(DocumentLayout.blockSegments)
        return (Int(wanted.lowerBound / perBlock)...Int((wanted.upperBound - 1) / perBlock)).map { block in
            let segments = manifest.layout.segments(ofBlock: block).clamped(to: wanted)
            return SealedPiece(block: block, id: manifest.blocks[block], segments: segments, layout: manifest.layout)
        }
    }

    /// Where the content of a piece lies in the document.
    public func range(of piece: SealedPiece) -> Range<UInt64> {
        let header = UInt64(DocumentLayout.headerLength)
        let start = piece.segments.lowerBound * UInt64(DocumentLayout.segmentLength)
        let end = start + UInt64(manifest.layout.length(of: piece.segments))
        let lower = max(start, header) - header
        return lower..<max(lower, min(end - header, size))
    }

    /// Opens a piece: checks it whole, then hands out its content without header and padding.
    ///
    /// A whole block is also compared with its content id, so that who delivered a wrong one is known to have done so.
    public func open(_ piece: SealedPiece, _ bytes: [UInt8]) throws(DocumentRejection) -> ArraySlice<UInt8> {
        guard bytes.count == piece.sealedRange.count else { throw .wrongLength(block: piece.block) }
        if piece.isWholeBlock { guard piece.id.names(bytes) else { throw .wrongContent(piece.id) } }
        let plaintext = try opener.open(piece.segments, bytes[...])
        let content = plaintext.dropFirst(piece.segments.lowerBound == 0 ? DocumentLayout.headerLength : 0)
        return content.prefix(range(of: piece).count)
    }
}

/// Opens runs of segments.
struct SegmentOpener {
    let layout: DocumentLayout
    private let cipher: AESGCM

    init(layout: DocumentLayout, key: SecretBytes) {
        self.layout = layout
        cipher = AESGCM(key: key)
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
