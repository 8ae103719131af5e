public import Cryptography

#if canImport(Glibc)
    internal import Glibc
#endif

/// Bytes with the content id that names them: nothing else gets into a store.
public struct Content: Sendable {
    /// The most bytes that one name stands for: more than the largest block and the largest manifest.
    public static let maximumLength = 4 << 20

    /// The name.
    public let id: ContentID
    /// What it names.
    public let bytes: [UInt8]

    /// Compares bytes from outside with their name. About 0.6 ms a mebibyte.
    public init(_ bytes: [UInt8], named id: ContentID) throws(ContentFailure) {
        guard bytes.count <= Self.maximumLength else { throw .tooLong(limit: Self.maximumLength) }
        guard id.names(bytes) else { throw .wrongContent(id) }
        self.id = id
        self.bytes = bytes
    }

    /// Names bytes of our own.
    public init(_ bytes: [UInt8], format: ContentID.Format = .raw) throws(ContentFailure) {
        guard bytes.count <= Self.maximumLength else { throw .tooLong(limit: Self.maximumLength) }
        id = ContentID(of: bytes, format: format)
        self.bytes = bytes
    }
}

/// Why a store did not take or give content.
public enum ContentFailure: Error, Hashable, Sendable {
    /// The bytes are not what their name says.
    case wrongContent(ContentID)
    /// More bytes than a store takes under one name.
    case tooLong(limit: Int)
    /// The disk is nearly full, and the rest belongs to the chain.
    case full
    /// What the disk gives is not what was stored.
    case damaged(ContentID)
    /// Another process uses the directory.
    case inUse
    /// The system refused a call with this `errno`.
    case system(call: String, code: Int32)
}

extension ContentFailure: CustomStringConvertible {
    /// One clear sentence.
    public var description: String {
        switch self {
        case .wrongContent(let id): "the bytes are not what \(id) names"
        case .tooLong(let limit): "content has at most \(limit) bytes"
        case .full: "the disk of the content store is nearly full"
        case .damaged(let id): "content \(id) is damaged"
        case .inUse: "another process uses the content store"
        case .system(let call, let code):
            "the content store cannot be used: \(call): \(String(cString: strerror(code)))"
        }
    }
}

/// What a store knows of content without reading it.
public struct StoredContent: Hashable, Sendable {
    /// Its name.
    public let id: ContentID
    /// Its bytes.
    public let size: Int
    /// How long ago it was last put.
    public let age: Duration

    /// What a store knows.
    public init(id: ContentID, size: Int, age: Duration) {
        self.id = id
        self.size = size
        self.age = age
    }
}

/// Sealed documents by their hash, off the chain and erasable.
///
/// A store holds ciphertext only and can be wrong only by losing it: what it gives is compared with its name.
public protocol ContentStore: Sendable {
    /// Stores content. When this returns, all of it survives a power cut; content that was there is young again.
    ///
    /// - Throws: ``ContentFailure/full`` and others; some of the content may then have been stored.
    func put(_ contents: [Content]) async throws(ContentFailure)

    /// Gives content, or nothing if it is not there.
    ///
    /// - Throws: ``ContentFailure/damaged(_:)`` rather than wrong bytes.
    func get(_ id: ContentID) async throws(ContentFailure) -> Content?

    /// Whether content is there, without reading it.
    func contains(_ id: ContentID) async throws(ContentFailure) -> Bool

    /// Removes content for good: when this returns, it does not come back after a power cut.
    ///
    /// - Parameter age: Only if it was last put at least so long ago.
    /// - Returns: Whether it was there and has been removed.
    @discardableResult
    func remove(_ id: ContentID, ifOlderThan age: Duration) async throws(ContentFailure) -> Bool

    /// All content whose hash begins with this byte, in the order of their names.
    func list(shard: UInt8) async throws(ContentFailure) -> [StoredContent]
}

extension ContentStore {
    /// Removes content whatever its age.
    @discardableResult
    public func remove(_ id: ContentID) async throws(ContentFailure) -> Bool {
        try await remove(id, ifOlderThan: .zero)
    }

    /// Which of these are not there, in the given order.
    public func missing(among ids: [ContentID]) async throws(ContentFailure) -> [ContentID] {
        var missing: [ContentID] = []
        for id in ids { if try await !contains(id) { missing.append(id) } }
        return missing
    }
}

extension ContentID {
    /// The first byte of the hash, by which stores divide their content.
    var shard: UInt8 { digest.nibble(at: 0) << 4 | digest.nibble(at: 1) }
}
