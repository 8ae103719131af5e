internal import Codec
public import Cryptography

/// What a patient says about a document that gets a scope of its own, before the capsule's own secret signs it.
public struct ShareTerms: Hashable, Sendable {
    /// The document that an author committed.
    public var source: DocumentID
    /// The scope that it is put into as well.
    public var scope: ScopeID
    /// That scope's epoch.
    public var epoch: UInt64
    /// What the key seed that opens ``wrappedKey`` is opened from.
    public var capsule: Capsule
    /// The document's key, sealed for whoever can open the capsule and has the scope secret.
    public var wrappedKey: WrappedDocumentKey
    /// Sealed title, type and date, for the readers of this scope.
    public var metadata: ContentID

    /// What a patient says.
    public init(
        source: DocumentID, scope: ScopeID, epoch: UInt64, capsule: Capsule, wrappedKey: WrappedDocumentKey,
        metadata: ContentID
    ) {
        self.source = source
        self.scope = scope
        self.epoch = epoch
        self.capsule = capsule
        self.wrappedKey = wrappedKey
        self.metadata = metadata
    }

    /// The message of the binding signature: the operation's array without its last item.
    public var boundMessage: [UInt8] {
        var writer = CBORWriter(capacity: 384)
        writer.beginArray(ShareDocument.count - 1)
        writer.write(UInt64(Operation.Code.shareDocument.rawValue))
        encodeFields(to: &writer)
        return writer.bytes
    }

    fileprivate init(fieldsFrom reader: inout CBORReader) throws(DecodingFailure) {
        source = try reader.read()
        scope = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        capsule = try reader.read()
        wrappedKey = try reader.read()
        metadata = try reader.read()
    }

    fileprivate func encodeFields(to writer: inout CBORWriter) {
        writer.write(source)
        writer.write(scope)
        writer.write(epoch)
        writer.write(capsule)
        writer.write(wrappedKey)
        writer.write(metadata)
    }
}

/// Puts the same sealed content under a new capsule into another scope of the patient's, so that one document can be
/// granted alone. Signed by the keys of both scopes.
///
/// The content's manifest, size and key commitment stay the author's: whoever opens the share knows that it is what the
/// author committed.
///
/// `[17, source document, scope, epoch, capsule, wrapped key, metadata, binding signature]`
@dynamicMemberLookup
public struct ShareDocument: Hashable, Sendable {
    /// What the patient says.
    public let terms: ShareTerms
    /// Made with the capsule's own secret over ``ShareTerms/boundMessage``.
    public let bindingSignature: Signature

    /// - Parameter bind: Signs with the capsule's secret, as `{ encapsulation.bind($0) }` does.
    public init(_ terms: ShareTerms, bind: ([UInt8]) -> Signature) {
        self.terms = terms
        bindingSignature = bind(terms.boundMessage)
    }

    /// Reads a field of the terms.
    public subscript<Field>(dynamicMember field: KeyPath<ShareTerms, Field>) -> Field { terms[keyPath: field] }

    /// What the share makes.
    public var document: DocumentID { DocumentID(operationDigest) }
}

extension ShareDocument: OperationContent {
    var code: Operation.Code { .shareDocument }
    static var count: Int { 8 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        terms = try ShareTerms(fieldsFrom: &reader)
        bindingSignature = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        terms.encodeFields(to: &writer)
        writer.write(bindingSignature)
    }
}
