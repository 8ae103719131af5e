public import API
public import Codec
public import Ledger

/// A file that proves complete histories to whoever has the genesis file, without any node:
/// `[2, chain, [boundary…], [[page…]…], [registration…]]`; version 3 where the history of a document's scope is in it.
///
/// The boundaries lead from the genesis file's validators to those of the newest page; a chain whose validators have not
/// changed has none.
///
/// The first history is the subject's own; those of the grants under which it was asked for follow, so that each access
/// can be judged, of a document that of its scope, which says whom the patient denied it, and of an organisation those of
/// its staff where they are wanted. Each page holds entries, the proof of
/// the whole history's length and head, and the transactions. The registrations say who the staff are that asked,
/// without showing what else they did.
public struct Evidence: Hashable, Sendable {
    /// The version of the format: of a document with its scope the third, so that nobody who does not read the scope's
    /// history takes it for evidence without.
    public var version: UInt64 { subject.kind == .document && scope != nil ? 3 : 2 }
    /// The most bytes of a file.
    public static let maximumBytes = 256 << 20
    private static let maximumHistories = 65_536
    private static let maximumPages = 65_536
    private static let maximumBoundaries = 65_536
    private static let maximumRegistrations = 65_536

    /// The chain.
    public let chain: ChainID
    /// How the validators have changed since the genesis file, from the first change on.
    public let boundaries: [EpochBoundary]
    /// The pages of each history, from its first entry on.
    public let histories: [[EvidenceReply]]
    /// The transactions that registered the staff who asked, each once.
    public let registrations: [TransactionProof]

    /// What nodes answered, not yet judged.
    ///
    /// - Precondition: There is a history, and no history is without a page.
    public init(
        chain: ChainID, boundaries: [EpochBoundary] = [], histories: [[EvidenceReply]],
        registrations: [TransactionProof] = []
    ) {
        precondition(!histories.isEmpty && histories.allSatisfy { !$0.isEmpty }, "evidence is about something")
        self.chain = chain
        self.boundaries = boundaries
        self.histories = histories
        self.registrations = registrations
    }

    /// What the evidence is about.
    public var subject: Subject { histories[0][0].history.subject }

    /// Whose history stands beside a document's to show what the patient had denied.
    private var scope: Subject? {
        histories.dropFirst().lazy.map { $0[0].history.subject }.first { $0.kind == .scope }
    }
}

extension Evidence: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        let version = try reader.readUnsigned()
        chain = try reader.read()
        boundaries = try reader.readArray(max: Self.maximumBoundaries)
        let count = try reader.readArrayCount(max: Self.maximumHistories)
        guard count > 0 else { throw .invalid(field: "histories") }
        var histories: [[EvidenceReply]] = []
        for _ in 0..<count {
            let pages = try reader.readArray(of: EvidenceReply.self, max: Self.maximumPages)
            if pages.isEmpty { throw .invalid(field: "pages") }
            histories.append(pages)
        }
        self.histories = histories
        registrations = try reader.readArray(max: Self.maximumRegistrations)
        guard version == self.version else { throw .invalid(field: "evidence version") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(version)
        writer.write(chain)
        writer.write(array: boundaries)
        writer.beginArray(histories.count)
        for pages in histories { writer.write(array: pages) }
        writer.write(array: registrations)
    }
}
