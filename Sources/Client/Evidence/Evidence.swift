public import API
public import Codec
public import Ledger

/// A file that proves complete histories to whoever has the genesis file, without any node:
/// `[2, chain, [boundary…], [[page…]…]]`.
///
/// The boundaries lead from the genesis file's validators to those of the newest page. A file of version 1,
/// `[1, chain, [[page…]…]]`, has none: it is of a chain whose validators had not changed.
///
/// The first history is the subject's own; those of the grants under which it was asked for follow, so that each access
/// can be judged. Each page holds entries, the proof of the whole history's length and head, and the transactions.
public struct Evidence: Hashable, Sendable {
    /// The version of the format.
    public static let version: UInt64 = 2
    /// The most bytes of a file.
    public static let maximumBytes = 256 << 20
    private static let maximumHistories = 4096
    private static let maximumPages = 65_536
    private static let maximumBoundaries = 65_536

    /// The chain.
    public let chain: ChainID
    /// How the validators have changed since the genesis file, from the first change on.
    public let boundaries: [EpochBoundary]
    /// The pages of each history, from its first entry on.
    public let histories: [[EvidenceReply]]

    /// What nodes answered, not yet judged.
    ///
    /// - Precondition: There is a history, and no history is without a page.
    public init(chain: ChainID, boundaries: [EpochBoundary] = [], histories: [[EvidenceReply]]) {
        precondition(!histories.isEmpty && histories.allSatisfy { !$0.isEmpty }, "evidence is about something")
        self.chain = chain
        self.boundaries = boundaries
        self.histories = histories
    }

    /// What the evidence is about.
    public var subject: Subject { histories[0][0].history.subject }
}

extension Evidence: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let items = try reader.readArrayCount(max: 4)
        guard items > 0 else { throw .invalid(field: "evidence version") }
        let version = try reader.readUnsigned()
        guard (version, items) == (1, 3) || (version, items) == (Self.version, 4) else {
            throw .invalid(field: "evidence version")
        }
        chain = try reader.read()
        boundaries = version == 1 ? [] : try reader.readArray(max: Self.maximumBoundaries)
        // One evidence, one encoding: without boundaries it is a file of version 1.
        if version == Self.version, boundaries.isEmpty { throw .invalid(field: "boundaries") }
        let count = try reader.readArrayCount(max: Self.maximumHistories)
        guard count > 0 else { throw .invalid(field: "histories") }
        var histories: [[EvidenceReply]] = []
        for _ in 0..<count {
            let pages = try reader.readArray(of: EvidenceReply.self, max: Self.maximumPages)
            if pages.isEmpty { throw .invalid(field: "pages") }
            histories.append(pages)
        }
        self.histories = histories
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(boundaries.isEmpty ? 3 : 4)
        writer.write(boundaries.isEmpty ? 1 : Self.version)
        writer.write(chain)
        if !boundaries.isEmpty { writer.write(array: boundaries) }
        writer.beginArray(histories.count)
        for pages in histories { writer.write(array: pages) }
    }
}
