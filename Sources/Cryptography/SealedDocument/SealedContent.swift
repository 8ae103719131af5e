/// The content of a sealed document whose size is known.
public struct SealedContent: Sendable {
    /// The content's bytes.
    public let size: UInt64
    private let manifest: Manifest
    private let cipher: SegmentCipher

    init(size: UInt64, manifest: Manifest, cipher: SegmentCipher) {
        self.size = size
        self.manifest = manifest
        self.cipher = cipher
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
    /// Several pieces may be opened at once, each in its own thread. About 1 ms a block.
    public func open(_ piece: SealedPiece, _ bytes: [UInt8]) throws(DocumentRejection) -> ArraySlice<UInt8> {
        guard bytes.count == piece.sealedRange.count else { throw .wrongLength(block: piece.block) }
        if piece.isWholeBlock { guard piece.id.names(bytes) else { throw .wrongContent(piece.id) } }
        let plaintext = try cipher.open(piece.segments, bytes[...])
        let content = plaintext.dropFirst(piece.segments.lowerBound == 0 ? DocumentLayout.headerLength : 0)
        return content.prefix(range(of: piece).count)
    }
}
