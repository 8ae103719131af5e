internal import Codec
public import Cryptography

/// What an author says about a sealed document, before the capsule's own secret signs it.
public struct DocumentTerms: Hashable, Sendable {
    /// The scope that the document belongs to.
    public var scope: ScopeID
    /// Its epoch.
    public var epoch: UInt64
    /// The author.
    public var organization: OrganizationID
    /// Who of the author's staff.
    public var staff: StaffID
    /// The sealed document.
    public var manifest: ContentID
    /// Bytes of the padded plaintext: a Padmé size.
    public var paddedSize: UInt64
    /// What the key seed is opened from.
    public var capsule: Capsule
    /// Commitment to the document key.
    public var keyCommitment: Digest
    /// The version that this one replaces.
    public var replaces: DocumentID?
    /// Sealed title, type and date.
    public var metadata: ContentID

    /// What an author says.
    public init(
        scope: ScopeID, epoch: UInt64, organization: OrganizationID, staff: StaffID, manifest: ContentID,
        paddedSize: UInt64, capsule: Capsule, keyCommitment: Digest, replaces: DocumentID?, metadata: ContentID
    ) {
        self.scope = scope
        self.epoch = epoch
        self.organization = organization
        self.staff = staff
        self.manifest = manifest
        self.paddedSize = paddedSize
        self.capsule = capsule
        self.keyCommitment = keyCommitment
        self.replaces = replaces
        self.metadata = metadata
    }

    /// The message of the binding signature: the operation's array without its last item.
    public var boundMessage: [UInt8] {
        var writer = CBORWriter(capacity: 512)
        writer.beginArray(CommitDocument.count - 1)
        writer.write(UInt64(Operation.Code.commitDocument.rawValue))
        encodeFields(to: &writer)
        return writer.bytes
    }

    fileprivate init(fieldsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        organization = try reader.read()
        staff = try reader.read()
        manifest = try reader.read()
        paddedSize = try reader.readUnsigned(max: UInt64(Int64.max))
        capsule = try reader.read()
        keyCommitment = try reader.read()
        replaces = try reader.readOptional()
        metadata = try reader.read()
    }

    fileprivate func encodeFields(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(epoch)
        writer.write(organization)
        writer.write(staff)
        writer.write(manifest)
        writer.write(paddedSize)
        writer.write(capsule)
        writer.write(keyCommitment)
        writer.write(optional: replaces)
        writer.write(metadata)
    }
}

/// Commits to a sealed document. Signed by the device of a member of the author's staff, and by the organisation where
/// their registration asks for it.
///
/// `[6, scope, epoch, organisation, staff, manifest, padded size, capsule, key commitment, replaced document or null,
/// metadata, binding signature]`
@dynamicMemberLookup
public struct CommitDocument: Hashable, Sendable {
    /// What the author says.
    public let terms: DocumentTerms
    /// Made with the capsule's own secret over ``DocumentTerms/boundMessage``, so that nobody moves the capsule.
    public let bindingSignature: Signature

    /// - Parameter bind: Signs with the capsule's secret, as `{ encapsulation.bind($0) }` does.
    public init(_ terms: DocumentTerms, bind: ([UInt8]) -> Signature) {
        self.terms = terms
        bindingSignature = bind(terms.boundMessage)
    }

    /// Reads a field of the terms.
    public subscript<Field>(dynamicMember field: KeyPath<DocumentTerms, Field>) -> Field { terms[keyPath: field] }

    /// What the commitment makes.
    public var document: DocumentID { DocumentID(operationDigest) }
}

extension CommitDocument: OperationContent {
    var code: Operation.Code { .commitDocument }
    static var count: Int { 12 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        terms = try DocumentTerms(fieldsFrom: &reader)
        bindingSignature = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        terms.encodeFields(to: &writer)
        writer.write(bindingSignature)
    }
}
