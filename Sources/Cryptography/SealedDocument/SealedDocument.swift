internal import Codec

/// A sealed document whose manifest has been checked against the chain and the key.
///
/// Its content opens in any order, piece by piece: fetch the first segment, learn the size (``content(beginning:)``),
/// then open whatever ``SealedContent/pieces(covering:)`` lists.
public struct SealedDocument: Sendable {
    /// The checked manifest.
    public let manifest: Manifest
    private let cipher: SegmentCipher

    /// Checks a manifest.
    ///
    /// - Parameters:
    ///   - manifest: Bytes from whoever stores them.
    ///   - id: The content id that the chain names.
    ///   - context: The scope and the author on the chain.
    ///   - commitment: The key commitment on the chain.
    public init(
        manifest bytes: [UInt8], id: ContentID, key: DocumentKey, context: DocumentContext, commitment: Digest
    ) throws(DocumentRejection) {
        guard id.format == .dagCBOR, bytes.count <= Manifest.maximumLength, id.names(bytes) else {
            throw .wrongContent(id)
        }
        do { manifest = try Manifest(decoding: bytes) } catch { throw .malformedManifest(error) }
        guard manifest.context == context.digest else { throw .wrongContext }
        let keys = key.schedule(salt: manifest.salt)
        guard manifest.commitment == commitment, keys.commitment == commitment else { throw .wrongKey }
        guard keys.authenticate(manifest.authenticatedBytes) == manifest.authentication else { throw .forgedManifest }
        cipher = SegmentCipher(layout: manifest.layout, key: keys.payload)
    }

    /// Where the true size stands: the first segment of the first block.
    public var beginning: SealedPiece {
        SealedPiece(block: 0, id: manifest.blocks[0], segments: 0..<1, layout: manifest.layout)
    }

    /// The plaintext of a piece, header and padding included.
    package func plaintext(of piece: SealedPiece, _ bytes: [UInt8]) throws(DocumentRejection) -> [UInt8] {
        try cipher.open(piece.segments, bytes[...])
    }

    /// Learns the true size.
    ///
    /// - Parameter bytes: ``beginning``, or the whole first block.
    public func content(beginning bytes: [UInt8]) throws(DocumentRejection) -> SealedContent {
        let length = beginning.sealedRange.count
        guard bytes.count >= length else { throw .wrongLength(block: 0) }
        let head = try cipher.open(0..<1, bytes[..<length])
        let size = head.prefix(DocumentLayout.headerLength).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard DocumentLayout(contentSize: size) == manifest.layout else { throw .wrongSize }
        return SealedContent(size: size, manifest: manifest, cipher: cipher)
    }
}

/// Some segments of one block, as they lie in it.
public struct SealedPiece: Hashable, Sendable {
    /// The block's place in the document.
    public let block: Int
    /// The block's name.
    public let id: ContentID
    /// Which segments of the document.
    public let segments: Range<UInt64>
    /// Where they lie in the block, in bytes.
    public let sealedRange: Range<Int>
    /// Whether that is the whole block.
    public let isWholeBlock: Bool

    package init(block: Int, id: ContentID, segments: Range<UInt64>, layout: DocumentLayout) {
        self.block = block
        self.id = id
        self.segments = segments
        let start = Int(segments.lowerBound % UInt64(DocumentLayout.blockSegments)) * DocumentLayout.sealedSegmentLength
        sealedRange = start..<(start + layout.length(of: segments) + segments.count * AESGCM.tagLength)
        isWholeBlock = segments == layout.segments(ofBlock: block)
    }
}
