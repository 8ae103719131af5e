public import Codec
public import Cryptography

/// That a document is another one's content in a scope of its own: `[source document, source's scope, wrapped key]`,
/// beside the document's record because most have none.
public struct SharedDocumentRecord: StateRecord {
    public typealias ID = DocumentID
    public static var kind: StateKind { .sharedDocument }

    /// The document that an author committed.
    public var source: DocumentID
    /// Its scope, which the manifest was made for.
    public var sourceScope: ScopeID
    /// The document's key.
    public var wrappedKey: WrappedDocumentKey

    init(_ operation: ShareDocument, sourceScope: ScopeID) {
        source = operation.source
        self.sourceScope = sourceScope
        wrappedKey = operation.wrappedKey
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        source = try reader.read()
        sourceScope = try reader.read()
        wrappedKey = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(source)
        writer.write(sourceScope)
        writer.write(wrappedKey)
    }
}

extension LedgerReader {
    /// Whether a document has been erased: itself, or the one whose content it shares.
    public func isErased(_ id: DocumentID) -> Bool {
        guard let record = record(id, as: DocumentRecord.self) else { return false }
        if record.erased != nil { return true }
        guard let share = self.record(id, as: SharedDocumentRecord.self) else { return false }
        return self.record(share.source, as: DocumentRecord.self)?.erased != nil
    }
}
