public import Codec
public import Cryptography
public import Ledger

/// Asks a validator to re-encrypt for a final access request: the one-time X-Wing key whose digest the request holds.
public struct FragmentRequest: Hashable, Sendable {
    /// What the answers are sealed to.
    public let replyKey: SealingPublicKey

    /// A request.
    public init(replyKey: SealingPublicKey) { self.replyKey = replyKey }
}

extension FragmentRequest: CBORCodable {
    /// Reads `[reply key]`.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 1)
        replyKey = try reader.read()
    }

    /// Appends `[reply key]`.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(1)
        writer.write(replyKey)
    }
}

/// A validator's re-encryptions for one access request: `[validator, [[document, sealed fragment]…]]`.
public struct FragmentReply: Hashable, Sendable {
    /// One document's.
    public struct Fragment: Hashable, Sendable {
        /// The longest sealed fragment.
        static let maximumLength = 4096

        /// The document.
        public let document: DocumentID
        /// The capsule fragment, sealed to the reply key.
        public let sealed: [UInt8]

        /// A fragment.
        public init(document: DocumentID, sealed: [UInt8]) {
            self.document = document
            self.sealed = sealed
        }
    }

    /// Who re-encrypted.
    public let validator: ValidatorID
    /// One a document of the request.
    public let fragments: [Fragment]

    /// An answer.
    public init(validator: ValidatorID, fragments: [Fragment]) {
        self.validator = validator
        self.fragments = fragments
    }
}

extension FragmentReply: CBORCodable {
    /// Reads both items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        validator = try reader.read()
        fragments = try reader.readArray(max: RequestAccess.maximumDocuments)
    }

    /// Appends both items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(validator)
        writer.write(array: fragments)
    }
}

extension FragmentReply.Fragment: CBORCodable {
    /// Reads both items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        document = try reader.read()
        sealed = try reader.readBytes(max: Self.maximumLength)
    }

    /// Appends both items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(document)
        writer.write(bytes: sealed)
    }
}

/// What a validator answers when it has stored its fragment of a grant: `[grant, validator]`. Its acknowledgement follows
/// on the chain.
public struct DepositReply: Hashable, Sendable {
    /// The grant.
    public let grant: GrantID
    /// Who holds the fragment now.
    public let validator: ValidatorID

    /// An answer.
    public init(grant: GrantID, validator: ValidatorID) {
        self.grant = grant
        self.validator = validator
    }
}

extension DepositReply: CBORCodable {
    /// Reads both items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        grant = try reader.read()
        validator = try reader.read()
    }

    /// Appends both items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(grant)
        writer.write(validator)
    }
}

/// Content by its ids: what a client asks about, and of which the node answers with what it has not. An array.
public struct ContentList: Hashable, Sendable {
    /// The most ids.
    public static let maximumCount = 1024

    /// The ids.
    public let ids: [ContentID]

    /// - Precondition: At most ``maximumCount``.
    public init(_ ids: [ContentID]) {
        precondition(ids.count <= Self.maximumCount, "a list of content has at most 1024 ids")
        self.ids = ids
    }
}

extension ContentList: CBORCodable {
    /// Reads the array.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        ids = try reader.readArray(max: Self.maximumCount)
    }

    /// Appends the array.
    public func encode(to writer: inout CBORWriter) { writer.write(array: ids) }
}

/// What a node answers to an upload: `[content id, copies, copies required]`.
public struct UploadReply: Hashable, Sendable {
    /// What was stored.
    public let id: ContentID
    /// Nodes that have it on disk.
    public let copies: Int
    /// Nodes that must have it before it counts as kept.
    public let required: Int

    /// An answer.
    public init(id: ContentID, copies: Int, required: Int) {
        self.id = id
        self.copies = copies
        self.required = required
    }
}

extension UploadReply: CBORCodable {
    /// Reads the three items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        id = try reader.read()
        copies = try reader.readInt(max: 1024)
        required = try reader.readInt(max: 1024)
    }

    /// Appends the three items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(id)
        writer.write(UInt64(copies))
        writer.write(UInt64(required))
    }
}
