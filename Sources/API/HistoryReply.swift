public import Codec
public import Ledger

/// A part of a subject's history with the proof of its whole length and head: `[finality, subject, proof, from,
/// [entry…]]`.
///
/// A page alone proves nothing about its entries; all pages from 0 on, put together, must give the proved head
/// (``CompleteHistory``). Then nothing is missing.
public struct HistoryReply: Hashable, Sendable {
    /// The block whose state commits to the history.
    public let finality: FinalityProof
    /// Whose history.
    public let subject: Subject
    /// The subject's leaf.
    public let proof: StateProof
    /// The place of the first entry, from 0.
    public let from: UInt64
    /// The entries, in order; fewer than were asked for is no end.
    public let entries: [HistoryEntry]

    /// An answer.
    public init(finality: FinalityProof, subject: Subject, proof: StateProof, from: UInt64, entries: [HistoryEntry]) {
        self.finality = finality
        self.subject = subject
        self.proof = proof
        self.from = from
        self.entries = entries
    }

    /// Checks that the block is final and the leaf proved.
    ///
    /// - Returns: The length and head of the whole history; nothing when the subject does not exist.
    public func verify(_ trust: TrustAnchor) throws(ProofFailure) -> HistoryHead? {
        try finality.verify(trust)
        return try provedHead()
    }

    /// The head, all checked but that the block is final.
    package func provedHead() throws(ProofFailure) -> HistoryHead? {
        let value: [UInt8]?
        do {
            value = try proof.verify(root: finality.header.stateRoot, key: subject.stateKey)
        } catch { throw .state(error) }
        guard let value else { return nil }
        do {
            return try Self.head(inLeaf: value)
        } catch { throw .malformedLeaf(error) }
    }

    /// Every leaf is `[record, count, head]`, whatever the record.
    private static func head(inLeaf bytes: [UInt8]) throws(DecodingFailure) -> HistoryHead {
        var reader = CBORReader(bytes)
        try reader.readArray(count: 3)
        try reader.skip()
        let head = HistoryHead(count: try reader.readUnsigned(), digest: try reader.read())
        try reader.finish()
        return head
    }
}

extension HistoryReply: CBORCodable {
    /// Reads the five items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        finality = try reader.read()
        subject = try reader.read()
        proof = try reader.read()
        from = try reader.readUnsigned(max: UInt64(Int64.max))
        entries = try reader.readArray(max: HistoryRange.maximumLimit)
    }

    /// Appends the five items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(finality)
        writer.write(subject)
        writer.write(proof)
        writer.write(from)
        writer.write(array: entries)
    }
}

/// A history that is known to be complete: the pages from 0 on gave the head that a final state commits to.
public struct CompleteHistory: Hashable, Sendable {
    /// Whose history.
    public let subject: Subject
    /// The block whose state commits to it.
    public let header: BlockHeader
    /// All entries.
    public let entries: [HistoryEntry]

    /// Puts pages together.
    ///
    /// The history may have grown while the pages were fetched: the last page's head is the one that must come out.
    ///
    /// - Parameter pages: In order, from the first entry on, about one subject; each proof is checked here but the last
    ///   page's finality, which the caller has checked.
    /// - Returns: Nothing when the subject does not exist.
    public init?(subject: Subject, pages: [HistoryReply]) throws(ProofFailure) {
        guard let last = pages.last else { throw .missingLeaf }
        var head = HistoryHead.empty
        var entries: [HistoryEntry] = []
        for page in pages {
            guard page.subject == subject else { throw .wrongSubject }
            guard page.from == head.count else { throw .wrongHistory }
            for entry in page.entries { head.append(entry) }
            entries += page.entries
        }
        guard let proved = try last.provedHead() else { return nil }
        guard proved == head else { throw .wrongHistory }
        self.subject = subject
        self.entries = entries
        header = last.finality.header
    }
}

/// A part of a history with the transactions that it names: `[history, [transaction proof…]]`, the transactions in the
/// order in which the entries first name them.
public struct EvidenceReply: Hashable, Sendable {
    /// The entries.
    public let history: HistoryReply
    /// The transactions, each once.
    public let transactions: [TransactionProof]

    /// An answer.
    public init(history: HistoryReply, transactions: [TransactionProof]) {
        self.history = history
        self.transactions = transactions
    }
}

extension EvidenceReply: CBORCodable {
    /// Reads both items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        history = try reader.read()
        transactions = try reader.readArray(max: HistoryRange.maximumLimit)
    }

    /// Appends both items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(history)
        writer.write(array: transactions)
    }
}
