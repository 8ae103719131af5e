public import API
public import Codec
public import Ledger

/// A file that proves complete histories to whoever has the genesis file, without any node:
/// `[version, chain, [[page…]…], [registration…]]`.
///
/// The first history is the subject's own; those of the grants under which it was asked for follow, so that each access
/// can be judged, and of an organisation those of its staff where they are wanted. Each page holds entries, the proof of
/// the whole history's length and head, and the transactions. The registrations say who the staff are that asked,
/// without showing what else they did.
public struct Evidence: Hashable, Sendable {
    /// The version of the format.
    public static let version: UInt64 = 2
    /// The version before, which knows no registrations; it is still read.
    private static let versionWithoutRegistrations: UInt64 = 1
    /// The most bytes of a file.
    public static let maximumBytes = 256 << 20
    private static let maximumHistories = 65_536
    private static let maximumPages = 65_536
    private static let maximumRegistrations = 65_536

    /// The chain.
    public let chain: ChainID
    /// The pages of each history, from its first entry on.
    public let histories: [[EvidenceReply]]
    /// The transactions that registered the staff who asked, each once.
    public let registrations: [TransactionProof]

    /// What nodes answered, not yet judged.
    ///
    /// - Precondition: There is a history, and no history is without a page.
    public init(chain: ChainID, histories: [[EvidenceReply]], registrations: [TransactionProof] = []) {
        precondition(!histories.isEmpty && histories.allSatisfy { !$0.isEmpty }, "evidence is about something")
        self.chain = chain
        self.histories = histories
        self.registrations = registrations
    }

    /// What the evidence is about.
    public var subject: Subject { histories[0][0].history.subject }
}

extension Evidence: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let items = try reader.readArrayCount(max: 4)
        let expected = items == 3 ? Self.versionWithoutRegistrations : Self.version
        guard items >= 3, try reader.readUnsigned() == expected else { throw .invalid(field: "evidence version") }
        chain = try reader.read()
        let count = try reader.readArrayCount(max: Self.maximumHistories)
        guard count > 0 else { throw .invalid(field: "histories") }
        var histories: [[EvidenceReply]] = []
        for _ in 0..<count {
            let pages = try reader.readArray(of: EvidenceReply.self, max: Self.maximumPages)
            if pages.isEmpty { throw .invalid(field: "pages") }
            histories.append(pages)
        }
        self.histories = histories
        registrations = items == 3 ? [] : try reader.readArray(max: Self.maximumRegistrations)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(Self.version)
        writer.write(chain)
        writer.beginArray(histories.count)
        for pages in histories { writer.write(array: pages) }
        writer.write(array: registrations)
    }
}
