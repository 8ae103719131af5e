public import Codec

/// What a sealed document consists of: the list of its blocks and what it takes to check them.
///
/// Encoded as a DAG-CBOR map `{v, ctx, mac, salt, size, suite, blocks, commit, segment, blockSegments}`, which other
/// tools can follow from block to block. The content id of those bytes is the document's: CIDv1, dag-cbor, sha2-256.
/// Whoever stores a document can read its manifest; only a holder of the key can tell whether it is genuine.
public struct Manifest: Hashable, Sendable {
    /// The one suite: keys by HKDF-SHA256, segments by AES-256-GCM with counted nonces, HMAC-SHA256 over the manifest.
    public static let suite = "HKDF-SHA256/A256GCM-STREAM/HMAC-SHA256"
    /// Bytes of a salt.
    public static let saltLength = 16
    /// Bytes of the largest manifest: 41 for each block, and the rest.
    public static let maximumLength = DocumentLayout.maximumBlocks * 41 + 512

    /// How the padded plaintext is cut up.
    public let layout: DocumentLayout
    /// What sets this sealing apart from another with the same key.
    public let salt: [UInt8]
    /// Names the key; also on the chain.
    public let commitment: Digest
    /// The scope and the author, hashed: ``DocumentContext``.
    public let context: Digest
    /// The blocks in order.
    public let blocks: [ContentID]
    /// HMAC-SHA256 over the same map without this entry.
    public let authentication: Digest

    package init(
        layout: DocumentLayout, salt: [UInt8], commitment: Digest, context: Digest, blocks: [ContentID],
        authenticate: ([UInt8]) -> Digest
    ) {
        precondition(blocks.count == layout.blockCount, "every block is listed")
        self.layout = layout
        self.salt = salt
        self.commitment = commitment
        self.context = context
        self.blocks = blocks
        let message = Self.encode(layout, salt, commitment, context, blocks, authentication: nil)
        authentication = authenticate(message)
    }

    /// The bytes that ``authentication`` covers.
    var authenticatedBytes: [UInt8] { Self.encode(layout, salt, commitment, context, blocks, authentication: nil) }

    /// The document's content id.
    public var id: ContentID { ContentID(of: encoded, format: .dagCBOR) }

    private static func encode(
        _ layout: DocumentLayout, _ salt: [UInt8], _ commitment: Digest, _ context: Digest, _ blocks: [ContentID],
        authentication: Digest?
    ) -> [UInt8] {
        var writer = CBORWriter(capacity: blocks.count * 41 + 512)
        writer.beginMap(authentication == nil ? 9 : 10)
        writer.write(text: "v")
        writer.write(1)
        writer.write(text: "ctx")
        writer.write(context)
        if let authentication {
            writer.write(text: "mac")
            writer.write(authentication)
        }
        writer.write(text: "salt")
        writer.write(bytes: salt)
        writer.write(text: "size")
        writer.write(layout.size)
        writer.write(text: "suite")
        writer.write(text: suite)
        writer.write(text: "blocks")
        writer.beginArray(blocks.count)
        for block in blocks { writer.write(link: block) }
        writer.write(text: "commit")
        writer.write(commitment)
        writer.write(text: "segment")
        writer.write(UInt64(DocumentLayout.segmentLength))
        writer.write(text: "blockSegments")
        writer.write(UInt64(DocumentLayout.blockSegments))
        return writer.bytes
    }
}

extension Manifest: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.write(
            encoded: Self.encode(layout, salt, commitment, context, blocks, authentication: authentication))
    }

    /// Reads a manifest of which every entry is permitted. Whether it is genuine is for the key to say.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard try reader.readMapCount(max: 10) == 10 else { throw .invalid(field: "manifest") }
        try reader.readKey("v")
        guard try reader.readUnsigned() == 1 else { throw .invalid(field: "v") }
        try reader.readKey("ctx")
        context = try reader.read()
        try reader.readKey("mac")
        authentication = try reader.read()
        try reader.readKey("salt")
        salt = Array(try reader.readBytes(exactly: Self.saltLength))
        try reader.readKey("size")
        guard let layout = DocumentLayout(size: try reader.readUnsigned()) else { throw .invalid(field: "size") }
        self.layout = layout
        try reader.readKey("suite")
        guard try reader.readText(max: 64) == Self.suite else { throw .invalid(field: "suite") }
        try reader.readKey("blocks")
        try reader.readArray(count: layout.blockCount)
        var blocks: [ContentID] = []
        for _ in 0..<layout.blockCount {
            let block = try reader.readLink()
            guard block.format == .raw else { throw .invalid(field: "blocks") }
            blocks.append(block)
        }
        self.blocks = blocks
        try reader.readKey("commit")
        commitment = try reader.read()
        try reader.readKey("segment")
        guard try reader.readUnsigned() == UInt64(DocumentLayout.segmentLength) else {
            throw .invalid(field: "segment")
        }
        try reader.readKey("blockSegments")
        guard try reader.readUnsigned() == UInt64(DocumentLayout.blockSegments) else {
            throw .invalid(field: "blockSegments")
        }
    }
}

extension CBORReader {
    fileprivate mutating func readKey(_ key: String) throws(DecodingFailure) {
        guard try readText(max: 16) == key else { throw .invalid(field: key) }
    }

    /// Reads a DAG-CBOR link: tag 42 over a zero byte and the identifier.
    fileprivate mutating func readLink() throws(DecodingFailure) -> ContentID {
        try readTag(42)
        let bytes = try readBytes(exactly: ContentID.length + 1)
        guard bytes.first == 0, let id = ContentID(bytes.dropFirst()) else { throw .invalid(field: "link") }
        return id
    }
}

extension CBORWriter {
    fileprivate mutating func write(link: ContentID) {
        write(tag: 42)
        write(bytes: [0] + link.bytes)
    }
}
