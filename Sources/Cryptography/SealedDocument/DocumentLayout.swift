/// Where the bytes of a padded plaintext lie once they are sealed: segments of 64 KiB, each with its tag, and blocks of
/// 16 segments.
public struct DocumentLayout: Hashable, Sendable {
    /// Bytes of plaintext in every segment but the last.
    public static let segmentLength = 65_536
    /// Bytes of a sealed segment but the last.
    public static let sealedSegmentLength = segmentLength + AESGCM.tagLength
    /// Segments in every block but the last.
    public static let blockSegments = 16
    /// Bytes of the largest block.
    public static let maximumBlockLength = blockSegments * sealedSegmentLength
    /// The most blocks that a document has: 32 GiB of plaintext.
    public static let maximumBlocks = 32_768
    /// The largest padded plaintext.
    public static let maximumSize = UInt64(maximumBlocks * blockSegments * segmentLength)
    /// The true size stands before the content, big-endian.
    public static let headerLength = 8

    /// Bytes of padded plaintext, header included.
    public let size: UInt64

    /// - Parameter size: A Padmé size that holds the header and is at most ``maximumSize``; nothing else has a layout.
    public init?(size: UInt64) {
        guard size >= UInt64(Self.headerLength), size <= Self.maximumSize, Padme.isPadded(size) else { return nil }
        self.size = size
    }

    /// The layout of a document of `contentSize` bytes, or nothing if that is too large.
    public init?(contentSize: UInt64) {
        guard contentSize <= Self.maximumSize else { return nil }
        self.init(size: Padme.paddedSize(of: contentSize + UInt64(Self.headerLength)))
    }

    /// Segments in all.
    public var segmentCount: UInt64 { (size - 1) / UInt64(Self.segmentLength) + 1 }

    /// Blocks in all.
    public var blockCount: Int { Int((segmentCount - 1) / UInt64(Self.blockSegments)) + 1 }

    /// The segments of a block.
    public func segments(ofBlock block: Int) -> Range<UInt64> {
        let first = UInt64(block * Self.blockSegments)
        return first..<min(first + UInt64(Self.blockSegments), segmentCount)
    }

    /// Bytes of plaintext in a segment.
    public func length(ofSegment segment: UInt64) -> Int {
        Int(min(size - segment * UInt64(Self.segmentLength), UInt64(Self.segmentLength)))
    }

    /// Bytes of plaintext in a run of segments.
    func length(of segments: Range<UInt64>) -> Int {
        (segments.count - 1) * Self.segmentLength + length(ofSegment: segments.upperBound - 1)
    }

    /// Bytes of a sealed block.
    public func sealedLength(ofBlock block: Int) -> Int {
        let segments = segments(ofBlock: block)
        return length(of: segments) + segments.count * AESGCM.tagLength
    }

    /// The nonce of a segment: its number in 11 bytes, big-endian, and whether it is the last (the STREAM construction;
    /// SP 800-38D 8.2.1 with a key that seals one document).
    func nonce(ofSegment segment: UInt64) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: AESGCM.nonceLength)
        for byte in 0..<8 { nonce[10 - byte] = UInt8(truncatingIfNeeded: segment >> UInt64(byte * 8)) }
        nonce[11] = segment == segmentCount - 1 ? 1 : 0
        return nonce
    }
}
