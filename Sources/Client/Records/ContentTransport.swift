public import Cryptography

/// Where sealed content is sent to and fetched from: the nodes, through their API, and in tests a dictionary.
public protocol ContentTransport: Sendable {
    /// How many nodes may be asked for content.
    var sources: Int { get }

    /// Which of these a node has not.
    func missing(among ids: [ContentID]) async throws -> [ContentID]

    /// Stores content on as many nodes as the consortium asks for.
    ///
    /// - Returns: How many have it on disk.
    func put(_ bytes: [UInt8], named id: ContentID) async throws -> Int

    /// Fetches content, or the given bytes of it.
    ///
    /// - Parameter source: Whom to ask, below ``sources``; nothing for whoever answers best.
    func get(_ id: ContentID, range: Range<Int>?, from source: Int?) async throws -> [UInt8]
}

/// How far a long transfer is.
public struct TransferProgress: Hashable, Sendable {
    /// Bytes that are done.
    public let completed: UInt64
    /// Bytes in all.
    public let total: UInt64

    /// A point of a transfer.
    public init(completed: UInt64, total: UInt64) {
        self.completed = completed
        self.total = total
    }
}

/// Why a record could not be stored or opened.
public enum RecordFailure: Error, Sendable {
    /// A file cannot be read or written; with the system's `errno`.
    case file(path: String, code: Int32)
    /// The document has more than 32 GiB, or changed while it was read.
    case source(SealingFailure)
    /// What the nodes gave does not pass for the document.
    case rejected(DocumentRejection)
    /// No node gave the content.
    case unavailable(ContentID)
    /// The record on the ledger cannot be used: the named field is wrong.
    case invalidRecord(field: String)
}

/// Asks one node after the other for content until what comes is right.
struct ContentFetcher: Sendable {
    let transport: any ContentTransport

    /// - Parameter check: Turns the bytes into what they are good for, or refuses them.
    func fetch<Value>(
        _ id: ContentID, range: Range<Int>? = nil, check: ([UInt8]) throws(DocumentRejection) -> Value
    ) async throws -> Value {
        var rejection: DocumentRejection?
        for source in [nil] + (0..<transport.sources).map({ Int?.some($0) }) {
            try Task.checkCancellation()
            guard let bytes = try? await transport.get(id, range: range, from: source) else { continue }
            do throws(DocumentRejection) { return try check(bytes) } catch { rejection = error }
        }
        throw rejection.map { RecordFailure.rejected($0) } ?? .unavailable(id)
    }
}
