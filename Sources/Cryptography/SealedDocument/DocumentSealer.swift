internal import Dispatch

/// A piece of a sealed document, the unit of upload, storage and replication.
public struct SealedBlock: Sendable {
    /// Its place in the document, from 0.
    public let index: Int
    /// Its name: the raw content id of ``bytes``.
    public let id: ContentID
    /// At most ``DocumentLayout/maximumBlockLength`` bytes.
    public let bytes: [UInt8]

    package init(index: Int, id: ContentID, bytes: [UInt8]) {
        self.index = index
        self.id = id
        self.bytes = bytes
    }
}

/// Why a document could not be sealed; the source's doing.
public enum SealingFailure: Error, Hashable, Sendable {
    /// The document is above ``DocumentLayout/maximumSize``.
    case tooLarge
    /// The source ended after so many bytes, before the size that was announced.
    case sourceEnded(at: UInt64)
    /// The source has more bytes than were announced.
    case sourceContinues(after: UInt64)
}

/// Seals a document block by block in a block's memory, whatever the document's size.
///
/// Ask for blocks until there is none, then for the manifest. About 1 ms a block and core.
public struct DocumentSealer: ~Copyable {
    /// How the document is cut up.
    public let layout: DocumentLayout
    /// Names the key; goes on the chain beside the manifest's content id.
    public var commitment: Digest { keys.commitment }

    private let contentSize: UInt64
    private let salt: [UInt8]
    private let context: DocumentContext
    private let keys: DocumentKeySchedule
    private let read: (UnsafeMutableRawBufferPointer) throws -> Int
    private var contentRead: UInt64 = 0
    private var blocks: [ContentID] = []

    /// - Parameters:
    ///   - contentSize: The document's size, which the source must keep to.
    ///   - context: Where the document belongs.
    ///   - read: Fills the beginning of the buffer with the bytes that come next and returns how many, 0 at the end.
    public init(
        contentSize: UInt64, key: DocumentKey, context: DocumentContext,
        read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(SealingFailure) {
        try self.init(
            contentSize: contentSize, key: key, context: context, salt: SystemRandom.bytes(Manifest.saltLength),
            read: read)
    }

    /// - Parameter salt: 16 bytes, never used twice with one key.
    package init(
        contentSize: UInt64, key: DocumentKey, context: DocumentContext, salt: [UInt8],
        read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(SealingFailure) {
        precondition(salt.count == Manifest.saltLength, "a salt has 16 bytes")
        guard let layout = DocumentLayout(contentSize: contentSize) else { throw .tooLarge }
        self.layout = layout
        self.contentSize = contentSize
        self.salt = salt
        self.context = context
        keys = key.schedule(salt: salt)
        self.read = read
    }

    /// Seals the next block, or returns nothing after the last.
    ///
    /// - Throws: What the source throws, or ``SealingFailure``; the sealer is then of no further use.
    public mutating func nextBlock() throws -> SealedBlock? {
        let indices = nextIndices(atMost: 1)
        var contents = try read(indices)
        let ids = seal(&contents, indices) { _, _, _ in }
        blocks += ids
        return ids.first.map { SealedBlock(index: indices.lowerBound, id: $0, bytes: contents[0]) }
    }

    /// Seals the next blocks, each in a thread of its own, and hands each out in that thread, so that what is done with
    /// one, such as writing it, does not keep the others waiting.
    ///
    /// - Parameters:
    ///   - count: As many as there are cores to spare.
    ///   - take: Gets a block's place in the document and its bytes; called at the same time for several blocks.
    /// - Returns: How many blocks there were; 0 after the last.
    /// - Throws: What the source or `take` throws, or ``SealingFailure``; the sealer is then of no further use.
    public mutating func sealBlocks(
        atMost count: Int, take: @Sendable (Int, ArraySlice<UInt8>) throws -> Void
    ) throws -> Int {
        let indices = nextIndices(atMost: count)
        var contents = try read(indices)
        var failures = indices.map { _ -> (any Error)? in nil }
        let ids = failures.withUnsafeMutableBufferPointer { failures in
            // Each thread has a place of its own.
            nonisolated(unsafe) let failures = failures
            return seal(&contents, indices) { place, index, bytes in
                do { try take(index, bytes[...]) } catch { failures[place] = error }
            }
        }
        if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
        blocks += ids
        return indices.count
    }

    private func nextIndices(atMost count: Int) -> Range<Int> {
        blocks.count..<min(blocks.count + count, layout.blockCount)
    }

    /// The source is read by one thread, in order.
    private mutating func read(_ indices: Range<Int>) throws -> [[UInt8]] {
        let contents = try indices.map { try readBlock($0) }
        if !indices.isEmpty, indices.upperBound == layout.blockCount { try expectEnd() }
        return contents
    }

    /// The manifest of the blocks that were handed out, all of them.
    public consuming func finish() -> Manifest {
        precondition(blocks.count == layout.blockCount, "every block has been handed out")
        return Manifest(
            layout: layout, salt: salt, commitment: keys.commitment, context: context.digest, blocks: blocks,
            authenticate: keys.authenticate)
    }

    /// Reads each segment to where it is sealed in place.
    private mutating func readBlock(_ index: Int) throws -> [UInt8] {
        let length = layout.sealedLength(ofBlock: index)
        return try [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var rest = UnsafeMutableRawBufferPointer(buffer)[..<length]
            for segment in layout.segments(ofBlock: index) {
                var content = rest.prefix(layout.length(ofSegment: segment))
                rest = rest.dropFirst(content.count + AESGCM.tagLength)
                if segment == 0 {
                    UnsafeMutableRawBufferPointer(rebasing: content).storeBytes(
                        of: contentSize.bigEndian, as: UInt64.self)
                    content = content.dropFirst(DocumentLayout.headerLength)
                }
                try fill(UnsafeMutableRawBufferPointer(rebasing: content))
            }
            count = length
        }
    }

    /// Seals blocks in place, at the same time, and names them; then, still in its thread, does with each what is asked.
    private func seal(
        _ contents: inout [[UInt8]], _ indices: Range<Int>, then finish: @Sendable (Int, Int, [UInt8]) -> Void
    ) -> [ContentID] {
        var ids = indices.map { _ in ContentID(format: .raw, digest: .zero) }
        let cipher = SegmentCipher(layout: layout, key: keys.payload)
        ids.withUnsafeMutableBufferPointer { ids in
            contents.withUnsafeMutableBufferPointer { contents in
                // Each thread has a place of its own in both.
                nonisolated(unsafe) let (ids, contents) = (ids, contents)
                DispatchQueue.concurrentPerform(iterations: indices.count) { place in
                    contents[place].withUnsafeMutableBytes { cipher.seal(block: indices.lowerBound + place, in: $0) }
                    ids[place] = ContentID(of: contents[place])
                    finish(place, indices.lowerBound + place, contents[place])
                }
            }
        }
        return ids
    }

    /// Fills the buffer from the source, and behind the source's end with zeros.
    private mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws {
        let wanted = Int(min(UInt64(buffer.count), contentSize - contentRead))
        var filled = 0
        while filled < wanted {
            let count = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<wanted]))
            guard count > 0 else { throw SealingFailure.sourceEnded(at: contentRead) }
            precondition(count <= wanted - filled, "a source fills no more than the buffer")
            filled += count
            contentRead += UInt64(count)
        }
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).initializeMemory(as: UInt8.self, repeating: 0)
    }

    private func expectEnd() throws {
        let more = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try read($0) }
        guard more == 0 else { throw SealingFailure.sourceContinues(after: contentSize) }
    }
}
